import assert from "node:assert/strict";
import { until } from "../../support/deadline.ts";
import { append, checkpointLines, eventLine } from "../../support/event_lines.ts";
import { type Program, startProgram } from "../../support/program.ts";
import { createScratch } from "../../support/scratch.ts";

const COUNTED = "prodigy_checkpoints_created_total";
const FAST = 'events.poll_interval = "20ms"\nevents.rescan_interval = "100ms"\n';

interface Rig extends AsyncDisposable {
  readonly program: Program;
  readonly home: string;
  /** Writes the configuration file. */
  configure(toml: string): void;
  /** How often the configuration was read anew, with this result. */
  reloads(result: "success" | "failed"): Promise<number | undefined>;
}

async function start(toml: string): Promise<Rig> {
  const scratch = createScratch();
  const home = scratch.path;
  const configure = (text: string): void => Deno.writeTextFileSync(`${home}/config.toml`, text);
  configure(toml);
  const program = await startProgram({ home });
  return {
    program,
    home,
    configure,
    reloads: (result) => program.value(`prodigy_exporter_reloads_total{result="${result}"}`),
    async [Symbol.asyncDispose](): Promise<void> {
      await program[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}

async function post(program: Program, headers: HeadersInit = {}): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${program.port}/-/reload`, { method: "POST", headers });
  return [response.status, await response.text()];
}

function startWorkflow(rig: Rig, name: string): void {
  const event = { event_type: "workflow_started", workflow_id: name, workflow_name: name };
  append(`${rig.home}/.prodigy/events/app/workflows/events.jsonl`, eventLine(event));
}

Deno.test("SIGHUP puts in force what can change, names what cannot, and neither a count nor a line is lost", async () => {
  await using rig = await start(`${FAST}cardinality.max_workflow_names = 1\n`);
  const { program, home, configure, reloads } = rig;
  const file = `${home}/.prodigy/events/app/job-1/events.jsonl`;
  append(file, checkpointLines(50));
  await program.untilValue(COUNTED, 50);
  startWorkflow(rig, "one");
  startWorkflow(rig, "two");
  await program.untilValue('prodigy_workflow_active{workflow_name="other"}', 1);

  configure(`${FAST}cardinality.max_workflow_names = 10\nbuckets.step = [1]\nserver.allowed_hosts = ["LOCALHOST"]\n`);
  append(file, checkpointLines(50));
  program.kill("SIGHUP");
  append(file, checkpointLines(50));
  await until("the new names are in force", async () => (await program.get("/metrics")).status === 421);
  const headers = { "x-prometheus-scrape-timeout-seconds": "10" };
  const localhost = await fetch(`http://localhost:${program.port}/metrics`, { headers });
  assert.equal(localhost.status, 200);
  await localhost.text();
  assert.match(program.log(), /"config_reloaded","changed":"server.allowed_hosts,cardinality.max_workflow_names"/);
  assert.match(program.log(), /"config_needs_restart","options":"buckets.step"/);

  configure(`${FAST}cardinality.max_workflow_names = 10\n`);
  program.kill("SIGHUP");
  await until("the names are gone again", async () => (await program.get("/metrics")).status === 200);
  await program.untilValue(COUNTED, 150);
  startWorkflow(rig, "three");
  await program.untilValue('prodigy_workflow_active{workflow_name="three"}', 1);
  assert.equal(await program.value('prodigy_workflow_active{workflow_name="one"}'), 1);
  assert.equal(await reloads("success"), 2);
  program.kill("SIGTERM");
  assert.equal(await program.exited, 0);
});

Deno.test("sources and prices follow a reload, too", async () => {
  const slow = 'events.rescan_interval = "1d"\nevents.poll_interval = "1d"\nsocket.max_connections = 1\n';
  await using rig = await start(slow);
  const { program, home, configure, reloads } = rig;
  const connect = (): Promise<Deno.UnixConn> => Deno.connect({ transport: "unix", path: program.socketPath });
  using first = await connect();
  const usage = { event_type: "claude_token_usage", agent_id: "a", input_tokens: 1_000_000, output_tokens: 0 };
  const line = eventLine({ ...usage, cache_tokens: 0, model: "my-model" });
  await first.write(new TextEncoder().encode(line));
  await program.untilValue('prodigy_claude_unpriced_tokens_total{model="my-model"}', 1_000_000);
  {
    using second = await connect();
    assert.equal(await second.read(new Uint8Array(1)), null, "there is room for one only");
  }
  append(`${home}/.prodigy/events/app/job-1/events.jsonl`, checkpointLines(10));

  configure(`${FAST}socket.max_connections = 2
    [claude.prices.my-model]
    input = 3
    output = 15
    cache_write_5m = 4
    cache_write_1h = 6
    cache_read = 0.3
  `);
  program.kill("SIGHUP");
  await until("it is reloaded", async () => await reloads("success") === 1);
  using second = await connect();
  await second.write(new TextEncoder().encode(eventLine({ ...usage, cache_tokens: 0, model: "my-model" })));
  await program.untilValue('prodigy_claude_cost_usd_total{model="my-model"}', 3);
  await program.untilValue(COUNTED, 10);
});

Deno.test("a bad file leaves the old configuration in force, and is told and counted", async () => {
  await using rig = await start(`${FAST}server.reload_enabled = true\nserver.allowed_hosts = []\n`);
  const { program, home, configure, reloads } = rig;
  const ok = "prodigy_exporter_config_last_reload_successful";
  assert.equal(await program.value(ok), 1);
  for (
    const bad of ["log.level = 7\nserver.allowed_hosts = [1]\n", "not toml", 'no.such = "option"\nmetrics.no = 1\n']
  ) {
    configure(`server.max_concurrent_scrapes = 1\n${bad}`);
    const [status, text] = await post(program);
    assert.equal(status, 422, bad);
    assert.match(text, /^Not reloaded: (1 problem|2 problems), which the log tells.\n$/);
    assert.ok(!text.includes(home));
  }
  assert.equal(await program.value(ok), 0);
  assert.equal(await reloads("failed"), 3);
  assert.match(
    program.log(),
    /"config_not_reloaded","origin":"[^"]*config.toml","line":2,"column":\d+,"problem":"Cannot use log.level/,
  );

  configure(`${FAST}server.reload_enabled = true\nlog.level = "debug"\n`);
  assert.deepEqual(await post(program), [200, "Reloaded.\nchanged: log.level\n"]);
  assert.equal(await program.value(ok), 1);
  assert.equal((await post(program, { origin: "https://elsewhere.example" }))[0], 403);

  configure(FAST);
  assert.equal((await post(program))[0], 200);
  assert.equal((await post(program))[0], 403, "it was switched off");
  const file = `${home}/.prodigy/events/app/job-1/events.jsonl`;
  append(file, checkpointLines(10));
  await program.untilValue(COUNTED, 10);
});

Deno.test("/-/reload is shut unless it was opened", async () => {
  await using rig = await start("");
  const [status, text] = await post(rig.program);
  assert.deepEqual([status, text], [403, "Not enabled: see server.reload_enabled.\n"]);
  assert.equal(await rig.reloads("success"), 0);
});
