import assert from "node:assert/strict";
import type { SimulatedMessage } from "../support/claude_documents.ts";
import { append, checkpointLines } from "../support/event_lines.ts";
import { createLiveHome, type LiveHome, type Values } from "../support/live_home.ts";
import { runProgram, startProgram, valueIn } from "../support/program.ts";
import { RunSimulator } from "../support/run_simulator.ts";
import { createScratch } from "../support/scratch.ts";

const DAY_MS = 24 * 3_600_000;
const ended = (name: string, status: string): string =>
  `prodigy_workflow_executions_total{workflow_name="${name}",status="${status}"}`;
const OUTPUT = 'prodigy_claude_tokens_total{token_type="output"}';
const DLQ = 'status="dlq"';

function answer(id: string, outputTokens: number): SimulatedMessage {
  return { id, usage: { inputTokens: 1, outputTokens } };
}

interface Past {
  readonly failed: string;
  readonly mapReduce: { readonly runId: string; readonly jobId: string };
  readonly transcript: { readonly cwd: string; readonly sessionId: string };
  readonly events: string;
}

/** A month-old failed run, MapReduce run, transcript, stream and event file, and a run of yesterday. */
function writePast(prodigy: RunSimulator, clock: { nowMs: number }): Past {
  clock.nowMs = Date.now() - 30 * DAY_MS;
  const failed = prodigy.startWorkflow({ name: "old" });
  prodigy.completeStep(failed, { command: "shell: a", durationSeconds: 1 });
  prodigy.failStep(failed, { command: "shell: b" });
  const mapReduce = prodigy.startMapReduce();
  for (const index of [0, 1]) prodigy.startAgent(mapReduce.runId, index);
  prodigy.agentFails(mapReduce.runId, 0);
  prodigy.agentSucceeds(mapReduce.runId, 1);
  prodigy.finishMapReduce(mapReduce.runId, { failed: true });
  const transcript = { cwd: prodigy.agentWorktreeOf(mapReduce.runId, 1), sessionId: "old-agent" };
  prodigy.transcriptLine({ ...transcript, message: answer("msg_old", 1_000) });
  const cwd = prodigy.worktreeOf(failed);
  prodigy.claudeStream({ cwd, messages: [answer("msg_stream", 2_000)] });
  const events = `${prodigy.prodigyHome}/events/app/old/events.jsonl`;
  append(events, checkpointLines(5));
  const old = new Date(clock.nowMs);
  Deno.utimeSync(events, old, old);

  clock.nowMs = Date.now() - DAY_MS;
  const recent = prodigy.startWorkflow({ name: "recent" });
  prodigy.completeStep(recent, { command: "shell: a", durationSeconds: 1 });
  prodigy.finish(recent);
  prodigy.transcriptLine({ cwd: prodigy.worktreeOf(recent), sessionId: "recent", message: answer("msg_new", 30) });
  return { failed, mapReduce, transcript, events };
}

function valuesOf(home: LiveHome, series: readonly string[]): Promise<readonly (number | undefined)[]> {
  return home.program.metrics().then((exposition) => series.map((one) => valueIn(exposition, one)));
}

const RECENT: Values = {
  [ended("recent", "success")]: 1,
  [ended("old", "failed")]: 0,
  [ended("mapreduce", "failed")]: 0,
  'prodigy_workflow_steps_total{workflow_name="recent"}': 1,
  'prodigy_step_executions_total{step_type="shell",status="failed"}': 0,
  // One step and the end of the run of yesterday.
  "prodigy_checkpoints_created_total": 2,
  [OUTPUT]: 30,
};

Deno.test("a first start leaves old data alone, and nothing of it jumps into a counter later", async () => {
  let past: Past | undefined;
  await using home = await createLiveHome([], (directory) => {
    const clock = { nowMs: 0 };
    const prodigy = new RunSimulator({ homeDirectory: directory, clock });
    past = writePast(prodigy, clock);
    return { prodigy, clock };
  });
  assert.ok(past !== undefined);
  const { failed, mapReduce, transcript, events } = past;
  const jobs = `prodigy_mapreduce_items_total{job_id="${mapReduce.jobId.replace("mapreduce-", "")}",${DLQ}}`;
  await home.until(RECENT);
  assert.deepEqual(await valuesOf(home, [jobs]), [undefined], "no series of a job that ended a month ago");

  // Its files are touched, as a backup or a copy does; an item is taken out of the old DLQ; a transcript goes on; lines
  // come to the old event file.
  home.clock.nowMs = Date.now();
  const now = new Date();
  for (const id of [failed, mapReduce.runId]) {
    await Deno.utime(`${home.prodigy.prodigyHome}/sessions/${id}.json`, now, now);
  }
  home.prodigy.removeDlqItem(mapReduce.runId, 0);
  home.prodigy.transcriptLine({ ...transcript, message: answer("msg_again", 7) });
  append(events, checkpointLines(1));
  await home.until({ [OUTPUT]: 37, "prodigy_checkpoints_created_total": 3 });

  // The failed run is resumed and succeeds: that is news, and only that.
  home.prodigy.resume(failed);
  await home.until({ 'prodigy_workflow_active{workflow_name="old"}': 1 });
  home.clock.nowMs += 1_000;
  home.prodigy.finish(failed);
  await home.until({ [ended("old", "success")]: 1, 'prodigy_workflow_active{workflow_name="old"}': 0 });
  await home.assertNothingMore();
});

Deno.test("once reads everything, whatever its age", async () => {
  const directory = await Deno.makeTempDir({ prefix: "prodigy-exporter-test-" });
  try {
    const clock = { nowMs: 0 };
    const { mapReduce } = writePast(new RunSimulator({ homeDirectory: directory, clock }), clock);
    const { stdout } = await runProgram({ home: directory }, "once");
    const label = mapReduce.jobId.replace("mapreduce-", "");
    const expected: Values = {
      [ended("recent", "success")]: 1,
      [ended("old", "failed")]: 1,
      [ended("mapreduce", "failed")]: 1,
      [`prodigy_mapreduce_items_total{job_id="${label}",status="success"}`]: 1,
      [`prodigy_mapreduce_items_total{job_id="${label}",${DLQ}}`]: 1,
      [OUTPUT]: 1_000 + 2_000 + 30,
      // Five lines; a step and the failure; a step and the end.
      "prodigy_checkpoints_created_total": 5 + 2 + 2,
    };
    const seen = Object.fromEntries(Object.keys(expected).map((series) => [series, valueIn(stdout, series)]));
    assert.deepEqual(seen, expected);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("who stops the exporter the moment it can be seen ends it in order", async () => {
  for (const signal of ["TERM", "INT"]) {
    using scratch = createScratch();
    // From beside it and without a pause, because this is about the milliseconds before it says that it has started.
    const seen = `${scratch.path}/.local/state/prodigy-exporter`;
    const setUp = `(until [ -e ${seen} ]; do :; done; kill -${signal} $$) &`;
    await using program = await startProgram({ home: scratch.path, setUp: `${setUp} :` });
    assert.equal(await program.exited, 0, program.log());
    assert.match(program.log(), new RegExp(`"notice":"stopping","signal":"SIG${signal}"`));
  }
});
