import { join } from "node:path";
import { portableBundle } from "./portable_bundle.ts";
import type { Revision } from "./revision.ts";
import { BuildError, run } from "./run.ts";

/** An npm package whose code is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
}

export interface Bundle {
  readonly path: string;
  readonly packages: readonly BundledPackage[];
}

/**
 * Makes one file of the program and all it imports.
 *
 * Why not compile main.ts itself: Deno's compiler overflows its stack on a two megabyte test file that a dependency of
 * prom-client ships. And a bundle holds what is used, where the compiler embeds whole packages.
 *
 * @throws {BuildError}
 */
export async function bundleProgram(
  root: string,
  outDirectory: string,
  revision: Revision,
): Promise<Bundle> {
  const path = join(outDirectory, "prodigy-exporter.mjs");
  const raw = await Deno.makeTempDir({ dir: outDirectory, prefix: ".bundle-" });
  try {
    const out = join(raw, "bundle.mjs");
    // Not minified: class names are shown in logs. The source map gives stack traces their TypeScript lines.
    const args = ["bundle", "--quiet", "--frozen", "--sourcemap=inline", "-o", out, "main.ts"];
    const { code, stderr } = await run(Deno.execPath(), args, { cwd: root });
    if (code !== 0) throw new BuildError(`Cannot bundle the program:\n${stderr}`);
    const { text, packages } = portableBundle(await Deno.readTextFile(out), { root, directory: raw, revision });
    await Deno.writeTextFile(path, text);
    // The compiler embeds the file's time, too.
    const modified = revision.date === "unknown" ? new Date(0) : new Date(revision.date);
    await Deno.utime(path, modified, modified);
    return { path, packages };
  } finally {
    await Deno.remove(raw, { recursive: true });
  }
}
