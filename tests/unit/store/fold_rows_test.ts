import assert from "node:assert/strict";
import type { StoredEvent } from "../../../lib/store/stored_event.ts";
import { foldRows } from "../../../lib/store/fold_rows.ts";
import { workflowExecutionId } from "../../../lib/store/identity.ts";
import { type AgentRow, type JobRow, Rows, type WorkflowRow } from "../../../lib/store/rows.ts";
import type { StepRow } from "../../../lib/store/step_rows.ts";
import { agentCompleted, agentFailed, agentStarted, jobStarted, tokenUsage } from "../../support/event_records.ts";
import { at, micros, stored, storedLine } from "./support.ts";

function folded(...events: readonly StoredEvent[]): Rows {
  const rows = new Rows("here");
  foldRows(events, rows);
  return rows;
}

function started(time: string, workflowName = "build"): StoredEvent {
  return stored({ type: "workflow_started", workflowId: "w", workflowName, totalSteps: 4 }, { timestamp: at(time) });
}
function completed(time: string, status: "success" | "failed" = "success", durationSeconds = 60): StoredEvent {
  return stored({
    type: "workflow_completed",
    workflowId: "w",
    workflowName: "build",
    status,
    durationSeconds,
    totalSteps: 4,
    failedSteps: 0,
  }, { timestamp: at(time) });
}
function abandonedAt(time: string, jobId: string | null = null): StoredEvent {
  return stored({ type: "work_abandoned", jobId }, { origin: "exporter", runId: "w", timestamp: at(time) });
}
function stepEvent(type: "step_started" | "step_completed", time: string, seconds = 0): StoredEvent {
  return storedLine({
    id: `${type} ${time}`,
    timestamp: at(time),
    event: {
      event_type: type,
      workflow_id: "w",
      step_index: 2,
      step_type: "shell",
      status: "success",
      duration: seconds,
      command: "make",
      on_failure_recovered: true,
    },
  });
}

/** The only row, the part of it that a case is about. */
function only<R>(rows: Iterable<R>): R {
  const all = [...rows];
  assert.equal(all.length, 1);
  return all[0] as R;
}
function workflow(rows: Rows): WorkflowRow {
  return only(rows.workflows.values());
}
function agent(rows: Rows): AgentRow {
  return only(rows.agents.values());
}
function job(rows: Rows): JobRow {
  return only(rows.jobs.values());
}
function steps(rows: Rows): readonly StepRow[] {
  return [...rows.steps.values()].flat();
}

Deno.test("a run has one row from start to end", () => {
  const run = workflow(folded(started("09:00:00"), completed("09:01:00")));
  assert.deepEqual(run, {
    id: workflowExecutionId("w"),
    workflowId: "w",
    name: "build",
    startedMicros: micros("09:00:00"),
    isStartKnown: true,
    completedMicros: micros("09:01:00"),
    status: "success",
    durationMs: 60_000,
    statusMicros: micros("09:01:00"),
    totalSteps: 4,
    failedSteps: 0,
    metadata: null,
    instance: "here",
  });
});

Deno.test("a run's end before its start comes to the same", () => {
  assert.deepEqual(
    workflow(folded(completed("09:01:00"), started("09:00:00"))),
    workflow(folded(started("09:00:00"), completed("09:01:00"))),
  );
});

Deno.test("a run's end alone tells its start by the duration", () => {
  const run = workflow(folded(completed("09:01:00")));
  assert.deepEqual([run.startedMicros, run.isStartKnown], [micros("09:00:00"), false]);
});

Deno.test("a resumed run runs again, and keeps its start", () => {
  const run = workflow(folded(started("09:00:00"), completed("09:01:00", "failed"), started("09:05:00")));
  assert.deepEqual([run.status, run.completedMicros, run.startedMicros], ["running", null, micros("09:00:00")]);
});

Deno.test("an older end does not take back a newer status", () => {
  const run = workflow(folded(completed("09:10:00"), completed("09:01:00", "failed")));
  assert.equal(run.status, "success");
});

Deno.test("a step before its run makes a row for the run, named later", () => {
  const rows = folded(stepEvent("step_completed", "09:00:30", 10));
  const placeholder = workflow(rows);
  assert.deepEqual([placeholder.name, placeholder.status], ["unknown", "unknown"]);
  assert.equal(placeholder.startedMicros, micros("09:00:20"));
  foldRows([started("09:00:00")], rows);
  assert.deepEqual([workflow(rows).name, workflow(rows).status], ["build", "running"]);
});

Deno.test("a run without a name is unnamed until it gets one", () => {
  assert.equal(workflow(folded(started("09:00:00", ""))).name, "unnamed");
  assert.equal(workflow(folded(started("09:00:00", ""), started("09:00:01"))).name, "build");
  assert.equal(workflow(folded(started("09:00:00"), started("09:00:01", ""))).name, "build");
});

const STEP_ORDERS: readonly { readonly name: string; readonly events: readonly StoredEvent[] }[] = [
  { name: "in order", events: [stepEvent("step_started", "09:00:00"), stepEvent("step_completed", "09:00:10", 10)] },
  {
    name: "turned round",
    events: [stepEvent("step_completed", "09:00:10", 10), stepEvent("step_started", "09:00:00")],
  },
  {
    name: "with a start a little early",
    events: [stepEvent("step_completed", "09:00:10.020", 10), stepEvent("step_started", "09:00:00")],
  },
  {
    name: "told twice",
    events: [
      stepEvent("step_started", "09:00:00"),
      stepEvent("step_completed", "09:00:10", 10),
      stepEvent("step_started", "09:00:00"),
      stepEvent("step_completed", "09:00:10", 10),
    ],
  },
];
for (const { name, events } of STEP_ORDERS) {
  Deno.test(`start and end of a step ${name} are one execution`, () => {
    const step = only(steps(folded(...events)));
    assert.deepEqual([step.startedMicros, step.isStartKnown, step.status], [micros("09:00:00"), true, "success"]);
    assert.deepEqual([step.command, step.durationMs, step.isRecovered], ["make", 10_000, true]);
  });
}

Deno.test("a step that runs again has a row for each time", () => {
  const again = folded(
    stepEvent("step_completed", "09:00:10", 10),
    stepEvent("step_completed", "09:00:30", 10),
    stepEvent("step_started", "09:00:40"),
    stepEvent("step_completed", "09:00:50", 10),
  );
  assert.deepEqual(steps(again).map((step) => [step.executionNumber, step.completedMicros]), [
    [1, micros("09:00:10")],
    [2, micros("09:00:30")],
    [3, micros("09:00:50")],
  ]);
  assert.equal(new Set(steps(again).map(({ id }) => id)).size, 3);
});

Deno.test("of two open executions an end takes the one that its duration fits", () => {
  const rows = folded(
    stepEvent("step_started", "09:00:00"),
    stepEvent("step_started", "09:00:20"),
    stepEvent("step_completed", "09:00:30", 30),
  );
  assert.deepEqual(steps(rows).map(({ status }) => status), ["success", "running"]);
});

Deno.test("a start that is heard of after a later one's end takes its place among the executions", () => {
  const rows = folded(
    stepEvent("step_completed", "09:00:30", 5),
    stepEvent("step_started", "09:00:00"),
    stepEvent("step_started", "09:00:25"),
  );
  assert.deepEqual(steps(rows).map((step) => [step.executionNumber, step.startedMicros, step.status]), [
    [1, micros("09:00:00"), "running"],
    [2, micros("09:00:25"), "success"],
  ]);
});

Deno.test("whether a step was recovered stays open when only Prodigy's files told of it", () => {
  const step = stepEvent("step_completed", "09:00:30", 5);
  const rows = folded({ ...step, record: { ...step.record, origin: "state" } });
  assert.equal(only(steps(rows)).isRecovered, null);
});

Deno.test("a job is told apart by its session and refers to the run", () => {
  const rows = folded(
    stored(jobStarted("j", 3), { runId: "session-1", timestamp: at("09:00:00") }),
    stored(jobStarted("j", 5), { runId: null, timestamp: at("09:00:00") }),
  );
  assert.deepEqual([...rows.jobs.keys()], ["session-1/j", "j"]);
  assert.equal(rows.jobs.get("session-1/j")?.workflowExecutionId, workflowExecutionId("session-1"));
  assert.equal(rows.jobs.get("j")?.workflowExecutionId, null);
  assert.equal(workflow(rows).name, "unknown");
});

Deno.test("a job's end states its items, and a resume takes that back", () => {
  const end = stored(
    { type: "job_completed", jobId: "j", durationSeconds: 60, successCount: 2, failureCount: 1 },
    { timestamp: at("09:01:00") },
  );
  const rows = folded(end);
  assert.deepEqual([job(rows).successfulItems, job(rows).failedItems, job(rows).areItemsStated], [2, 1, true]);
  foldRows([stored({ type: "job_resumed", jobId: "j", pendingItems: 1 }, { timestamp: at("09:02:00") })], rows);
  assert.deepEqual([job(rows).status, job(rows).areItemsStated], ["running", false]);
});

Deno.test("an agent's retry keeps its row and counts the attempt", () => {
  const events = [
    stored(agentStarted("j", "a"), { timestamp: at("09:00:00") }),
    stored(agentFailed("j", "a"), { timestamp: at("09:00:10") }),
    stored({ type: "agent_retrying", jobId: "j", agentId: "a", attempt: 2 }, { timestamp: at("09:00:11") }),
    stored(agentCompleted("j", "a", 5), { timestamp: at("09:00:20") }),
  ];
  for (const order of [events, events.toReversed()]) {
    const row = agent(folded(...order));
    assert.deepEqual([row.status, row.attempts, row.durationMs, row.errorType], ["success", 2, 5000, null]);
    assert.deepEqual([row.startedMicros, row.isStartKnown], [micros("09:00:00"), true]);
  }
});

Deno.test("an agent's end makes its job's items to be counted again, its progress does not", () => {
  assert.deepEqual([...folded(stored(agentCompleted("j", "a"), { timestamp: at("09:00:00") })).recount], ["j"]);
  assert.equal(folded(stored({ type: "agent_progress", jobId: "j", agentId: "a" })).agents.size, 0);
});

Deno.test("a DLQ item is present as the latest of its events says", () => {
  const added = (time: string): StoredEvent =>
    storedLine({
      timestamp: at(time),
      event: { event_type: "dlq_item_added", job_id: "j", item_id: "i", error_signature: "5b90", failure_count: 2 },
    });
  const removed = stored({ type: "dlq_item_removed", jobId: "j", itemId: "i" }, { timestamp: at("09:05:00") });
  const row = only(folded(added("09:00:00"), removed).dlq.values());
  assert.deepEqual([row.isPresent, row.errorSignature, row.failureCount], [false, "5b90", 2]);
  assert.equal(only(folded(removed, added("09:00:00")).dlq.values()).isPresent, false);
  assert.equal(only(folded(removed, added("09:06:00")).dlq.values()).isPresent, true);
});

Deno.test("usage is stored as the metrics counted it", () => {
  const meaning = { model: "claude-sonnet-4-5", workflowName: "build", costUsd: 0.5 };
  const rows = folded(
    stored(tokenUsage({ inputTokens: 1, outputTokens: 2, jobId: "j" }), { runId: "session-1" }, meaning),
  );
  const usage = only(rows.usage);
  assert.deepEqual([usage.model, usage.workflowName, usage.costUsd], ["claude-sonnet-4-5", "build", 0.5]);
  assert.deepEqual([usage.inputTokens, usage.outputTokens, usage.jobKey], [1, 2, "session-1/j"]);
  assert.equal(usage.workflowExecutionId, workflowExecutionId("session-1"));
  // Usage alone makes no run: anything may have used Claude there.
  assert.equal(rows.workflows.size, 0);
});

Deno.test("the end of a Claude session is usage only for what its stated cost exceeds", () => {
  const end = (costUsd: number | null): StoredEvent =>
    stored(
      {
        type: "claude_session_completed",
        sessionId: "s",
        agentId: null,
        status: "success",
        model: null,
        costUsd,
        durationSeconds: null,
      },
      {},
      { model: null, workflowName: null, costUsd },
    );
  assert.equal(folded(end(null), end(0)).usage.length, 0);
  assert.equal(only(folded(end(0.2)).usage).costUsd, 0.2);
});

Deno.test("folding the same events again changes nothing", () => {
  const events = [
    started("09:00:00"),
    stepEvent("step_completed", "09:00:30", 10),
    stored(agentStarted("j", "a"), { timestamp: at("09:00:00") }),
    stored(agentCompleted("j", "a"), { timestamp: at("09:00:10") }),
    completed("09:01:00"),
  ];
  const rows = folded(...events);
  rows.changed.clear();
  foldRows(events, rows);
  assert.equal(rows.changed.size, 0);
});

const ABANDONED: readonly {
  readonly name: string;
  readonly events: readonly StoredEvent[];
  readonly status: string;
  readonly completedMicros?: number;
}[] = [
  { name: "that began", events: [started("09:00:00")], status: "abandoned" },
  { name: "that never said when it began", events: [], status: "abandoned" },
  { name: "that moved last when it began", events: [started("09:05:00")], status: "abandoned" },
  { name: "that is resumed later", events: [started("09:00:00"), started("10:00:00")], status: "running" },
  {
    name: "that ended later after all",
    events: [started("09:00:00"), completed("10:00:00")],
    status: "success",
    completedMicros: micros("10:00:00"),
  },
  {
    name: "whose end was the last that was heard of it",
    events: [completed("09:05:00", "failed")],
    status: "failed",
    completedMicros: micros("09:05:00"),
  },
  {
    name: "that went on after an end",
    events: [completed("09:01:00"), started("09:02:00")],
    status: "abandoned",
  },
];
for (const { name, events, status, completedMicros = null } of ABANDONED) {
  Deno.test(`a run given up at 9:05 ${name} is ${status}, in any order`, () => {
    const all = [...events, abandonedAt("09:05:00")];
    for (const order of [all, all.toReversed()]) {
      const run = workflow(folded(...order));
      assert.deepEqual([run.status, run.completedMicros], [status, completedMicros]);
    }
  });
}

Deno.test("a job that is given up has the items its agents tell, whatever an earlier end said", () => {
  const events = [
    stored(jobStarted("j", 3), { timestamp: at("09:00:00"), runId: "w" }),
    stored(
      { type: "job_completed", jobId: "j", successCount: 3, failureCount: 0, durationSeconds: 60 },
      { timestamp: at("09:01:00"), runId: "w" },
    ),
    abandonedAt("09:05:00", "j"),
  ];
  const rows = folded(...events);
  const { status, completedMicros, successfulItems, areItemsStated } = job(rows);
  assert.deepEqual([status, completedMicros, successfulItems, areItemsStated], ["abandoned", null, null, false]);
  assert.deepEqual([...rows.recount], ["w/j"]);
  assert.equal(workflow(rows).status, "unknown");
});

Deno.test("what the latest event says of a run and a job holds, in any order", () => {
  const events = [["1", 0, "n", 2, 5], ["2", 5, "m", 3, 7]] as const;
  const lines = events.flatMap(([id, second, name, steps, items]) => {
    const of = { timestamp: at(`09:00:0${second}`), metadata: { pid: items } };
    const run = { event_type: "workflow_started", workflow_id: "w", workflow_name: name, total_steps: steps };
    const job = { event_type: "job_started", job_id: "j", total_items: items };
    return [{ id: `r${id}`, ...of, event: run }, { id: `j${id}`, ...of, event: job }];
  });
  for (const order of [lines, lines.toReversed()]) {
    const rows = folded(...order.map((line) => storedLine(line, "w")));
    const { name, totalSteps, metadata } = workflow(rows);
    assert.deepEqual([name, totalSteps, metadata, job(rows).totalItems], ["m", 3, '{"pid":7}', 7]);
  }
});

Deno.test("agents that nobody saw have no rows: they stand for others", () => {
  const envelope = { runId: "s", origin: "state" } as const;
  const rows = folded(
    stored(agentCompleted("j", "j_agent_unseen_1"), envelope),
    stored(agentCompleted("j", "a"), envelope),
  );
  assert.deepEqual([agent(rows).agentId, job(rows).key], ["a", "s/j"]);
});
