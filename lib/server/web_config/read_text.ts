import { WebConfigError } from "./web_config.ts";

/** A web configuration and certificates are some kilobytes. */
const FILE_MAX_BYTES = 1024 * 1024;

/** The text of a web configuration, or of a file it names. @throws {WebConfigError} */
export function readWebConfigText(path: string): string {
  try {
    // A FIFO would block for ever, and a device never end.
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) throw new WebConfigError([`${path} is not a file`]);
    if (size > FILE_MAX_BYTES) throw new WebConfigError([`${path} is larger than ${FILE_MAX_BYTES} bytes`]);
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof WebConfigError) throw error;
    const reason = error instanceof Error ? error.name : String(error);
    throw new WebConfigError([`cannot read ${path}: ${reason}`], { cause: error });
  }
}
