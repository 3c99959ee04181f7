import { join } from "node:path";

/** Lines as `sha256sum --check` reads them. */
export async function describeChecksums(directory: string, names: readonly string[]): Promise<string> {
  let text = "";
  for (const name of names.toSorted()) {
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(directory, name)));
    text += `${new Uint8Array(digest).toHex()}  ${name}\n`;
  }
  return text;
}
