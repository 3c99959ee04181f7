import assert from "node:assert/strict";
import { environmentNames } from "../../lib/config/option_names.ts";
import { VERSION } from "../../lib/version.ts";
import { build, type Built } from "../../release/build.ts";
import { describeMaterials } from "../../release/sbom.ts";
import { isTarget } from "../../release/targets.ts";
import { bakedFlags, type CompiledArtifact, readCompiledArtifact } from "../support/compiled_artifact.ts";
import { append, checkpointLines, eventLine } from "../support/event_lines.ts";
import { until } from "../support/deadline.ts";
import { POSTGRES_MISSING, startPostgres } from "../support/postgres_server.ts";
import { fromFileUrl } from "../support/file_url.ts";
import { type Finished, freePort, type Program, runProgram, startProgram } from "../support/program.ts";
import { copySampleHome, createScratch } from "../support/scratch.ts";
import { runTool } from "../support/tool.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const CHECKPOINTS = "prodigy_checkpoints_created_total";
const { target } = Deno.build;

/**
 * Where Deno's runtime cannot be downloaded, Deno itself stands in for it: the file then holds all it should and does
 * not run. What it holds is taken out and run with exactly what it was granted.
 */
const isStandIn = Deno.env.get("DENORT_BIN") === undefined;

interface Executable extends Disposable {
  readonly built: Built;
  readonly directory: string;
  readonly path: string;
  readonly artifact: CompiledArtifact;
  /** Arguments of deno that run what is in the file. */
  readonly run: readonly string[];
}

async function buildExecutable(root: string): Promise<Executable> {
  assert.ok(isTarget(target), `there is no executable for ${target}`);
  const scratch = createScratch();
  if (isStandIn) Deno.env.set("DENORT_BIN", Deno.execPath());
  try {
    const directory = `${scratch.path}/dist`;
    const options = {
      root,
      outDirectory: directory,
      targets: [target],
      given: { commit: undefined, sourceDateEpoch: "1795478643" },
      onStep: () => {},
    };
    const built = await build(options);
    const path = `${directory}/${built.executables[0]}`;
    const artifact = readCompiledArtifact(await Deno.readFile(path));
    const entry = `${scratch.path}/${artifact.metadata.entrypoint_key}`;
    for (const [name, bytes] of artifact.files) await Deno.writeFile(`${scratch.path}/${name}`, bytes);
    const run = ["run", "--no-config", "--no-lock", "--cached-only", ...bakedFlags(artifact.metadata), entry];
    return { built, directory, path, artifact, run, [Symbol.dispose]: () => scratch[Symbol.dispose]() };
  } finally {
    if (isStandIn) Deno.env.delete("DENORT_BIN");
  }
}

/** Made once: a file of a hundred megabytes takes its time. Removed with the process's other leftovers below. */
let shared: Executable | null = null;
async function executable(): Promise<Executable> {
  return shared ??= await buildExecutable(ROOT);
}
Deno.test.afterAll(() => shared?.[Symbol.dispose]());

async function send(program: Program, text: string): Promise<void> {
  using connection = await Deno.connect({ transport: "unix", path: program.socketPath });
  await connection.write(new TextEncoder().encode(text));
}

Deno.test("the executable is granted what the options need, and nothing more", async () => {
  const { artifact: { metadata } } = await executable();
  const { env: variables, ...flags } = Object.fromEntries(
    bakedFlags(metadata).map((flag) => [flag.replace(/^--(allow-)?/, "").split("=")[0], flag]),
  );
  assert.deepEqual(
    variables?.slice("--allow-env=".length).split(",").sort(),
    [...environmentNames(), "LISTEN_FDS", "LISTEN_PID"].sort(),
  );
  const { import: imports, "v8-flags": engine, ...others } = flags;
  // After those that Deno gives every program.
  assert.match(String(engine), /,--max-semi-space-size=8,--heap-growing-percent=80$/);
  // Deno's own default, which --deny-import overrules.
  assert.match(String(imports), /^--allow-import=/);
  assert.deepEqual(others, {
    "ignore-env": "--ignore-env",
    read: "--allow-read",
    write: "--allow-write",
    net: "--allow-net",
    sys: "--allow-sys=uid,hostname",
    "deny-import": "--deny-import",
    "no-prompt": "--no-prompt",
  });
});

Deno.test("the executable holds the program, without arguments, variables, packages or paths of the machine", async () => {
  const { artifact } = await executable();
  const { metadata, files } = artifact;
  assert.deepEqual([...files.keys()], ["prodigy-exporter.mjs"]);
  assert.deepEqual([metadata.argv, metadata.env_vars_from_env_file], [[], {}]);
  assert.deepEqual([artifact.npmSnapshotBytes, artifact.remoteModules], [0, 0]);
  const text = new TextDecoder().decode(files.get("prodigy-exporter.mjs"));
  const map = new TextDecoder().decode(Uint8Array.fromBase64(text.slice(text.lastIndexOf("base64,") + 7).trim()));
  for (const trace of [ROOT, Deno.env.get("HOME") ?? "/root", "/npm/registry"]) {
    assert.ok(!text.includes(trace) && !map.includes(trace), trace);
  }
  const { sources } = JSON.parse(map);
  assert.ok(sources.includes("main.ts") && sources.includes("lib/exporter.ts"), `${sources.slice(0, 9)}`);
  assert.deepEqual(sources.filter((source: string) => !/^(main\.ts|lib\/|npm:)/.test(source)), []);
});

Deno.test("the executable tells its version, commit and day, and shows them in build_info", async () => {
  const { run, built: { revision } } = await executable();
  using scratch = createScratch();
  const { stdout } = await runProgram({ home: scratch.path, run }, "--version");
  assert.equal(
    stdout,
    `prodigy-exporter ${VERSION} (commit ${revision.commit}, ${revision.date}, deno ${Deno.version.deno})\n`,
  );
  const once = await runProgram({ home: scratch.path, run }, "once");
  const labels = `version="${VERSION}",commit="${revision.commit}",commit_date="${revision.date}"`;
  assert.ok(
    once.stdout.includes(`\nprodigy_exporter_build_info{${labels},deno="${Deno.version.deno}"} 1\n`),
    once.stderr,
  );
});

Deno.test("the executable's program reads a home once", async () => {
  const { run } = await executable();
  using scratch = createScratch();
  copySampleHome("prodigy_home", scratch.path);
  const [built, source] = await Promise.all([
    runProgram({ home: scratch.path, run }, "once"),
    runProgram({ home: scratch.path }, "once"),
  ]);
  const counts = (text: string): string =>
    text.split("\n").filter((line) => /^prodigy_(?!exporter_b)/.test(line)).join("\n");
  assert.deepEqual([built.code, built.stderr], [0, source.stderr]);
  assert.equal(counts(built.stdout), counts(source.stdout));
});

Deno.test("the executable's program tails, listens, tells its health, and goes on after kill -9", async () => {
  const { run } = await executable();
  using scratch = createScratch();
  const home = scratch.path;
  const path = `${home}/.prodigy/events/app/job-1/events-20261124_000000.jsonl`;
  append(path, checkpointLines(3));
  const args = ["--state-snapshot-interval", "100ms", "--log-level", "debug"];
  {
    await using program = await startProgram({ home, run, args });
    await program.untilValue(CHECKPOINTS, 3);
    append(path, checkpointLines(4));
    await program.untilValue(CHECKPOINTS, 7);
    await send(program, checkpointLines(5));
    await program.untilValue(CHECKPOINTS, 12);
    const health = await program.get("/health");
    assert.equal(health.status, 200, health.body);
    program.kill("SIGKILL");
    await program.exited;
    assert.doesNotMatch(program.log(), /"level":"(warn|error)"|NotCapable/);
  }
  append(path, checkpointLines(1));
  await using program = await startProgram({ home, run, args });
  await program.untilValue(CHECKPOINTS, 13);
  program.kill("SIGTERM");
  assert.equal(await program.exited, 0, program.log());
});

Deno.test("the executable's program writes a backfill and sends an event", async () => {
  const { run } = await executable();
  using scratch = createScratch();
  const home = scratch.path;
  append(
    `${home}/.prodigy/events/a/b/events-20261124_000000.jsonl`,
    eventLine({
      event_type: "workflow_completed",
      workflow_id: "w",
      workflow_name: "nightly",
      status: "success",
      duration: 2,
    }, new Date(Date.now() - 60_000)),
  );
  const backfill = await runProgram({ home, run }, "backfill", "--out", `${home}/past`);
  assert.deepEqual([backfill.code, backfill.stderr], [0, ""]);
  await using program = await startProgram({ home, run });
  const emitted = await runProgram({ home, run }, "emit", "claude_error", "--error_type", "rate_limit");
  assert.deepEqual([emitted.code, emitted.stderr], [0, ""]);
  await program.untilValue('prodigy_claude_errors_total{error_type="rate_limit"}', 1);
});

Deno.test("the executable's program serves TLS, and asks how a running one is", async () => {
  const { run } = await executable();
  using scratch = createScratch();
  const home = scratch.path;
  const web = `${home}/web.yml`;
  const pem = (name: string): string => `${ROOT}tests/support/data/tls/${name}`;
  await Deno.writeTextFile(
    web,
    `tls_server_config: { cert_file: "${pem("server.pem")}", key_file: "${pem("server.key")}" }\n`,
  );
  const port = freePort();
  await using program = await startProgram({ home, run, port, args: ["--web-config-file", web] });
  const ask = (...args: readonly string[]): Promise<Finished> =>
    runProgram({ home, run }, "health", "--url", `https://localhost:${port}`, ...args);
  const trusting = await until("it is well", async () => {
    const answer = await ask("--ca-file", pem("authority.pem"));
    return answer.code === 0 ? answer : null;
  }).catch((error) => {
    throw new Error(program.log(), { cause: error });
  });
  assert.equal(trusting.stdout + trusting.stderr, "ok\n");
  assert.equal((await ask()).code, 1, "an unknown authority");
});

Deno.test({
  name: "the executable's program writes to PostgreSQL",
  ignore: POSTGRES_MISSING !== null,
  fn: async (): Promise<void> => {
    const { run } = await executable();
    using scratch = createScratch();
    await using server = await startPostgres();
    await using database = await server.createDatabase();
    const env = { PRODIGY_POSTGRES_URL: database.url };
    const args = ["--enable-postgres-storage", "--metrics-postgres-flush-interval-ms", "50"];
    await using program = await startProgram({ home: scratch.path, run, env, args });
    await send(
      program,
      eventLine({
        event_type: "workflow_completed",
        workflow_id: "w",
        workflow_name: "nightly",
        status: "success",
        duration: 2,
      }),
    );
    const count = async (): Promise<boolean> => {
      const rows = await database.sql`SELECT 1 FROM workflow_executions WHERE workflow_name = 'nightly'`;
      return rows.length === 1;
    };
    await until("the run is in the database", count).catch((error) => {
      throw new Error(program.log(), { cause: error });
    });
  },
});

Deno.test("the same source gives the same bytes, wherever it lies", async () => {
  using scratch = createScratch();
  const copies = [`${scratch.path}/one`, `${scratch.path}/two/deeper/down`];
  for (const copy of copies) {
    await Deno.mkdir(copy, { recursive: true });
    for (const name of ["main.ts", "lib", "deno.json", "deno.lock"]) {
      assert.equal((await runTool("cp", ["-r", `${ROOT}${name}`, copy])).code, 0);
    }
  }
  const sums: string[] = [];
  for (const copy of copies) {
    using made = await buildExecutable(copy);
    assert.deepEqual(made.built.revision, { commit: "unknown", date: "2026-11-24" });
    sums.push(await Deno.readTextFile(`${made.directory}/SHA256SUMS`));
  }
  assert.equal(sums[0], sums[1]);
});

Deno.test("deno task compile says what to do when the runtime cannot be had, or is none", async () => {
  using scratch = createScratch();
  const compile = async (runtime: string): Promise<string> => {
    const args = ["task", "compile", "--out", `${scratch.path}/dist`];
    const { stderr } = await runTool(Deno.execPath(), args, { cwd: ROOT, env: { DENORT_BIN: runtime, NO_COLOR: "1" } });
    return stderr;
  };
  assert.match(await compile(`${scratch.path}/missing`), /Cannot compile for \S+:[^]*DENORT_BIN=\/path\/to\/denort/);
  assert.match(await compile(Deno.execPath()), /holds the program but does not run it: .*DENORT_BIN.*denort/);
});

Deno.test("the checksums are those of the files beside them", async () => {
  const { directory, built } = await executable();
  const { code, stdout, stderr } = await runTool("sha256sum", ["--check", "SHA256SUMS"], { cwd: directory });
  assert.equal(code, 0, stderr);
  const checked = [...built.executables, ...built.others].filter((name) => name !== "SHA256SUMS").sort();
  assert.deepEqual(stdout.trimEnd().split("\n"), checked.map((name) => `${name}: OK`));
});

Deno.test("the bill of materials names every package in the bundle, with its hash", async () => {
  const { directory } = await executable();
  const bom = JSON.parse(await Deno.readTextFile(`${directory}/prodigy-exporter.cdx.json`));
  assert.deepEqual([bom.bomFormat, bom.specVersion, bom.metadata.component.name], [
    "CycloneDX",
    "1.6",
    "prodigy-exporter",
  ]);
  const lock = JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`));
  const names: string[] = [];
  for (const { name, version, hashes, type } of bom.components) {
    names.push(name);
    if (type === "platform") continue;
    const integrity = `sha512-${Uint8Array.fromHex(hashes[0].content).toBase64()}`;
    assert.equal(integrity, lock.npm[`${name}@${version}`].integrity, name);
  }
  // What the program imports, with what that imports; nothing that only tests use.
  for (const name of ["deno", "prom-client", "postgres", "smol-toml"]) assert.ok(names.includes(name), name);
  // Of prom-client only its registry, without what its summaries and its own metrics need.
  for (const name of ["fast-check", "ajv", "playwright-core", "tdigest", "@opentelemetry/api"]) {
    assert.ok(!names.includes(name), name);
  }
});

Deno.test("the bill of materials says which package another one needs", async () => {
  const lock = JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`));
  const packages = [{ name: "tdigest", version: "0.1.3" }, { name: "bintrees", version: "1.0.2" }];
  const bom = JSON.parse(describeMaterials(packages, lock, { version: VERSION, denoVersion: Deno.version.deno }));
  const needs = bom.dependencies.find(({ ref }: { readonly ref: string }) => ref === "pkg:npm/tdigest@0.1.3");
  assert.deepEqual(needs.dependsOn, ["pkg:npm/bintrees@1.0.2"]);
});

// With a stand-in there is nothing to run, and `deno task compile` says so.
if (!isStandIn) {
  Deno.test("the executable itself answers", async () => {
    const { path } = await executable();
    const { stdout } = await runTool(path, ["--version"]);
    assert.match(stdout, new RegExp(`^prodigy-exporter ${VERSION} `));
  });
}
