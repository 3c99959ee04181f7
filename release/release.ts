import { join } from "node:path";
import { VERSION } from "../lib/version.ts";
import { build, type Built } from "./build.ts";
import { changesOf } from "./changelog.ts";
import { readRevision } from "./revision.ts";
import { BuildError, run } from "./run.ts";
import { TARGETS } from "./targets.ts";

/** `deno task release`: builds for all targets from a clean commit, and says how to go on. Signs and sends nothing. */
async function main(): Promise<void> {
  const root = new URL("../", import.meta.url).pathname;
  // Of a repository alone: what is released is a commit.
  const given = { commit: undefined, sourceDateEpoch: undefined };
  const { commit } = await readRevision(root, given);
  if (commit.endsWith("-dirty")) throw new BuildError("Cannot release as files were changed since the last commit");
  const changes = changesOf(await Deno.readTextFile(join(root, "CHANGELOG.md")), VERSION);
  if (changes === null) throw new BuildError(`Cannot release as CHANGELOG.md says nothing of ${VERSION}`);

  const outDirectory = join(root, "dist");
  await Deno.remove(outDirectory, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const built = await build({
    root,
    outDirectory,
    targets: TARGETS,
    given,
    onStep: (text) => write(`${text}\n`),
  });
  await Deno.writeTextFile(join(outDirectory, "CHANGES.md"), `${changes}\n`);
  await tryOut(outDirectory, built);
  write(describeNextSteps(built));
}

/** The one executable that can be run here must say what it is. @throws {BuildError} */
async function tryOut(outDirectory: string, { executables, revision }: Built): Promise<void> {
  const own = executables.find((name) => name.endsWith(Deno.build.target));
  if (own === undefined) return;
  const { stdout } = await run(join(outDirectory, own), ["--version"]);
  if (stdout.startsWith(`prodigy-exporter ${VERSION} (commit ${revision.commit}, `)) return;
  throw new BuildError(`Cannot release ${own} as it does not run: it answers ${JSON.stringify(stdout)}`);
}

function describeNextSteps({ revision }: Built): string {
  const tag = `v${VERSION}`;
  return `
dist/ holds ${tag}, of commit ${revision.commit}. Nothing is signed or sent. To go on:

  git tag --sign ${tag} ${revision.commit} && git push origin ${tag}
  gpg --armor --detach-sign dist/SHA256SUMS
  gh release create ${tag} --verify-tag --notes-file dist/CHANGES.md dist/prodigy-exporter* dist/SHA256SUMS*

Whoever downloads it checks:

  gpg --verify SHA256SUMS.asc SHA256SUMS && sha256sum --check --ignore-missing SHA256SUMS
`;
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    write(`${error.message}\n`);
    Deno.exit(1);
  }
}
