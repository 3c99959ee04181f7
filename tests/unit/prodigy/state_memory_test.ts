import assert from "node:assert/strict";
import { StateRig } from "../../support/state_rig.ts";

const SHELL = { command: "shell: x", durationSeconds: 1 };
/** Enough for more than one batch. */
const RUNS = 60;
const DAY_SECONDS = 24 * 3600;

Deno.test("loadState() goes on where saveState() stopped, and tells what happened meanwhile", () => {
  using rig = new StateRig();
  const plain = rig.prodigy.startWorkflow({ name: "w" });
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.completeStep(plain, SHELL);
  for (const index of [0, 1]) rig.prodigy.startAgent(runId, index);
  rig.look();
  rig.restart();
  assert.deepEqual(rig.after(1), [], "nothing twice");

  rig.clock.nowMs += 20_000;
  rig.prodigy.completeStep(plain, SHELL);
  rig.prodigy.agentSucceeds(runId, 0);
  rig.prodigy.agentFails(runId, 1);
  rig.clock.nowMs += 20_000;
  rig.prodigy.finish(plain);
  rig.restart();
  rig.clock.nowMs += 5_000;
  assert.deepEqual(rig.look().sort(), [
    "agent 1 failed timeout",
    "checkpoint",
    "checkpoint",
    "dlq_item_added item_1",
    "end w success 41s",
    "step 1 shell success 1s",
  ]);
  assert.deepEqual(rig.after(2), ["agent 0 completed 21s", "worktree_cleaned 0"], "its directory tells when");
  rig.restart();
  assert.deepEqual(rig.after(60), []);
});

Deno.test("loadState() keeps an end that has not settled", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.clock.nowMs += 1_000;
  rig.prodigy.finish(run);
  assert.deepEqual(rig.look(), ["start w"]);
  rig.restart();
  assert.deepEqual(rig.look(), []);
  assert.deepEqual(rig.after(2), ["end w success 1s"]);
});

Deno.test("loadState() knows a closed run that was resumed meanwhile", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.completeStep(run, SHELL);
  rig.prodigy.failStep(run, SHELL);
  rig.look();
  rig.after(2);
  rig.restart();
  rig.clock.nowMs += 100_000;
  rig.prodigy.resume(run);
  assert.deepEqual(rig.look(), ["start w"]);
});

Deno.test("loadState() refuses what saveState() did not give", () => {
  using rig = new StateRig();
  rig.prodigy.startWorkflow();
  rig.look();
  const good = JSON.parse(JSON.stringify(rig.source.saveState())) as Record<string, unknown>;
  rig.source.loadState(good);
  for (const bad of [null, 1, [], {}, { ...good, runs: { x: {} } }, { ...good, lookedAtMs: "1" }]) {
    assert.throws(() => rig.source.loadState(bad), TypeError);
  }
});

Deno.test("look() passes over runs that were old when first met, and tells only what comes after when they move", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "old" });
  rig.prodigy.completeStep(run, SHELL);
  rig.prodigy.failStep(run, SHELL);
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  rig.prodigy.agentFails(runId, 1);
  rig.prodigy.finishMapReduce(runId, { failed: true });
  assert.deepEqual(rig.after(8 * DAY_SECONDS), []);
  rig.restart();
  assert.deepEqual(rig.after(60), []);

  rig.prodigy.resume(run);
  assert.deepEqual(rig.look(), ["start old"]);
  rig.prodigy.resume(runId);
  assert.deepEqual(rig.look(), ["start mapreduce"], "its old job, agent and item are not news");
  rig.clock.nowMs += 1_000;
  rig.prodigy.startAgent(runId, 2);
  assert.deepEqual(rig.look(), ["job start ?", "agent 2 start", "worktree_created 2"]);
});

Deno.test("look() passes over nothing that happened while nobody looked, however long that was", () => {
  using rig = new StateRig();
  rig.look();
  rig.clock.nowMs += 1_000;
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.finish(run);
  rig.restart();
  assert.deepEqual(rig.after(30 * DAY_SECONDS), ["start w", "end w success 0s"]);
});

Deno.test("saveState() forgets all but the time of runs that ended long ago, and in the end deleted runs wholly", () => {
  using rig = new StateRig();
  const runs = Array.from({ length: 3 }, () => rig.prodigy.startWorkflow());
  for (const run of runs) rig.prodigy.finish(run);
  rig.after(2);
  const state = (): { runs: object; passed: object } => rig.source.saveState() as { runs: object; passed: object };
  assert.equal(Object.keys(state().runs).length, 3);
  assert.deepEqual(rig.after(3600), []);
  assert.deepEqual(Object.keys(state().runs), []);
  assert.deepEqual(Object.keys(state().passed).sort(), runs.toSorted());
  for (const run of runs) rig.prodigy.deleteSession(run);
  rig.after(2);
  rig.after(2);
  assert.deepEqual(Object.keys(state().passed).sort(), runs.toSorted());
  rig.restart();
  rig.after(8 * 24 * 3600);
  rig.prodigy.startWorkflow();
  rig.after(2);
  assert.deepEqual(Object.keys(state().passed), []);
});

Deno.test("look() knows what it told of a run it passed over when that moves", () => {
  using rig = new StateRig();
  const [done = "", failed = ""] = ["done", "failed"].map((name) => rig.prodigy.startWorkflow({ name }));
  for (const run of [done, failed]) rig.prodigy.completeStep(run, SHELL);
  rig.prodigy.finish(done);
  rig.prodigy.failStep(failed, SHELL);
  rig.look();
  rig.after(2);
  assert.deepEqual(rig.after(2 * 3600), []);
  rig.restart();
  // From here on every moment of every rewrite is looked at: a file met torn is no file met for the first time.
  const told: string[] = [];
  rig.prodigy.onState = () => told.push(...rig.look());
  rig.prodigy.merge(done, { cleanup: false });
  told.push(...rig.after(2));
  assert.equal(told.join(), "", "merged late");
  rig.prodigy.resume(failed);
  rig.prodigy.finish(failed);
  told.push(...rig.after(2));
  assert.deepEqual(told, ["start failed", "end failed success 7204s"]);
});

Deno.test("look() does nothing before its time has come", () => {
  using rig = new StateRig({ pollIntervalMs: 2_000 });
  rig.look();
  rig.prodigy.startWorkflow({ name: "w" });
  assert.deepEqual(rig.after(1.9), []);
  assert.deepEqual(rig.after(0.1), ["start w"]);
});

Deno.test("saveState() between two batches holds exactly what was told", () => {
  using rig = new StateRig({ settleMs: 0 });
  for (let index = 0; index < RUNS; index++) {
    const run = rig.prodigy.startWorkflow({ name: `w${index}` });
    rig.prodigy.completeStep(run, SHELL);
    rig.prodigy.finish(run);
  }
  const ends = (batches: Iterable<{ readonly kind: string }>): number => {
    let count = 0;
    for (const batch of batches) count += JSON.stringify(batch).split('"workflow_completed"').length - 1;
    return count;
  };
  const [first] = rig.source.look(rig.clock.nowMs);
  assert.ok(first !== undefined);
  const before = ends([first]);
  assert.ok(before > 0 && before < RUNS);
  rig.restart();
  assert.equal(before + ends(rig.source.look(rig.clock.nowMs)), RUNS);
});
