import assert from "node:assert/strict";
import type { Event } from "../../../lib/event/event.ts";
import type { Origin } from "../../../lib/event/record.ts";
import {
  agentCompleted,
  agentFailed,
  jobCompleted,
  jobStarted,
  record,
  tokenUsage,
} from "../../support/event_records.ts";
import { createTestMetrics, type TestMetrics } from "../../support/metrics.ts";

const JOB = "mapreduce-20261124_090000";
const RUN = "session-a";
const LABEL = { job_id: "20261124_090000" };

function folding(): { test: TestMetrics; from: (origin: Origin, event: Event, correlationId?: string) => string } {
  const test = createTestMetrics();
  return {
    test,
    from: (origin, event, correlationId) =>
      test.metrics.fold.fold(record(event, { origin, runId: RUN, correlationId: correlationId ?? null })),
  };
}

Deno.test("event lines silence the state readers about the same kind of fact", () => {
  const { test, from } = folding();
  from("line", agentCompleted(JOB, "a", 5));
  assert.equal(from("state", agentCompleted(JOB, "a", 6)), "drop");
  assert.equal(from("state", agentFailed(JOB, "b")), "drop");
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...LABEL, status: "success" }), 1);
  assert.equal(test.value("prodigy_agent_duration_seconds", LABEL), 5);
});

Deno.test("event lines of one kind leave the state readers the other kinds", () => {
  const { test, from } = folding();
  from("line", agentCompleted(JOB, "a"));
  assert.equal(from("state", { type: "dlq_item_added", jobId: JOB, itemId: "item_1" }), "count");
  assert.equal(from("state", jobCompleted(JOB, 60)), "count");
  assert.equal(test.value("prodigy_mapreduce_dlq_items", LABEL), 1);
});

Deno.test("a fact counted from state is not counted again when its line comes second", () => {
  const { test, from } = folding();
  from("state", jobStarted(JOB));
  from("state", agentCompleted(JOB, `${JOB}_agent_0`, 5));
  from("state", { type: "dlq_item_added", jobId: JOB, itemId: "item_1" });
  from("state", agentFailed(JOB, `${JOB}_agent_1`));
  const again: readonly Event[] = [
    jobStarted(JOB),
    agentCompleted(JOB, `${JOB}_agent_0`, 5.5),
    { type: "dlq_item_added", jobId: JOB, itemId: "item_1" },
    agentFailed(JOB, `${JOB}_agent_1`),
  ];
  for (const event of again) from("line", event);
  from("line", agentCompleted(JOB, `${JOB}_agent_2`, 7));
  assert.deepEqual(test.series("prodigy_mapreduce_items_total"), [
    "job_id=20261124_090000,status=dlq 1",
    "job_id=20261124_090000,status=failed 1",
    "job_id=20261124_090000,status=success 2",
  ]);
  assert.equal(test.value("prodigy_agent_duration_seconds", LABEL), 12);
});

Deno.test("a success the state readers could not attribute is the same fact as a line that can", () => {
  const { test, from } = folding();
  for (const k of [0, 1]) from("state", agentCompleted(JOB, `${JOB}_agent_unseen_${k}`, null));
  for (const k of [0, 1, 2]) from("line", agentCompleted(JOB, `${JOB}_agent_${k}`, 5));
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...LABEL, status: "success" }), 3);
  assert.equal(test.value("prodigy_agent_duration_seconds", LABEL), 5);
});

Deno.test("a job's end counted from state is not counted again from a line", () => {
  const { test, from } = folding();
  from("state", jobStarted(JOB));
  from("state", jobCompleted(JOB, 60));
  from("line", jobCompleted(JOB, 59));
  assert.equal(test.value("prodigy_mapreduce_jobs_total", { status: "success" }), 1);
  assert.equal(test.value("prodigy_mapreduce_job_duration_seconds"), 60);
});

Deno.test("a run's end counted from state is not counted again from a line, its next end is", () => {
  const { test, from } = folding();
  const completed: Event = {
    type: "workflow_completed",
    workflowId: RUN,
    workflowName: "fix-lint",
    status: "success",
    durationSeconds: 3,
    totalSteps: null,
    failedSteps: null,
  };
  from("state", completed);
  from("line", completed);
  assert.equal(test.value("prodigy_workflow_executions_total", { workflow_name: "fix-lint", status: "success" }), 1);
  from("line", completed);
  assert.equal(test.value("prodigy_workflow_executions_total", { workflow_name: "fix-lint", status: "success" }), 2);
  assert.equal(from("state", completed), "drop");
});

Deno.test("a Claude session told by lines silences its transcript, tool calls by their ids", () => {
  const { test, from } = folding();
  from("line", { type: "claude_session_started", agentId: "agent-default", sessionId: "s1", model: null }, "c1");
  from("line", tokenUsage({ inputTokens: 10 }), "c1");
  from("line", { type: "claude_tool_invoked", agentId: null, toolName: "Read", toolId: "toolu_1" }, "c1");
  assert.equal(from("state", tokenUsage({ inputTokens: 10 }), "s1"), "drop");
  assert.equal(
    from("state", { type: "claude_tool_invoked", agentId: null, toolName: "Read", toolId: "toolu_1" }),
    "drop",
  );
  assert.equal(from("state", tokenUsage({ inputTokens: 5 }), "s2"), "count");
  assert.equal(test.value("prodigy_claude_tokens_total", { token_type: "input" }), 15);
  assert.equal(test.value("prodigy_claude_tool_invocations_total", { tool_name: "Read" }), 1);
});

Deno.test("lines of a Claude session already read from its transcript are not counted again", () => {
  const { test, from } = folding();
  from("state", { type: "claude_session_started", agentId: null, sessionId: "s1", model: null }, "s1");
  from("state", tokenUsage({ inputTokens: 10 }), "s1");
  from("state", { type: "claude_tool_invoked", agentId: null, toolName: "Read", toolId: "toolu_1" }, "s1");
  from("line", { type: "claude_session_started", agentId: "agent-default", sessionId: "s1", model: null }, "c1");
  assert.equal(from("line", tokenUsage({ inputTokens: 10 }), "c1"), "gauges_only");
  from("line", { type: "claude_tool_invoked", agentId: null, toolName: "Read", toolId: "toolu_1" }, "c1");
  assert.equal(test.value("prodigy_claude_tokens_total", { token_type: "input" }), 10);
  assert.equal(test.value("prodigy_claude_tool_invocations_total", { tool_name: "Read" }), 1);
});

Deno.test("two lines with one tool id are two events: only another source is taken for a repetition", () => {
  const { test, from } = folding();
  const tool: Event = { type: "claude_tool_invoked", agentId: null, toolName: "Read", toolId: "toolu_1" };
  from("line", tool);
  from("line", tool);
  assert.equal(test.value("prodigy_claude_tool_invocations_total", { tool_name: "Read" }), 2);
});

Deno.test("lines that tell one kind of fact of a Claude session leave the others to its transcript", () => {
  const { test, from } = folding();
  from("line", { type: "claude_session_started", agentId: null, sessionId: "s1", model: null }, "c1");
  from("line", { type: "claude_error", errorType: "overloaded", sessionId: "s1", agentId: null }, "c1");
  from("state", { type: "claude_error", errorType: "overloaded", sessionId: "s1", agentId: null }, "s1");
  assert.equal(from("state", tokenUsage({ inputTokens: 10 }), "s1"), "count");
  assert.equal(test.value("prodigy_claude_tokens_total", { token_type: "input" }), 10);
  assert.equal(test.value("prodigy_claude_errors_total", { error_type: "overloaded" }), 1);
});

Deno.test("a line that states a session's cost adds what the transcript's estimate was lower", () => {
  const { test, from } = folding();
  from("state", tokenUsage({ costUsd: 0.25, model: "claude-sonnet-4-5" }), "s1");
  from("line", {
    type: "claude_session_completed",
    sessionId: "s1",
    agentId: null,
    status: "success",
    model: "claude-sonnet-4-5",
    costUsd: 1,
    durationSeconds: null,
  });
  assert.equal(test.value("prodigy_claude_cost_usd_total", { model: "claude-sonnet-4-5" }), 1);
});

Deno.test("tokens told to be unpriced after the fact are counted as such only", () => {
  const { test, from } = folding();
  from("state", tokenUsage({ inputTokens: 10, costUsd: 0, model: "claude-of-tomorrow" }), "s1");
  from("state", { type: "claude_tokens_unpriced", model: "claude-of-tomorrow", tokens: 10 }, "s1");
  assert.equal(test.value("prodigy_claude_tokens_total", { token_type: "input" }), 10);
  assert.equal(test.value("prodigy_claude_unpriced_tokens_total", { model: "claude-of-tomorrow" }), 10);
  assert.equal(test.value("prodigy_claude_cost_usd_total", { model: "claude-of-tomorrow" }), undefined);
});

Deno.test("what only lines tell of a step is counted also when the checkpoint told of the step first", () => {
  const { test, from } = folding();
  const step = {
    type: "step_completed",
    workflowId: RUN,
    workflowName: "fix-lint",
    stepIndex: 0,
    stepType: "test",
    status: "success",
    durationSeconds: 3,
  } as const;
  from("state", { ...step, onFailureRecovered: false, validation: null });
  assert.equal(from("line", { ...step, onFailureRecovered: true, validation: "passed" }), "gauges_only");
  assert.equal(test.value("prodigy_step_on_failure_recoveries_total", { step_type: "test" }), 1);
  assert.equal(test.value("prodigy_step_validations_total", { step_type: "test", result: "passed" }), 1);
  assert.equal(test.value("prodigy_workflow_steps_total", { workflow_name: "fix-lint" }), 1);
});

Deno.test("what lies on disk says nothing of the worktree pool once an event told its size, also after a restart", () => {
  const { test, from } = folding();
  const size = (available: number): Event => ({ type: "worktree_pool_changed", available });
  from("state", size(1));
  assert.equal(test.value("prodigy_worktree_pool_size"), 1);
  from("line", size(7));
  assert.equal(from("state", size(2)), "drop");
  assert.equal(test.value("prodigy_worktree_pool_size"), 7);
  const after = createTestMetrics();
  after.metrics.loadState(JSON.parse(JSON.stringify(test.metrics.saveState(0))), 0);
  assert.equal(after.metrics.fold.fold(record(size(3), { origin: "state" })), "drop");
  assert.equal(after.value("prodigy_worktree_pool_size"), 7);
});

const SECOND_LATER = "mapreduce-20261124_090001";

Deno.test("a session's job that goes by two ids a second apart is one job, whichever comes first", () => {
  for (const [first, second] of [[JOB, SECOND_LATER], [SECOND_LATER, JOB]] as const) {
    const { test, from } = folding();
    from("state", jobStarted(first));
    from("state", agentCompleted(first, `${JOB}_agent_0`));
    from("line", agentCompleted(second, `${JOB}_agent_0`));
    from("line", agentCompleted(second, `${JOB}_agent_1`));
    from("line", jobCompleted(second));
    assert.equal(from("state", jobCompleted(first)), "drop");
    assert.equal(test.value("prodigy_mapreduce_items_total", { status: "success" }), 2);
    assert.equal(test.value("prodigy_mapreduce_jobs_total", { status: "success" }), 1);
    assert.equal(test.series("prodigy_mapreduce_jobs_active").length, 1);
  }
});

Deno.test("jobs a second apart are two where the sessions differ or none is told", () => {
  const { test, from } = folding();
  from("state", jobStarted(JOB));
  test.metrics.fold.fold(record(jobStarted(SECOND_LATER), { runId: "session-b" }));
  test.metrics.fold.fold(record(jobStarted("mapreduce-20261124_085959"), { runId: null }));
  assert.equal(test.series("prodigy_mapreduce_jobs_active").length, 3);
});

Deno.test("jobs of two repositories that began in the same second are two, also after a restart", () => {
  const { test } = folding();
  const fold = ({ metrics }: TestMetrics, repository: string | null, event: Event): unknown =>
    metrics.fold.fold(record(event, { runId: null, repository }));
  for (const repository of ["repo-a", "repo-b"]) {
    fold(test, repository, jobStarted(JOB));
    fold(test, repository, agentCompleted(JOB, "same agent"));
  }
  fold(test, "repo-a", jobCompleted(JOB));
  const after = createTestMetrics();
  after.metrics.loadState(JSON.parse(JSON.stringify(test.metrics.saveState(0))), 0);
  const active = (): number[] =>
    after.metrics.ledger.family("prodigy_mapreduce_jobs_active").series().map(({ amount }) => amount.value);
  assert.deepEqual(active().sort(), [0, 1]);
  // Whoever tells no place means the one that runs.
  fold(after, null, agentCompleted(JOB, "other agent"));
  fold(after, "repo-b", jobCompleted(JOB));
  assert.deepEqual(active(), [0, 0]);
  assert.equal(after.value("prodigy_mapreduce_jobs_total", { status: "success" }), 2);
  const items = after.metrics.ledger.family("prodigy_mapreduce_items_total").series();
  assert.deepEqual(items.filter(({ labels }) => labels[1] === "success").map(({ amount }) => amount.value).sort(), [
    1,
    2,
  ]);
});

Deno.test("a job whose lines lie in a repository's directory and its session's state are one job, whichever comes first", () => {
  for (const linesFirst of [true, false]) {
    const { test, from } = folding();
    const line = (): unknown =>
      test.metrics.fold.fold(record(agentCompleted(JOB, "a"), { runId: null, repository: "repo-a" }));
    if (linesFirst) line();
    from("state", jobStarted(JOB));
    from("state", agentCompleted(JOB, "a"));
    if (!linesFirst) line();
    assert.equal(test.value("prodigy_mapreduce_items_total", { ...LABEL, status: "success" }), 1);
    assert.equal(test.series("prodigy_mapreduce_jobs_active").length, 1);
  }
});
