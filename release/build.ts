import { join } from "node:path";
import { VERSION } from "../lib/version.ts";
import { bundleProgram } from "./bundle.ts";
import { describeChecksums } from "./checksums.ts";
import { programFlags } from "./program_flags.ts";
import { type GivenRevision, readRevision, type Revision } from "./revision.ts";
import { BuildError, run } from "./run.ts";
import { describeMaterials, type LockFile } from "./sbom.ts";
import { DENO_VERSION, executableName, type Target } from "./targets.ts";

export interface BuildOptions {
  readonly root: string;
  readonly outDirectory: string;
  readonly targets: readonly Target[];
  readonly given: GivenRevision;
  /** Says what is being done. */
  readonly onStep: (text: string) => void;
}

export interface Built {
  readonly revision: Revision;
  /** Names in the output directory. */
  readonly executables: readonly string[];
  readonly others: readonly string[];
}

/** Builds executables for these targets, with checksums and a bill of materials. @throws {BuildError} */
export async function build(options: BuildOptions): Promise<Built> {
  const { root, outDirectory, onStep } = options;
  if (Deno.version.deno !== DENO_VERSION) {
    throw new BuildError(`Cannot build with Deno ${Deno.version.deno} as ${DENO_VERSION} goes into the executable`);
  }
  await Deno.mkdir(outDirectory, { recursive: true });
  const revision = await readRevision(root, options.given);
  onStep(`bundle (commit ${revision.commit}, ${revision.date})`);
  const bundle = await bundleProgram(root, outDirectory, revision);
  const executables: string[] = [];
  for (const target of options.targets) {
    onStep(`compile for ${target}`);
    const name = executableName(target);
    await compile(bundle.path, join(outDirectory, name), target);
    executables.push(name);
  }
  const materials = "prodigy-exporter.cdx.json";
  // Deno's own file, whose shape its version 5 fixes.
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock"))) as LockFile;
  const about = { version: VERSION, denoVersion: DENO_VERSION };
  await Deno.writeTextFile(join(outDirectory, materials), describeMaterials(bundle.packages, lock, about));
  const others = ["prodigy-exporter.mjs", materials];
  const checksums = await describeChecksums(outDirectory, [...executables, ...others]);
  await Deno.writeTextFile(join(outDirectory, "SHA256SUMS"), checksums);
  return { revision, executables, others: [...others, "SHA256SUMS"] };
}

async function compile(bundlePath: string, out: string, target: Target): Promise<void> {
  const { code, stderr } = await run(Deno.execPath(), [
    "compile",
    "--quiet",
    "--no-config",
    "--no-lock",
    "--no-check",
    // Else it would read and write a cache in the temporary directory, whoever that belongs to.
    "--no-code-cache",
    ...programFlags(),
    "--target",
    target,
    "-o",
    out,
    bundlePath,
  ]);
  if (code !== 0) throw new BuildError(describeFailure(stderr, target));
}

function describeFailure(stderr: string, target: Target): string {
  const isDownload = /denort|download|dns|connect|sending request|unreachable/i.test(stderr);
  const advice = isDownload
    ? `\nDeno downloads its runtime for ${target} from its own host. Where that cannot be reached, get\n` +
      `denort of Deno ${DENO_VERSION} for ${target} in another way and name it: DENORT_BIN=/path/to/denort`
    : "";
  return `Cannot compile for ${target}:\n${stderr.trim()}${advice}`;
}
