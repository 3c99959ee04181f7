import { permissionFlags } from "./permissions.ts";

/**
 * V8 lets garbage pile up to several times what is in use before it collects it, which is no way to live beside what one
 * watches: resident memory would grow by two thirds within a million lines. It costs about a tenth of the speed of reading
 * (docs/performance.md).
 */
const MEMORY_FLAGS = ["--max-semi-space-size=8", "--heap-growing-percent=80"];

/** What the program runs with, wherever it does: flags of `deno run` and of `deno compile`. */
export function programFlags(): readonly string[] {
  return [`--v8-flags=${MEMORY_FLAGS.join(",")}`, ...permissionFlags()];
}
