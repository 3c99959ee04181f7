import assert from "node:assert/strict";
import { type BackfillFlags, runBackfill } from "../../lib/backfill_command.ts";
import { loadInvocation } from "../../lib/config/load.ts";
import type { Config } from "../../lib/config/options.ts";
import { append, eventLine } from "../support/event_lines.ts";
import { RunSimulator } from "../support/run_simulator.ts";
import { copySampleHome, createScratch } from "../support/scratch.ts";

const NOW_MS = Date.parse("2026-11-25T09:00:07Z");
const LOG = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

function invoke(home: string, args: readonly string[]): { readonly config: Config; readonly flags: BackfillFlags } {
  const invocation = loadInvocation({
    args: ["backfill", "--out", `${home}/out`, "--prodigy-home", `${home}/.prodigy`, ...args],
    env: () => undefined,
    readTextFile: () => {
      throw new Deno.errors.NotFound();
    },
    homeDirectory: home,
    currentDirectory: home,
  });
  if ("problems" in invocation || invocation.command !== "backfill") throw new Error(JSON.stringify(invocation));
  return { config: invocation.resolved.config, flags: invocation.commandFlags };
}

type Samples = readonly (readonly [atSeconds: number, value: number])[];

/** All samples of all files, by series. */
async function backfill(home: string, ...args: readonly string[]): Promise<ReadonlyMap<string, Samples>> {
  const { config, flags } = invoke(home, args);
  const result = await runBackfill(config, flags, { log: LOG, now: () => NOW_MS, homeDirectory: home });
  assert.ok("text" in result, JSON.stringify(result));
  const series = new Map<string, (readonly [number, number])[]>();
  const files = await Array.fromAsync(Deno.readDir(`${home}/out`));
  for (const { name } of files.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const windowMs = Date.parse(name.replace(/^prodigy-(....)(..)(..)T(..)(..)Z.om$/, "$1-$2-$3T$4:$5:00Z"));
    for (const line of (await Deno.readTextFile(`${home}/out/${name}`)).split("\n")) {
      const [, key, value, at] = /^([^#].*) (\S+) (\S+)$/.exec(line) ?? [];
      if (key === undefined) continue;
      const offsetMs = Number(at) * 1000 - windowMs;
      assert.ok(offsetMs >= 0 && offsetMs < 7_200_000, `${name}: ${line}`);
      series.set(key, [...series.get(key) ?? [], [Number(at), Number(value)]]);
    }
  }
  return series;
}

function isCounter(key: string): boolean {
  return /_(total|bucket|sum|count)\b/.test(key);
}

/** What the two readings disagree on: a jump in the very last sample, long after the last event. */
function jumps(series: ReadonlyMap<string, Samples>): readonly string[] {
  return [...series].flatMap(([key, samples]) => {
    const [before, last] = samples.slice(-2).map(([, value]) => value);
    const isJump = last !== undefined && before !== undefined && Math.abs(last - before) > 1e-9 * Math.abs(last);
    return isCounter(key) && isJump ? [`${key} ${before} -> ${last}`] : [];
  });
}

/** Sessions and checkpoints, lines that tell some of the same runs again, and a job told by both. */
function writeMixedHome(home: string): void {
  const clock = { nowMs: NOW_MS - 20 * 3_600_000 };
  const simulator = new RunSimulator({ homeDirectory: home, clock });
  const tell = (event: Readonly<Record<string, unknown>>): void =>
    append(`${home}/.prodigy/events/app/lines/events-20261124_000000.jsonl`, eventLine(event, new Date(clock.nowMs)));
  for (let number = 0; number < 12; number++) {
    const workflow_id = simulator.startWorkflow({ name: `flow-${number % 3}` });
    for (let step = 0; step < 3; step++) {
      clock.nowMs += 7_700;
      simulator.completeStep(workflow_id, { command: "shell: make", durationSeconds: 7.7 });
      if (number % 4 === 0) {
        tell({
          event_type: "step_completed",
          workflow_id,
          step_index: step,
          step_type: "shell",
          status: "success",
          duration: 7.7,
        });
      }
    }
    if (number % 5 === 4) simulator.failStep(workflow_id, { command: "shell: make test" });
    else simulator.finish(workflow_id);
    if (number % 3 === 0) {
      tell({ event_type: "workflow_completed", workflow_id, workflow_name: "told", status: "success", duration: 23.1 });
    }
    const { runId, jobId } = simulator.startMapReduce();
    for (let agent = 0; agent < 3; agent++) {
      clock.nowMs += 11_000;
      if (number % 2 === 0) {
        tell({ event_type: "agent_completed", job_id: jobId, agent_id: `${jobId}_agent_${agent}`, duration: 11.1 });
      }
      if (agent === 2) simulator.agentFails(runId, agent);
    }
    simulator.finishMapReduce(runId, { failed: number % 2 === 1 });
    clock.nowMs += 3_000_000;
  }
}

const HOMES: readonly { readonly name: string; readonly write: (home: string) => void; readonly series: number }[] = [
  { name: "the sample home", write: (home) => copySampleHome("prodigy_home", home), series: 100 },
  { name: "the captured run", write: (home) => copySampleHome("captured_run", home), series: 40 },
  { name: "a home of state files and lines that tell the same", write: writeMixedHome, series: 100 },
];

for (const { name, write, series } of HOMES) {
  Deno.test(`backfill replays ${name} to what a starting exporter reads`, async () => {
    using scratch = createScratch();
    write(scratch.path);
    const written = await backfill(scratch.path);
    assert.ok(written.size >= series, `${written.size} series`);
    assert.deepEqual(jumps(written), []);
    for (const [key, samples] of written) {
      const times = samples.map(([at]) => at);
      assert.ok(times.every((at, index) => at > (times[index - 1] ?? 0)), `${key}: not in order of time`);
      const values = samples.map(([, value]) => value);
      if (isCounter(key)) assert.ok(values.every((value, index) => value >= (values[index - 1] ?? 0)), `${key}: falls`);
    }
  });
}

Deno.test("backfill --since begins with what was counted before, --until ends as if it were then", async () => {
  using scratch = createScratch();
  writeMixedHome(scratch.path);
  const key = 'prodigy_workflow_executions_total{workflow_name="flow-1",status="success"}';
  const all = (await backfill(scratch.path)).get(key) ?? [];
  await Deno.remove(`${scratch.path}/out`, { recursive: true });
  const some = (await backfill(scratch.path, "--since", "12h", "--until", "3h")).get(key) ?? [];
  const begin = NOW_MS / 1000 - 12 * 3600;
  const end = NOW_MS / 1000 - 3 * 3600;
  assert.ok((some[0]?.[0] ?? 0) >= begin - 15 && (some[0]?.[0] ?? 0) <= begin, `begins at ${some[0]}, not ${begin}`);
  assert.equal(some[0]?.[1], all.findLast(([at]) => at <= begin)?.[1]);
  assert.ok((some[0]?.[1] ?? 0) > 0);
  assert.deepEqual(some.at(-1), [end, all.findLast(([at]) => at <= end)?.[1]]);
});

Deno.test("backfill says what is wrong with the call", async () => {
  using scratch = createScratch();
  const run = async (...args: readonly string[]): Promise<string> => {
    const { config, flags } = invoke(scratch.path, args);
    const result = await runBackfill(config, flags, { log: LOG, now: () => NOW_MS, homeDirectory: scratch.path });
    return "problem" in result ? result.problem : result.text;
  };
  assert.equal(await run(), "Nothing was found that could be written.\n");
  assert.match(await run("--since", "1h", "--until", "2h"), /--since must be before --until/);
  await Deno.writeTextFile(`${scratch.path}/out/prodigy-20261124T0800Z.om`, "");
  assert.match(await run(), /Cannot write into \S+\/out as it holds an earlier backfill: name another directory/);
  await Deno.writeTextFile(`${scratch.path}/file`, "");
  assert.match(await run("--out", `${scratch.path}/file`), /^Cannot write into \S+\/file: /);
});
