import assert from "node:assert/strict";
import { lookAtRun, type RunSeen } from "../../../lib/prodigy/run_look.ts";
import { newRunMemory } from "../../../lib/prodigy/run_memory.ts";
import { parseSession } from "../../../lib/prodigy/sessions.ts";
import { dlqItemJson } from "../../support/prodigy_documents.ts";
import { RIG_START_MS, StateRig } from "../../support/state_rig.ts";

const NOW = new Date(RIG_START_MS).toISOString();
/** More arguments than a call can have. */
const MANY = 130_000;
/** With two events each, as many. */
const MANY_ITEMS = 66_000;

/** Changes a run's session by hand, as its own next write would. */
function editSession(rig: StateRig, runId: string, edit: (session: Record<string, unknown>) => void): void {
  const path = `${rig.prodigy.prodigyHome}/sessions/${runId}.json`;
  const session = JSON.parse(Deno.readTextFileSync(path));
  edit(session);
  writeStamped(rig, path, JSON.stringify(session));
}

function writeStamped(rig: StateRig, path: string, text: string): void {
  Deno.writeTextFileSync(path, text);
  const time = new Date(rig.clock.nowMs);
  Deno.utimeSync(path, time, time);
}

/** A MapReduce run that ended at once with these figures; `undefined` leaves one out. */
function endedJob(rig: StateRig, figures: { readonly delta: number; readonly filesChanged?: number }): string {
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.finishMapReduce(runId);
  editSession(rig, runId, (session) => {
    session["metadata"] = { files_changed_delta: figures.delta };
    session["workflow_data"] = figures.filesChanged === undefined ? null : { files_changed: figures.filesChanged };
  });
  return runId;
}

Deno.test("look() tells no agents where the session counts more than a job can have, and says so", () => {
  for (const figure of [200_000, 3e7, Number.MAX_SAFE_INTEGER]) {
    using rig = new StateRig({ settleMs: 0 });
    const runId = endedJob(rig, { delta: figure, filesChanged: figure });
    assert.deepEqual(rig.look(), [
      "start mapreduce",
      "job start ?",
      "job completed 0s 0+0",
      "end mapreduce success 0s",
    ]);
    const { problem, unread } = rig.source.health();
    const path = `${rig.prodigy.prodigyHome}/sessions/${runId}.json`;
    const reason = `${figure} successful agents by its files_changed_delta, more than a job can have`;
    assert.equal(problem, `Cannot read ${path}: ${reason}`);
    assert.equal(unread?.unreadable, 1);
    rig.after(4_000);
    assert.equal(rig.source.health().problem, null, "it is past");
  }
});

Deno.test("look() tells as many unseen agents as a job can have", () => {
  using rig = new StateRig({ settleMs: 0 });
  endedJob(rig, { delta: 50_000, filesChanged: 50_000 });
  const told = rig.look();
  assert.equal(told.filter((line) => /^agent unseen_\d+ completed \?$/.test(line)).length, 50_000);
  assert.ok(told.includes("job completed 0s 50000+0"));
});

Deno.test("look() tells the successes of a job whose session has no total", () => {
  using rig = new StateRig({ settleMs: 0 });
  const runId = endedJob(rig, { delta: 3 });
  assert.ok(rig.look().includes("job completed 0s 3+0"));
  rig.clock.nowMs += 60_000;
  editSession(rig, runId, (session) => Object.assign(session, { status: "Failed", completed_at: null }));
  const jobs = rig.look().filter((line) => line.includes("agent") || line.includes("job"));
  assert.deepEqual(jobs, [], "they are those of before");
});

Deno.test("look() tells once the successes of a job that was resumed, whose session had no total at first", () => {
  using rig = new StateRig();
  const { runId } = rig.prodigy.startMapReduce();
  rig.look();
  rig.clock.nowMs += 5_000;
  const fail = (filesChanged: number | null, delta: number): void =>
    editSession(rig, runId, (session) =>
      Object.assign(session, {
        status: "Failed",
        completed_at: new Date(rig.clock.nowMs).toISOString(),
        updated_at: new Date(rig.clock.nowMs).toISOString(),
        metadata: { files_changed_delta: delta },
        workflow_data: { files_changed: filesChanged },
      }));
  const unseen = (): string[] => [...rig.after(2), ...rig.after(2)].filter((line) => line.includes("unseen"));
  fail(null, 3);
  assert.equal(unseen().length, 3);
  for (const [filesChanged, delta, told] of [[3, 3, 0], [5, 2, 2]] as const) {
    rig.clock.nowMs += 100_000;
    rig.prodigy.resume(runId);
    rig.prodigy.startAgent(runId, 7);
    rig.look();
    fail(filesChanged, delta);
    assert.equal(unseen().length, told);
  }
});

Deno.test("look() tells a run of more steps than a call has arguments", () => {
  using rig = new StateRig({ settleMs: 0 });
  const run = rig.prodigy.startWorkflow({ name: "w" });
  const steps = Array.from(
    { length: MANY },
    (_, step_index) => ({ step_index, command: "shell: x", completed_at: NOW }),
  );
  const directory = `${rig.prodigy.prodigyHome}/state/${run}/checkpoints`;
  Deno.mkdirSync(directory, { recursive: true });
  const checkpoint = { execution_state: { status: "Running" }, completed_steps: steps };
  writeStamped(rig, `${directory}/x.checkpoint.json`, JSON.stringify(checkpoint));
  assert.equal(rig.look().filter((line) => line.startsWith("step")).length, MANY);
});

Deno.test("lookAtRun() tells a job of more DLQ items and agents than a call has arguments", () => {
  const session = parseSession({ id: "session-1", status: "Running", started_at: NOW });
  assert.ok(session !== null);
  const jobId = "mapreduce-20261124_081000";
  const numbers = Array.from({ length: MANY_ITEMS }, (_, index) => index);
  const item = { failureCount: 1, errorType: "timeout", failedAt: NOW };
  const agents = numbers.map((index) => {
    const agentId = `${jobId}_agent_${index}`;
    return [agentId, { jobId, agentId, itemId: `item_${index}`, createdAt: NOW }] as const;
  });
  const seen: RunSeen = {
    id: session.id,
    session,
    interruptedAt: null,
    isSettled: false,
    activitySeconds: RIG_START_MS / 1000,
    checkpoints: new Map(),
    agents: { directory: "listed", agents: new Map(agents), changedMs: null, newestMs: 0 },
    dlq: new Map([[jobId, {
      directory: "listed",
      items: new Map(numbers.map((index) => [`item_${index}`, item])),
      newestMs: 0,
    }]]),
    jobs: new Map(),
  };
  const { records } = lookAtRun(newRunMemory(null), seen, { nowMs: RIG_START_MS, idleLimitSeconds: 3600 });
  for (const type of ["agent_started", "agent_failed", "dlq_item_added"]) {
    assert.equal(records.filter(({ event }) => event.type === type).length, MANY_ITEMS, type);
  }
});

Deno.test("look() tells more DLQ items outside of any run than a call has arguments", () => {
  using rig = new StateRig();
  const items = `${rig.prodigy.prodigyHome}/dlq/demo-app/mapreduce-20251001_120000/items`;
  Deno.mkdirSync(items, { recursive: true });
  const text = JSON.stringify(dlqItemJson("item", "Timeout", 1, NOW));
  for (let index = 0; index < MANY_ITEMS; index++) {
    const path = `${items}/item_${index}.json`;
    // A file has at most 65,000 names on some file systems.
    if (index % 30_000 === 0) writeStamped(rig, path, text);
    else Deno.linkSync(`${items}/item_${index - index % 30_000}.json`, path);
  }
  assert.equal(rig.look().filter((line) => line.startsWith("dlq_item_added")).length, MANY_ITEMS);
});

Deno.test("look() counts a run whose times cannot be, without a duration", () => {
  for (const startedAt of ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"]) {
    using rig = new StateRig({ settleMs: 0 });
    const run = rig.prodigy.startWorkflow({ name: "w" });
    rig.prodigy.failStep(run, { command: "shell: x" });
    editSession(rig, run, (session) => session["started_at"] = startedAt);
    assert.deepEqual(rig.look(), ["start w", "step 0 shell failed ?", "checkpoint", "end w failed ?"]);
  }
});

Deno.test("look() counts a step whose duration cannot be, without it", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  const durations = [{ secs: 1e18, nanos: 0 }, { secs: 2 }, [-2, 500_000_000]];
  const steps = durations.map((duration, step_index) => ({
    step_index,
    command: "shell: x",
    duration,
    completed_at: NOW,
  }));
  const directory = `${rig.prodigy.prodigyHome}/state/${run}/checkpoints`;
  Deno.mkdirSync(directory, { recursive: true });
  const checkpoint = { execution_state: { status: "Running" }, completed_steps: steps };
  writeStamped(rig, `${directory}/x.checkpoint.json`, JSON.stringify(checkpoint));
  assert.deepEqual(rig.look().filter((line) => line.startsWith("step")), [
    "step 0 shell success ?",
    "step 1 shell success 2s",
    "step 2 shell success 0s",
  ]);
});
