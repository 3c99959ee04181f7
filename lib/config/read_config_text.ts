/** Far beyond any configuration; a wrong path must not fill the memory. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/**
 * The text of a configuration file.
 *
 * @throws {Deno.errors.NotFound} nothing is at `path`.
 * @throws {TypeError} it is no regular file, too large, or not UTF-8.
 * @throws {Error} any other fault of the file system.
 */
export function readConfigText(path: string): string {
  // Asked first, because opening a FIFO waits for a writer.
  if (!Deno.statSync(path).isFile) throw new TypeError("it must be a regular file");
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(MAX_CONFIG_BYTES + 1);
  let length = 0;
  for (let read: number | null = 0; read !== null && length < bytes.length; length += read ?? 0) {
    read = file.readSync(bytes.subarray(length));
  }
  if (length > MAX_CONFIG_BYTES) throw new TypeError(`it must be at most ${MAX_CONFIG_BYTES} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError("it must be UTF-8", { cause: error });
    throw error;
  }
}
