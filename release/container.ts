import { join } from "node:path";
import { bundleProgram } from "./bundle.ts";
import { programFlags } from "./program_flags.ts";
import { readRevision } from "./revision.ts";
import { BuildError } from "./run.ts";

const LIBRARY = "usr/local/lib/prodigy-exporter";

/**
 * Lays out the files of the container image below a directory: the bundle, a command that runs it with what the
 * executable would be granted, and the directories that are written to.
 */
async function layOutImage(image: string): Promise<void> {
  const root = new URL("../", import.meta.url).pathname;
  for (const directory of [LIBRARY, "usr/local/bin", "home/prodigy/.prodigy", "home/prodigy/.claude"]) {
    await Deno.mkdir(join(image, directory), { recursive: true });
  }
  for (const shared of ["var/lib/prodigy-exporter", "run/prodigy-exporter"]) {
    await Deno.mkdir(join(image, shared), { recursive: true });
    // As /tmp: any user may run the container, and what one made is safe from others.
    await Deno.chmod(join(image, shared), 0o1777);
  }
  const revision = await readRevision(root, {
    commit: Deno.env.get("BUILD_COMMIT"),
    sourceDateEpoch: Deno.env.get("SOURCE_DATE_EPOCH"),
  });
  await bundleProgram(root, join(image, LIBRARY), revision);
  const command = join(image, "usr/local/bin/prodigy-exporter");
  await Deno.writeTextFile(command, describeCommand());
  await Deno.chmod(command, 0o755);
}

/** `exec`, so that signals reach the program. */
function describeCommand(): string {
  const flags = ["--quiet", "--no-config", "--no-lock", "--cached-only", "--no-code-cache", ...programFlags()];
  return `#!/bin/sh\nexec deno run ${flags.join(" ")} /${LIBRARY}/prodigy-exporter.mjs "$@"\n`;
}

if (import.meta.main) {
  const [image] = Deno.args;
  if (image === undefined) throw new BuildError("Usage: release/container.ts DIRECTORY");
  await layOutImage(image);
}
