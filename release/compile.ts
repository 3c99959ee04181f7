import { parseArgs } from "@std/cli/parse-args";
import { join, resolve } from "node:path";
import { build } from "./build.ts";
import { BuildError, run } from "./run.ts";
import { isTarget, TARGETS } from "./targets.ts";

const USAGE = `Usage: deno task compile [--target TARGET]... [--out DIRECTORY]

Builds the executable into ./dist, for this machine or for each TARGET:
${TARGETS.map((target) => `  ${target}\n`).join("")}`;

/** `deno task compile`. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArgs([...args], { string: ["target", "out"], boolean: ["help"], collect: ["target"] });
  const given = parsed["target"];
  const named = Array.isArray(given) && given.length > 0 ? given.map(String) : [Deno.build.target];
  const targets = named.filter(isTarget);
  if (parsed["help"] === true || targets.length < named.length || parsed._.length > 0) {
    write(USAGE);
    return parsed["help"] === true ? 0 : 2;
  }
  const root = new URL("../", import.meta.url).pathname;
  const outDirectory = typeof parsed["out"] === "string" ? resolve(parsed["out"]) : join(root, "dist");
  const built = await build({
    root,
    outDirectory,
    targets,
    given: { commit: Deno.env.get("BUILD_COMMIT"), sourceDateEpoch: Deno.env.get("SOURCE_DATE_EPOCH") },
    onStep: (text) => write(`${text}\n`),
  });
  for (const name of [...built.executables, ...built.others]) write(`  ${join(outDirectory, name)}\n`);
  await tryOut(outDirectory, built.executables);
  return 0;
}

/** Says so when what was made for this machine does not run, as with a stand-in for Deno's runtime. */
async function tryOut(outDirectory: string, executables: readonly string[]): Promise<void> {
  const own = executables.find((name) => name.endsWith(Deno.build.target));
  if (own === undefined) return;
  const { stdout } = await run(join(outDirectory, own), ["--version"]);
  if (stdout.startsWith("prodigy-exporter ")) return;
  write("This file holds the program but does not run it: what DENORT_BIN names is not Deno's runtime (denort).\n");
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    write(`${error.message}\n`);
    Deno.exit(1);
  }
}
