import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { EventRecord } from "../../../lib/event/record.ts";
import { createStateSource } from "../../../lib/prodigy/state_source.ts";
import { describeEvent, lookAt } from "../../support/state_rig.ts";

/**
 * Made by reading the files, not by running the code: times are differences of the times in the files, steps and
 * failures are those of the checkpoints, and a MapReduce run's successes are its session's `files_changed_delta`.
 */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  prodigy_home: {
    // Completed; a name in the session; three steps, so four checkpoints. 08:10:00.791762184 to 08:10:42.258771683.
    "workflow-1795507800000": [
      "start fix-lint",
      "step 0 claude success 31.25s",
      "checkpoint",
      "step 1 shell success 0.75s",
      "checkpoint",
      "step 2 test success 8.5s",
      "checkpoint",
      "checkpoint",
      "end fix-lint success 41.467009s",
    ],
    // Failed; named by the stem of workflow_path; the failed step took 08:11:40.871439446 to 08:11:55.807648947.
    "workflow-1795507900000": [
      "start nightly-build",
      "step 0 shell success 0.04s",
      "checkpoint",
      "step 1 shell failed 14.93621s",
      "checkpoint",
      "end nightly-build failed 15.852159s",
    ],
    // Running in its session, interrupted at 08:13:29.097411630 in its worktree's metadata.
    "workflow-1795508000000": [
      "start long-one",
      "step 0 shell success 0.02s",
      "checkpoint",
      "end long-one cancelled 8.838164s",
    ],
    // Running, and nothing says otherwise; no checkpoint.
    "workflow-1795508100000": ["start long-one"],
    // Failed MapReduce run: a leftover agent file, two DLQ items, delta 3, a job checkpoint with 5 items, 3 pending.
    "session-d413ffc6-38f7-4030-be28-02d6e66a3733": [
      "start mapreduce",
      "job start 5",
      "queue_depth_changed",
      "agent 2 start",
      "worktree_created 2",
      "agent 3 failed merge_conflict",
      "dlq_item_added item_3",
      "agent 7 failed command_failed",
      "dlq_item_added item_7",
      "agent unseen_1 completed ?",
      "agent unseen_2 completed ?",
      "agent unseen_3 completed ?",
      "job failed 1870.390491s",
      "end mapreduce failed 1870.390491s",
    ],
    "": ["worktree_pool_changed 5"],
  },
  captured_run: {
    "workflow-1795478643740": [
      "start fix-lint",
      "step 0 claude success 0.401121s",
      "checkpoint",
      "step 1 shell success 0.325735s",
      "checkpoint",
      "step 2 shell success 0.18255s",
      "checkpoint",
      "step 3 shell success 0.153505s",
      "checkpoint",
      "checkpoint",
      "end fix-lint success 1.140038s",
    ],
    "session-adefebb4-8669-424e-b550-b34af108458f": [
      "start mapreduce",
      "job start ?",
      "agent unseen_1 completed ?",
      "agent unseen_2 completed ?",
      "agent unseen_3 completed ?",
      "job completed 1.284138s 3+0",
      "end mapreduce success 1.284138s",
    ],
    "": ["worktree_pool_changed 1"],
  },
};

function byRun(records: readonly EventRecord[]): Record<string, string[]> {
  const told: Record<string, string[]> = {};
  for (const { event, runId } of records) {
    const line = event.type === "worktree_pool_changed" ? `${event.type} ${event.available}` : describeEvent(event);
    if (line !== "") (told[runId ?? ""] ??= []).push(line);
  }
  return told;
}

for (const [name, expected] of Object.entries(EXPECTED)) {
  Deno.test(`look() tells of ${name} what its files say`, () => {
    const home = fileURLToPath(new URL(`../../support/data/${name}/.prodigy`, import.meta.url));
    const source = createStateSource({
      prodigyHome: home,
      homeProdigy: home,
      settleMs: 0,
      idleLimitSeconds: Infinity,
      ignoreOlderThanMs: null,
      pollIntervalMs: 0,
    });
    const nowMs = Date.now();
    assert.deepEqual(byRun(lookAt(source, nowMs)), expected);
    assert.deepEqual(lookAt(source, nowMs + 60_000), []);
    assert.equal(source.health().problem, null);
    source.close();
  });
}

Deno.test("look() waits for the torn sessions of the edge cases", () => {
  const home = fileURLToPath(new URL("../../support/data/prodigy_home/edge", import.meta.url));
  const source = createStateSource({
    prodigyHome: home,
    homeProdigy: home,
    settleMs: 0,
    idleLimitSeconds: Infinity,
    ignoreOlderThanMs: null,
    pollIntervalMs: 0,
  });
  const told = lookAt(source, Date.now());
  assert.deepEqual(told.map(({ event }) => event), [{ type: "worktree_pool_changed", available: 0 }]);
  assert.equal(source.stats().torn, 2);
  source.close();
});
