/**
 * Appends lines to a file that may have other writers: one write for each line, at the end, so that lines do not mix.
 *
 * @param blocks lines without their newline.
 * @returns how many lines were written.
 * @throws {Error} with a message for a person when the file cannot be written.
 */
export async function appendLines(path: string, blocks: AsyncIterable<readonly string[]>): Promise<number> {
  try {
    using file = await Deno.open(path, { append: true, create: true });
    const encoder = new TextEncoder();
    let written = 0;
    for await (const lines of blocks) {
      for (const line of lines) {
        const bytes = encoder.encode(`${line}\n`);
        const length = await file.write(bytes);
        // Going on with the rest might put it behind another writer's line.
        if (length < bytes.length) throw new Error("the disk took a part of a line only");
        written += 1;
      }
    }
    return written;
  } catch (error) {
    throw new Error(`Cannot append to ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
