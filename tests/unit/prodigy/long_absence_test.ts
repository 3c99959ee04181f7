import assert from "node:assert/strict";
import { StateRig } from "../../support/state_rig.ts";

/* Runs that outlast a sleep, an outage or the limits, and files that are away for a while: what was told holds. */

const SHELL = { command: "shell: x", durationSeconds: 1 };
const HOUR = 3600;
const DAY = 24 * HOUR;

function countOf(told: readonly string[], what: RegExp): number {
  return told.filter((line) => what.test(line)).length;
}
const AGENT_COMPLETED = /agent .* completed/;

Deno.test("look() takes a MapReduce run for alive as long as its agents come and go", () => {
  using rig = new StateRig({ idleLimitSeconds: 12 * HOUR });
  const { runId } = rig.prodigy.startMapReduce();
  const told = rig.look();
  for (let agent = 0; agent < 14; agent++) {
    rig.prodigy.startAgent(runId, agent);
    told.push(...rig.after(1), ...rig.after(HOUR));
    rig.prodigy.agentSucceeds(runId, agent);
    told.push(...rig.after(1), ...rig.after(1));
  }
  rig.prodigy.finishMapReduce(runId);
  told.push(...rig.after(1), ...rig.after(3), ...rig.after(3));
  assert.deepEqual(told.filter((line) => line.startsWith("abandoned")), []);
  assert.deepEqual([countOf(told, AGENT_COMPLETED), countOf(told, /^job completed/)], [14, 1]);
});

Deno.test("look() tells the agents of a MapReduce run that was given up between two of them and goes on", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  const told = rig.look();
  rig.clock.nowMs += 1000;
  rig.prodigy.agentSucceeds(runId, 0);
  told.push(...rig.after(1), ...rig.after(1), ...rig.after(3 * DAY), ...rig.after(1));
  assert.equal(countOf(told, /^abandoned/), 2);
  rig.prodigy.startAgent(runId, 1);
  told.push(...rig.after(1));
  rig.prodigy.agentSucceeds(runId, 1);
  told.push(...rig.after(1), ...rig.after(1));
  rig.prodigy.finishMapReduce(runId);
  told.push(...rig.look(), ...rig.after(2), ...rig.after(2));
  assert.deepEqual([countOf(told, AGENT_COMPLETED), countOf(told, /^job completed/)], [2, 1]);
});

Deno.test("look() ends the job of a run that was given up and then ends", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  const told = [...rig.look(), ...rig.after(3 * DAY)];
  rig.prodigy.agentSucceeds(runId, 0);
  rig.prodigy.finishMapReduce(runId);
  told.push(...rig.look(), ...rig.after(2), ...rig.after(2));
  assert.equal(countOf(told, /^job completed/), 1);
});

Deno.test("look() tells no success twice of a job that was given up and goes on", () => {
  using rig = new StateRig({ idleLimitSeconds: 12 * HOUR });
  const { runId } = rig.prodigy.startMapReduce();
  const told = rig.look();
  const go = (seconds: number): void => void told.push(...rig.after(seconds));
  rig.prodigy.startAgent(runId, 0);
  go(60);
  rig.prodigy.agentSucceeds(runId, 0);
  go(1);
  go(1);
  rig.prodigy.startAgent(runId, 1);
  rig.prodigy.startAgent(runId, 3);
  go(1);
  go(3 * DAY);
  go(1);
  rig.clock.nowMs += 1000;
  rig.prodigy.startAgent(runId, 2);
  go(60);
  rig.prodigy.agentSucceeds(runId, 1);
  go(1);
  go(1);
  rig.prodigy.finishMapReduce(runId);
  for (const seconds of [1, 3, 3]) go(seconds);
  assert.equal(countOf(told, AGENT_COMPLETED), 2);
});

Deno.test("look() tells an interruption whose metadata comes after the run was given up", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.clock.nowMs += 1000;
  rig.prodigy.interrupt(run);
  rig.clock.nowMs += DAY * 1000;
  const directory = `${rig.prodigy.homeProdigy}/worktrees`;
  Deno.renameSync(directory, `${rig.home}/aside`);
  const told = rig.look();
  Deno.renameSync(`${rig.home}/aside`, directory);
  told.push(...rig.after(1), ...rig.after(5), ...rig.after(60));
  assert.ok(told.includes("end w cancelled 1s"), told.join("\n"));
});

/** A MapReduce run that left a failed agent behind, looked at until its end is told. */
function interruptedRun(rig: StateRig): { readonly runId: string; readonly told: string[] } {
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  rig.prodigy.agentFails(runId, 0);
  rig.clock.nowMs += 5000;
  rig.prodigy.interrupt(runId);
  return { runId, told: [...rig.look(), ...rig.after(3)] };
}

Deno.test("look() ends a cancelled run once though its worktree is away for a while", () => {
  using rig = new StateRig();
  const { told } = interruptedRun(rig);
  const directory = `${rig.prodigy.homeProdigy}/worktrees`;
  Deno.renameSync(directory, `${rig.home}/aside`);
  rig.restart();
  told.push(...rig.after(60));
  Deno.renameSync(`${rig.home}/aside`, directory);
  told.push(...rig.after(60), ...rig.after(60));
  assert.equal(countOf(told, /^end mapreduce/), 1);
});

Deno.test("look() does not start a cancelled run again when its session worktree is cleaned", () => {
  using rig = new StateRig();
  const { runId, told } = interruptedRun(rig);
  Deno.removeSync(`${rig.prodigy.homeProdigy}/worktrees/demo-app/.metadata/${runId}.json`);
  told.push(...rig.after(60));
  rig.restart();
  told.push(...rig.after(60));
  assert.equal(countOf(told, /^start mapreduce/), 1);
});

Deno.test("look() tells runs made after a clock that was ahead was put right", () => {
  using rig = new StateRig();
  rig.clock.nowMs += 30 * DAY * 1000;
  rig.look();
  rig.restart();
  rig.clock.nowMs -= 29 * DAY * 1000;
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.completeStep(run, SHELL);
  rig.prodigy.finish(run);
  const told = [...rig.after(10), ...rig.after(1), ...rig.after(60)];
  assert.ok(told.includes("end w success 0s"), told.join("\n"));
});

Deno.test("look() tells what a run did once though the clock is put back by a day", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.completeStep(run, SHELL);
  rig.prodigy.failStep(run, SHELL);
  const told = [...rig.look(), ...rig.after(3)];
  rig.clock.nowMs -= DAY * 1000;
  rig.prodigy.resume(run);
  told.push(...rig.after(1), ...rig.after(40 * HOUR), ...rig.after(60));
  rig.prodigy.resume(run);
  told.push(...rig.after(1), ...rig.after(60));
  assert.equal(countOf(told, /^step 0/), 1);
});

Deno.test("a look that was cut short after a long outage is made up for after the restart", () => {
  using rig = new StateRig();
  const runs = 200;
  rig.look();
  for (let run = 0; run < runs; run++) {
    rig.clock.nowMs += 1000;
    rig.prodigy.finish(rig.prodigy.startWorkflow({ name: "w" }));
  }
  rig.restart();
  rig.clock.nowMs += 30 * DAY * 1000;
  let ends = 0;
  const look = (most: number): void => {
    for (const batch of rig.source.look(rig.clock.nowMs)) {
      if (batch.kind !== "records") continue;
      ends += batch.records.filter(({ event }) => event.type === "workflow_completed").length;
      if (ends >= most) return;
    }
  };
  look(1);
  assert.ok(ends < runs, `${ends}`);
  rig.restart();
  for (let again = 0; again < 5; again++) {
    rig.clock.nowMs += 1000;
    look(Infinity);
  }
  assert.equal(ends, runs);
});

Deno.test("look() tells an end that it read though the session goes before that had settled", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  const told = rig.look();
  rig.clock.nowMs += 5000;
  rig.prodigy.finish(run);
  told.push(...rig.look());
  rig.prodigy.deleteSession(run);
  told.push(...rig.after(1), ...rig.after(1), ...rig.after(1), ...rig.after(5));
  assert.deepEqual([countOf(told, /^end w success/), countOf(told, /^abandoned/)], [1, 0]);
});

Deno.test("look() counts a session once that is away for some looks and comes back", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.completeStep(run, SHELL);
  rig.clock.nowMs += 1000;
  rig.prodigy.finish(run);
  const told = [...rig.look(), ...rig.after(3)];
  const path = `${rig.prodigy.prodigyHome}/sessions`;
  Deno.renameSync(path, `${rig.home}/aside`);
  Deno.mkdirSync(path);
  told.push(...rig.after(10), ...rig.after(10), ...rig.after(10));
  rig.restart();
  Deno.copyFileSync(`${rig.home}/aside/${run}.json`, `${path}/${run}.json`);
  told.push(...rig.after(10), ...rig.after(10), ...rig.after(40));
  assert.deepEqual([countOf(told, /^end w/), countOf(told, /^step 0/)], [1, 1]);
});

Deno.test("look() goes on with a MapReduce run whose session is away for some looks and comes back as it was", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.startAgent(runId, 0);
  const told = rig.look();
  rig.prodigy.agentSucceeds(runId, 0);
  told.push(...rig.after(1), ...rig.after(1));
  const path = `${rig.prodigy.prodigyHome}/sessions`;
  Deno.renameSync(path, `${rig.home}/aside`);
  Deno.mkdirSync(path);
  told.push(...rig.after(10), ...rig.after(10), ...rig.after(10));
  Deno.removeSync(path);
  Deno.renameSync(`${rig.home}/aside`, path);
  told.push(...rig.after(10));
  rig.prodigy.startAgent(runId, 1);
  told.push(...rig.after(40));
  rig.prodigy.agentSucceeds(runId, 1);
  told.push(...rig.after(1), ...rig.after(1));
  rig.prodigy.finishMapReduce(runId);
  told.push(...rig.after(1), ...rig.after(3), ...rig.after(3));
  assert.deepEqual([countOf(told, AGENT_COMPLETED), countOf(told, /^job completed/)], [2, 1]);
});

Deno.test("look() tells what a run did within the hour after its end when a copy brings it later", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.completeStep(run, SHELL);
  rig.clock.nowMs += 1000;
  rig.prodigy.failStep(run, SHELL);
  const failedMs = rig.clock.nowMs;
  rig.clock.nowMs = failedMs + 2 * HOUR * 1000;
  const told = [...rig.look(), ...rig.after(5), ...rig.after(5)];
  const nowMs = rig.clock.nowMs;
  rig.clock.nowMs = failedMs + HOUR / 2 * 1000;
  rig.prodigy.resume(run);
  rig.clock.nowMs += 60_000;
  rig.prodigy.finish(run);
  rig.clock.nowMs = nowMs + HOUR * 1000;
  told.push(...rig.look(), ...rig.after(5), ...rig.after(5));
  assert.deepEqual([countOf(told, /^end w failed/), countOf(told, /^end w success/)], [1, 1]);
});

Deno.test("look() tells as many failures of an item at once as step by step", () => {
  const failures = [true, false].map((isStepwise) => {
    using rig = new StateRig();
    const { runId } = rig.prodigy.startMapReduce();
    const told = rig.look();
    for (const failureCount of [1, 2, 3]) {
      rig.clock.nowMs += 1000;
      rig.prodigy.agentFails(runId, 0, { failureCount });
      if (isStepwise) told.push(...rig.after(1));
    }
    told.push(...rig.after(1));
    return countOf(told, /agent .* failed/);
  });
  assert.deepEqual(failures, [3, 3]);
});

Deno.test("look() takes back DLQ items whose repository's directory is gone", () => {
  using rig = new StateRig();
  const items = `${rig.prodigy.prodigyHome}/dlq/demo/mapreduce-20261124_080000/items`;
  Deno.mkdirSync(items, { recursive: true });
  Deno.writeTextFileSync(`${items}/item_0.json`, JSON.stringify({ item_id: "item_0", failure_history: [] }));
  rig.clock.nowMs = Date.now();
  const told = rig.look();
  Deno.removeSync(`${rig.prodigy.prodigyHome}/dlq/demo`, { recursive: true });
  told.push(...rig.after(60), ...rig.after(60));
  assert.deepEqual(told.filter((line) => line.startsWith("dlq_item")), [
    "dlq_item_added item_0",
    "dlq_item_removed item_0",
  ]);
});
