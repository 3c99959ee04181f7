import assert from "node:assert/strict";
import { lookAt, StateRig } from "../../support/state_rig.ts";

Deno.test("look() tells a MapReduce run: agents, failures, DLQ, job and run", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  assert.deepEqual(rig.look(), ["start mapreduce", "job start ?"]);
  rig.clock.nowMs += 1_000;
  rig.prodigy.startAgent(runId, 0);
  rig.prodigy.startAgent(runId, 1);
  assert.deepEqual(rig.look(), [
    "agent 0 start",
    "worktree_created 0",
    "agent 1 start",
    "worktree_created 1",
  ]);
  rig.clock.nowMs += 30_000;
  rig.prodigy.agentSucceeds(runId, 0);
  rig.prodigy.agentFails(runId, 1, { errorType: { CommandFailed: { exit_code: 101 } } });
  assert.deepEqual(rig.look(), ["agent 1 failed command_failed", "dlq_item_added item_1"]);
  assert.deepEqual(rig.after(2), ["agent 0 completed 30s", "worktree_cleaned 0"], "gone at the look before this one");
  rig.clock.nowMs += 1_000;
  rig.prodigy.finishMapReduce(runId);
  assert.deepEqual(rig.look(), []);
  assert.deepEqual(rig.after(2), ["job completed 34s 1+1", "end mapreduce success 34s"]);
  assert.deepEqual(rig.after(60), []);
  rig.prodigy.removeDlqItem(runId, 1);
  assert.deepEqual(rig.look(), ["dlq_item_removed item_1"]);
});

Deno.test("look() counts an agent whose merge failed as failed only, though its file vanished first", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  rig.look();
  const told: string[] = [];
  rig.prodigy.onState = () => told.push(...rig.look());
  rig.clock.nowMs += 10_000;
  rig.prodigy.agentFails(runId, 0, { errorType: "MergeConflict" });
  told.push(...rig.after(2));
  assert.deepEqual(told, ["worktree_cleaned 0", "agent 0 failed merge_conflict", "dlq_item_added item_0"]);
});

Deno.test("look() tells agents it never saw at the end, by the growth of the session's changed files", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.look();
  rig.prodigy.startAgent(runId, 0);
  rig.look();
  for (const index of [1, 2]) rig.prodigy.startAgent(runId, index);
  for (const index of [0, 1, 2]) rig.prodigy.agentSucceeds(runId, index);
  rig.clock.nowMs += 5_000;
  rig.prodigy.finishMapReduce(runId);
  const told = [...rig.look(), ...rig.after(2)];
  assert.deepEqual(
    told,
    [
      "agent 0 completed 5s",
      "worktree_cleaned 0",
      "agent unseen_1 completed ?",
      "agent unseen_2 completed ?",
      "job completed 5s 3+0",
      "end mapreduce success 5s",
    ].map((line) => line === "agent 0 completed 5s" ? "agent 0 completed 0s" : line),
  );
});

Deno.test("look() ends the job with a failed run and leaves the agents that remain to it", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  for (const index of [0, 1]) rig.prodigy.startAgent(runId, index);
  rig.prodigy.agentFails(runId, 0);
  rig.look();
  rig.clock.nowMs += 8_000;
  rig.prodigy.finishMapReduce(runId, { failed: true });
  assert.deepEqual([...rig.look(), ...rig.after(2)], ["job failed 8s", "end mapreduce failed 8s"]);
  Deno.removeSync(`${rig.prodigy.homeProdigy}/worktrees/${runId}`, { recursive: true });
  assert.deepEqual(rig.after(3600), ["worktree_cleaned 0", "worktree_cleaned 1"], "a clean-up is no success");
});

Deno.test("look() starts and counts a resumed job anew when its agents move", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  for (const index of [0, 1]) rig.prodigy.startAgent(runId, index);
  rig.look();
  rig.prodigy.agentSucceeds(runId, 0);
  rig.look();
  rig.after(2);
  rig.prodigy.interrupt(runId);
  rig.look();
  assert.deepEqual(rig.after(2), ["job failed 2s", "end mapreduce cancelled 2s"]);
  rig.clock.nowMs += 60_000;
  rig.prodigy.resume(runId);
  assert.deepEqual(rig.look(), ["start mapreduce"]);
  rig.clock.nowMs += 1_000;
  rig.prodigy.startAgent(runId, 1);
  assert.deepEqual(rig.look(), ["job start ?", "agent 1 start", "worktree_created 1"]);
  rig.clock.nowMs += 4_000;
  rig.prodigy.agentSucceeds(runId, 1);
  rig.look();
  assert.deepEqual(rig.after(2), ["agent 1 completed 4s", "worktree_cleaned 1"]);
});

Deno.test("look() tells an item that fails again as one more failure of the same item", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.agentFails(runId, 3);
  assert.deepEqual(rig.look().slice(2), ["agent 3 failed timeout", "dlq_item_added item_3"]);
  rig.clock.nowMs += 1_000;
  rig.prodigy.agentFails(runId, 3, { failureCount: 2, errorType: "ResourceExhausted" });
  assert.deepEqual(rig.look(), ["agent 3 failed resource_exhausted"]);
});

Deno.test("look() takes nothing for gone when a home cannot be listed or is not there", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  rig.prodigy.agentFails(runId, 1);
  rig.look();
  Deno.renameSync(`${rig.home}/.prodigy`, `${rig.home}/moved`);
  assert.deepEqual([...rig.after(2), ...rig.after(2), ...rig.after(2)], []);
  Deno.renameSync(`${rig.home}/moved`, `${rig.home}/.prodigy`);
  assert.deepEqual([...rig.after(2), ...rig.after(2)], []);
});

Deno.test("look() keeps two runs apart whose jobs have one id", () => {
  using rig = new StateRig();
  const first = rig.prodigy.startMapReduce();
  const second = rig.prodigy.startMapReduce();
  assert.equal(first.jobId, second.jobId);
  const records = lookAt(rig.source, rig.clock.nowMs).filter(({ event }) => event.type === "job_started");
  assert.deepEqual(records.map(({ runId }) => runId).sort(), [first.runId, second.runId].sort());
});

Deno.test("look() takes two job ids one second apart in one run for one job", () => {
  using rig = new StateRig();
  const { runId, jobId } = rig.prodigy.startMapReduce();
  rig.look();
  const twin = jobId.replace(/\d$/, (digit) => String(Number(digit) + 1));
  const events = `${rig.prodigy.prodigyHome}/events/${runId}`;
  Deno.renameSync(`${events}/${jobId}`, `${events}/${twin}`);
  rig.prodigy.startAgent(runId, 0);
  assert.deepEqual(rig.look(), ["agent 0 start", "worktree_created 0"]);
});

Deno.test("look() finds a job's total and pending items in its own checkpoint, if there is one", () => {
  using rig = new StateRig();
  const { runId, jobId } = rig.prodigy.startMapReduce();
  const directory = `${rig.prodigy.prodigyHome}/state/${runId}/mapreduce/jobs/${jobId}`;
  Deno.mkdirSync(directory, { recursive: true });
  const write = (version: number, pending: number): void =>
    Deno.writeTextFileSync(
      `${directory}/checkpoint-v${version}.json`,
      JSON.stringify({ job_id: jobId, total_items: 5, pending_items: Array(pending).fill("item") }),
    );
  write(9, 3);
  assert.deepEqual(rig.look(), ["start mapreduce", "job start 5", "queue_depth_changed"]);
  assert.deepEqual(rig.after(1), []);
  write(10, 2);
  assert.deepEqual(rig.after(1), ["queue_depth_changed"]);
});

Deno.test("look() follows PRODIGY_HOME, while worktrees stay in ~/.prodigy", () => {
  const prodigyHome = Deno.makeTempDirSync();
  try {
    using rig = new StateRig({ prodigyHome });
    const { runId } = rig.prodigy.startMapReduce();
    rig.prodigy.startAgent(runId, 0);
    rig.prodigy.agentFails(runId, 0);
    assert.deepEqual(rig.look(), [
      "start mapreduce",
      "job start ?",
      "agent 0 start",
      "worktree_created 0",
      "agent 0 failed timeout",
      "dlq_item_added item_0",
    ]);
  } finally {
    Deno.removeSync(prodigyHome, { recursive: true });
  }
});

Deno.test("look() tells DLQ items of the older layout, which no run owns", () => {
  using rig = new StateRig();
  const items = `${rig.prodigy.prodigyHome}/dlq/demo-app/mapreduce-20251001_120000/items`;
  Deno.mkdirSync(items, { recursive: true });
  Deno.writeTextFileSync(`${items}/item_0.json`, JSON.stringify({ item_id: "item_0", failure_count: 1 }));
  const wallNowMs = Date.now();
  rig.clock.nowMs = wallNowMs;
  assert.deepEqual(rig.look(), ["agent 0 failed unknown", "dlq_item_added item_0"]);
  Deno.removeSync(`${items}/item_0.json`);
  assert.deepEqual(rig.after(1), ["dlq_item_removed item_0"]);
});

Deno.test("look() finds the DLQ where the job's inner directory has another second's id", () => {
  using rig = new StateRig();
  const { runId, jobId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  rig.prodigy.agentFails(runId, 0);
  const job = `${rig.prodigy.prodigyHome}/dlq/${runId}/${jobId}/mapreduce/dlq`;
  Deno.renameSync(`${job}/${jobId}`, `${job}/${jobId.replace(/\d$/, "9")}`);
  assert.ok(rig.look().includes("dlq_item_added item_0"));
});

/** An item's file as a crash, or a look in the middle of a write, leaves it. */
function writeItem(rig: StateRig, run: { readonly runId: string; readonly jobId: string }, text: string): string {
  const { runId, jobId } = run;
  const items = `${rig.prodigy.prodigyHome}/dlq/${runId}/${jobId}/mapreduce/dlq/${jobId}/items`;
  Deno.mkdirSync(items, { recursive: true });
  const path = `${items}/item_1.json`;
  Deno.writeTextFileSync(path, text);
  const time = new Date(rig.clock.nowMs);
  Deno.utimeSync(path, time, time);
  return path;
}

const ADDED = ["agent 1 failed unknown", "dlq_item_added item_1"];
const TORN = ["", '{"item_id":"item_1"', '{"failure_count":1}'];

Deno.test("look() tells an item once that was torn when its run ended, and is completed or not", () => {
  for (const torn of TORN) {
    using rig = new StateRig();
    const run = rig.prodigy.startMapReduce();
    writeItem(rig, run, torn);
    rig.prodigy.finishMapReduce(run.runId);
    assert.deepEqual(rig.look(), ["start mapreduce", "job start ?"]);
    assert.deepEqual(rig.after(2), ["job completed 0s 0+1", "end mapreduce success 0s"]);
    rig.restart();
    assert.deepEqual(rig.after(7), [], "it may yet be completed");
    assert.deepEqual(rig.after(7), ADDED);
    const path = writeItem(rig, run, JSON.stringify({ item_id: "item_1", failure_count: 1 }));
    assert.deepEqual([...rig.look(), ...rig.after(60)], []);
    Deno.removeSync(path);
    assert.deepEqual(rig.after(1), ["dlq_item_removed item_1"]);
  }
});

Deno.test("look() tells an item that was completed soon after its run ended with what it then says", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startMapReduce();
  writeItem(rig, run, TORN[1] ?? "");
  rig.prodigy.finishMapReduce(run.runId);
  rig.look();
  rig.after(3);
  const history = [{ error_type: "Timeout" }];
  writeItem(rig, run, JSON.stringify({ item_id: "item_1", failure_count: 1, failure_history: history }));
  assert.deepEqual([...rig.look(), ...rig.after(60)], ["agent 1 failed timeout", "dlq_item_added item_1"]);
});

Deno.test("look() tells nothing of a torn item that went before it could be read", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startMapReduce();
  const path = writeItem(rig, run, "");
  rig.prodigy.finishMapReduce(run.runId);
  rig.look();
  rig.after(3);
  Deno.removeSync(path);
  assert.deepEqual([...rig.look(), ...rig.after(60)], []);
});

Deno.test("look() waits for no torn item where nothing runs, nor for one from the far future", () => {
  for (const [settleMs, aheadMs] of [[0, 0], [2_000, 3_600_000]] as const) {
    using rig = new StateRig({ settleMs });
    const run = rig.prodigy.startMapReduce();
    rig.clock.nowMs += aheadMs;
    writeItem(rig, run, "");
    rig.clock.nowMs -= aheadMs;
    assert.deepEqual(rig.look(), ["start mapreduce", "job start ?", ...ADDED]);
  }
});

Deno.test("look() tells once of items and jobs that are called like what every object has", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  for (const name of ["__proto__", "constructor"]) {
    const items = `${rig.prodigy.prodigyHome}/dlq/${runId}/${name}/mapreduce/dlq/${name}/items`;
    Deno.mkdirSync(items, { recursive: true });
    Deno.writeTextFileSync(`${items}/${name}.json`, JSON.stringify({ item_id: name, failure_count: 1 }));
  }
  const added = rig.look().filter((line) => line.startsWith("dlq_item_added")).toSorted();
  assert.deepEqual(added, ["dlq_item_added __proto__", "dlq_item_added constructor"]);
  assert.deepEqual(rig.after(1), []);
  rig.restart();
  assert.deepEqual(rig.after(1), []);
  Deno.removeSync(`${rig.prodigy.prodigyHome}/dlq/${runId}`, { recursive: true });
  assert.equal(rig.after(1).length, 2);
});
