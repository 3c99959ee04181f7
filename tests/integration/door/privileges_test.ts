import assert from "node:assert/strict";
import { append, checkpointLines } from "../../support/event_lines.ts";
import { fromFileUrl } from "../../support/file_url.ts";
import { freePort, type Program, runProgram, startProgram, taskFlags } from "../../support/program.ts";
import { copySampleHome, createScratch } from "../../support/scratch.ts";

const MAIN = fromFileUrl(new URL("../../../main.ts", import.meta.url));
const ROOT = fromFileUrl(new URL("../../../", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../../deno.json", import.meta.url));
const COUNTED = "prodigy_checkpoints_created_total";

/** What docs/security.md says is enough when paths and addresses are known. */
function narrowFlags(home: string, port: number, more: readonly string[] = []): readonly string[] {
  const state = `${home}/.local/state/prodigy-exporter`;
  return [
    `--allow-read=${[`${home}/.prodigy`, `${home}/.claude`, state, `${home}/exporter.toml`, ...more].join(",")}`,
    `--allow-write=${state}`,
    `--allow-net=127.0.0.1:${port},unix:${state}/prodigy-exporter.sock`,
    ...taskFlags("start").filter((flag) => !/^--allow-(read|write|net)/.test(flag)),
  ];
}

/** A home with all that narrow leave is given for. */
async function makeHome(home: string): Promise<void> {
  for (const directory of [".prodigy", ".claude", ".local/state/prodigy-exporter"]) {
    await Deno.mkdir(`${home}/${directory}`, { recursive: true });
  }
  await Deno.writeTextFile(`${home}/exporter.toml`, 'events.rescan_interval = "100ms"\n');
}

/** Sends lines to the socket and waits until they and those of a file are counted. */
async function exercise(program: Program, home: string): Promise<void> {
  append(`${home}/.prodigy/events/app/job-1/events.jsonl`, checkpointLines(5));
  const socket = await Deno.connect({ transport: "unix", path: program.socketPath });
  await socket.write(new TextEncoder().encode(checkpointLines(5)));
  socket.close();
  await program.untilValue(COUNTED, 10);
}

Deno.test("the program runs, restarts and reloads with leave for its own paths and addresses only", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  const port = freePort();
  await makeHome(home);
  const options = {
    home,
    port,
    run: ["run", "--quiet", "--config", CONFIG, ...narrowFlags(home, port), MAIN],
    args: ["--config", `${home}/exporter.toml`],
  };
  {
    await using program = await startProgram(options);
    await exercise(program, home);
    await Deno.writeTextFile(`${home}/exporter.toml`, 'log.level = "debug"\n');
    program.kill("SIGHUP");
    await program.untilValue('prodigy_exporter_reloads_total{result="success"}', 1);
    program.kill("SIGTERM");
    assert.equal(await program.exited, 0, program.log());
    assert.doesNotMatch(program.log(), /Requires|NotCapable|"level":"(error|warn)"/);
  }
  await using program = await startProgram(options);
  assert.equal(await program.value(COUNTED), 10);
});

Deno.test("the event store's thread needs to read the program, too", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  const port = freePort();
  await makeHome(home);
  const database = freePort();
  await using program = await startProgram({
    home,
    port,
    run: [
      "run",
      "--quiet",
      "--config",
      CONFIG,
      ...narrowFlags(home, port, [ROOT]).map((flag) =>
        flag.startsWith("--allow-net") ? `${flag},127.0.0.1:${database}` : flag
      ),
      MAIN,
    ],
    args: ["--config", `${home}/exporter.toml`, "--enable-postgres-storage"],
    env: {
      PRODIGY_POSTGRES_URL: `postgresql://127.0.0.1:${database}/x`,
      PRODIGY_METRICS_POSTGRES_FLUSH_INTERVAL_MS: "100",
    },
  });
  await exercise(program, home);
  await program.untilValue("prodigy_exporter_store_up", 0);
  assert.match((await program.get("/health")).body, /store: .*ECONNREFUSED/);
  assert.doesNotMatch(program.log(), /Requires|NotCapable|defect/);
});

Deno.test("once needs to read, and nothing else", async () => {
  using scratch = createScratch();
  copySampleHome("prodigy_home", scratch.path);
  const run = ["run", "--quiet", "--config", CONFIG, ...taskFlags("once"), MAIN];
  const { code, stdout, stderr } = await runProgram({ home: scratch.path, run }, "once");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^prodigy_mapreduce_items_total/m);
});

Deno.test("health with a URL needs the network, and nothing else", async () => {
  using scratch = createScratch();
  await using program = await startProgram({ home: scratch.path });
  // A broken configuration is none of its business then.
  await Deno.writeTextFile(`${scratch.path}/config.toml`, "not toml");
  const run = ["run", "--quiet", "--config", CONFIG, "--allow-net", "--no-prompt", MAIN];
  const result = await runProgram(
    { home: scratch.path, run },
    "health",
    "--url",
    `http://127.0.0.1:${program.port}`,
  );
  assert.deepEqual(result, { code: 0, stdout: "ok\n", stderr: "" });
});

Deno.test("health by default asks the address of the configuration", async () => {
  using scratch = createScratch();
  const port = freePort();
  await using _program = await startProgram({ home: scratch.path, port });
  const ask = (...args: readonly string[]): ReturnType<typeof runProgram> =>
    runProgram({ home: scratch.path, env: { PRODIGY_METRICS_PORT: String(port) } }, "health", ...args);
  assert.deepEqual(await ask(), { code: 0, stdout: "ok\n", stderr: "" });
  const nobody = await ask("--metrics-port", String(freePort()));
  assert.equal(nobody.code, 1);
  assert.match(nobody.stdout, /^http:\/\/127.0.0.1:\d+\/health: .*refused.*\n$/);
  assert.equal((await ask("--cert-file", "x.pem")).stdout, "--cert-file and --key-file belong together\n");
});

Deno.test("files are made for their owner alone, and the socket for its group too, whatever the umask", async () => {
  using scratch = createScratch();
  const state = `${scratch.path}/.local/state/prodigy-exporter`;
  const args = ["--state-snapshot-interval", "100ms", "--events-rescan-interval", "100ms"];
  await using program = await startProgram({ home: scratch.path, args, setUp: "umask 000" });
  await exercise(program, scratch.path);
  const socketMode = (await Deno.stat(program.socketPath)).mode ?? 0;
  program.kill("SIGTERM");
  assert.equal(await program.exited, 0);
  const names = (await Array.fromAsync(Deno.readDir(state))).map(({ name }) => name);
  assert.ok(names.includes("snapshot"), names.join(" "));
  const modeOf = async (path: string): Promise<number> => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  for (const name of names) assert.equal(await modeOf(`${state}/${name}`), 0o600, name);
  assert.equal(await modeOf(state), 0o700);
  assert.equal(socketMode & 0o777, 0o660);
});
