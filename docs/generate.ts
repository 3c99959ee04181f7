import { generatedFiles } from "./generated_files.ts";

/** Writes every generated file: `deno task generate`, after a change to a table, an option or a board. */
if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  for (const { path, text } of generatedFiles()) {
    await Deno.writeTextFile(new URL(path, root), text);
  }
}
