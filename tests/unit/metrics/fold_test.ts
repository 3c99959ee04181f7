import assert from "node:assert/strict";
import type { Event } from "../../../lib/event/event.ts";
import {
  agentCompleted,
  agentFailed,
  agentStarted,
  jobCompleted,
  jobStarted,
  record,
  tokenUsage,
} from "../../support/event_records.ts";
import { createTestMetrics, type TestMetrics } from "../../support/metrics.ts";

const JOB = "mapreduce-20261124_090000";
const LABEL = { job_id: "20261124_090000" };

function folded(...events: readonly Event[]): TestMetrics {
  const test = createTestMetrics();
  for (const event of events) test.metrics.fold.fold(record(event));
  return test;
}

Deno.test("Fold counts an agent's end as an item and its duration", () => {
  const test = folded(jobStarted(JOB, 3), agentStarted(JOB, "a"), agentCompleted(JOB, "a", 45.678));
  assert.deepEqual(test.series("prodigy_mapreduce_items_total"), [
    "job_id=20261124_090000,status=dlq 0",
    "job_id=20261124_090000,status=failed 0",
    "job_id=20261124_090000,status=success 1",
  ]);
  assert.equal(test.value("prodigy_agent_duration_seconds", LABEL), 45.678);
  assert.equal(test.value("prodigy_mapreduce_items_pending", LABEL), 2);
});

Deno.test("Fold sets running agents from a set, which repeated events do not drive up or below 0", () => {
  const started = agentStarted(JOB, "a");
  const test = folded(started, started, agentStarted(JOB, "b"), agentCompleted(JOB, "a"), agentCompleted(JOB, "a"));
  assert.equal(test.value("prodigy_mapreduce_agents_active", LABEL), 1);
});

Deno.test("Fold drops running agents to 0 at the job's end and ignores late starts", () => {
  const test = folded(jobStarted(JOB), agentStarted(JOB, "a"), jobCompleted(JOB), agentStarted(JOB, "b"));
  assert.equal(test.value("prodigy_mapreduce_agents_active", LABEL), 0);
  assert.equal(test.value("prodigy_mapreduce_jobs_active", LABEL), 0);
});

Deno.test("Fold counts a job's end once until it is resumed", () => {
  const test = folded(jobStarted(JOB), jobCompleted(JOB), jobCompleted(JOB));
  assert.equal(test.value("prodigy_mapreduce_jobs_total", { status: "success" }), 1);
  test.metrics.fold.fold(record({ type: "job_resumed", jobId: JOB, pendingItems: 1 }));
  assert.equal(test.value("prodigy_mapreduce_jobs_active", LABEL), 1);
  test.metrics.fold.fold(record({ type: "job_failed", jobId: JOB, durationSeconds: null }));
  assert.equal(test.value("prodigy_mapreduce_jobs_total", { status: "failed" }), 1);
});

Deno.test("Fold lets no older news revive a job that has ended", () => {
  const test = folded();
  const at = (event: Event, timestamp: string): unknown => test.metrics.fold.fold(record(event, { timestamp }));
  at({ type: "job_failed", jobId: JOB, durationSeconds: null }, "2026-11-24T09:31:02Z");
  at({ type: "job_resumed", jobId: JOB, pendingItems: 3 }, "2026-11-24T09:30:00.124373476Z");
  assert.equal(test.value("prodigy_mapreduce_jobs_active", LABEL), 0);
  at({ type: "job_resumed", jobId: JOB, pendingItems: 3 }, "2026-11-24T10:00:00Z");
  assert.equal(test.value("prodigy_mapreduce_jobs_active", LABEL), 1);
});

Deno.test("Fold keeps the DLQ as a set of items: reprocessed and evicted do not subtract again", () => {
  const added = (itemId: string): Event => ({ type: "dlq_item_added", jobId: JOB, itemId });
  const test = folded(
    added("item_1"),
    added("item_1"),
    added("item_2"),
    { type: "dlq_item_removed", jobId: JOB, itemId: "item_1" },
    { type: "dlq_items_reprocessed", jobId: JOB },
    { type: "dlq_items_evicted", jobId: JOB },
    { type: "dlq_item_removed", jobId: JOB, itemId: "item_9" },
  );
  assert.equal(test.value("prodigy_mapreduce_dlq_items", LABEL), 1);
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...LABEL, status: "dlq" }), 3);
});

Deno.test("Fold gives two live jobs of one id in two sessions series of their own", () => {
  const test = folded();
  for (const runId of ["session-a", "session-b"]) {
    test.metrics.fold.fold(record(agentStarted(JOB, "agent"), { runId }));
  }
  const labels = test.series("prodigy_mapreduce_agents_active");
  assert.equal(labels.length, 2);
  assert.equal(labels[0], "job_id=20261124_090000 1");
  assert.match(labels[1] ?? "", /^job_id=20261124_090000-[0-9a-f]{4} 1$/);
});

Deno.test("Fold takes a job named without a session for the one it knows", () => {
  const test = folded();
  test.metrics.fold.fold(record(agentStarted(JOB, "a")));
  test.metrics.fold.fold(record(agentStarted(JOB, "b"), { runId: "session-a" }));
  test.metrics.fold.fold(record(agentStarted(JOB, "c")));
  assert.deepEqual(test.series("prodigy_mapreduce_agents_active"), ["job_id=20261124_090000 3"]);
  assert.deepEqual(test.series("prodigy_mapreduce_job_info"), [
    "job_id=20261124_090000,job_full_id=mapreduce-20261124_090000,session_id=session-a 1",
  ]);
});

Deno.test("Fold tells a job's session instead of none, though it was restarted in between", () => {
  const before = folded(agentStarted(JOB, "a"));
  const after = createTestMetrics();
  after.metrics.loadState(before.metrics.saveState(0), 0);
  after.metrics.fold.fold(record(agentStarted(JOB, "b"), { runId: "session-a" }));
  assert.deepEqual(after.series("prodigy_mapreduce_job_info"), [
    "job_id=20261124_090000,job_full_id=mapreduce-20261124_090000,session_id=session-a 1",
  ]);
});

Deno.test("Fold counts runs in progress by name and moves a run that gets a better one", () => {
  const started = (workflowName: string): Event => ({
    type: "workflow_started",
    workflowId: "w1",
    workflowName,
    totalSteps: 3,
  });
  const test = folded(started(""), started(""), started("fix-lint"));
  assert.deepEqual(test.series("prodigy_workflow_active"), ["workflow_name=fix-lint 1", "workflow_name=unnamed 0"]);
  test.metrics.fold.fold(record({
    type: "workflow_completed",
    workflowId: "w1",
    workflowName: "fix-lint",
    status: "failed",
    durationSeconds: 12.5,
    totalSteps: 3,
    failedSteps: 1,
  }));
  assert.deepEqual(test.series("prodigy_workflow_active"), ["workflow_name=fix-lint 0", "workflow_name=unnamed 0"]);
  assert.deepEqual(test.series("prodigy_workflow_executions_total").filter((one) => one.includes("fix-lint")), [
    "workflow_name=fix-lint,status=cancelled 0",
    "workflow_name=fix-lint,status=failed 1",
    "workflow_name=fix-lint,status=success 0",
  ]);
  assert.equal(test.value("prodigy_workflow_duration_seconds", { workflow_name: "fix-lint" }), 12.5);
});

Deno.test("Fold counts a step once, with its recovery and validation", () => {
  const test = folded({
    type: "step_completed",
    workflowId: "w1",
    workflowName: "fix-lint",
    stepIndex: 0,
    stepType: "test",
    status: "success",
    durationSeconds: 8.5,
    onFailureRecovered: true,
    validation: "passed",
  });
  assert.equal(test.value("prodigy_workflow_steps_total", { workflow_name: "fix-lint" }), 1);
  assert.equal(test.value("prodigy_step_executions_total", { step_type: "test", status: "success" }), 1);
  assert.equal(test.value("prodigy_step_duration_seconds", { step_type: "test" }), 8.5);
  assert.equal(test.value("prodigy_step_on_failure_recoveries_total", { step_type: "test" }), 1);
  assert.equal(test.value("prodigy_step_validations_total", { step_type: "test", result: "passed" }), 1);
});

Deno.test("Fold shows a step name that is no step type as other", () => {
  const test = folded({ type: "step_validated", workflowId: null, stepType: "rm -rf /", result: "failed" });
  assert.equal(test.value("prodigy_step_validations_total", { step_type: "other", result: "failed" }), 1);
});

Deno.test("Fold counts tokens of an unknown model as unpriced, never as cost 0", () => {
  const test = folded(tokenUsage({ inputTokens: 10, outputTokens: 2, cacheReadTokens: 30, model: "gpt-9" }));
  assert.equal(test.value("prodigy_claude_unpriced_tokens_total", { model: "gpt-9" }), 42);
  assert.equal(test.value("prodigy_claude_cost_usd_total", { model: "gpt-9" }), undefined);
  assert.equal(test.value("prodigy_claude_tokens_total", { token_type: "cache" }), 30);
});

Deno.test("Fold prices usage of a known model, and the vendor's figure wins", () => {
  const model = "claude-sonnet-4-5-20250929";
  const test = folded(
    tokenUsage({ inputTokens: 1_000_000, model }),
    tokenUsage({ inputTokens: 1_000_000, model, costUsd: 0.5 }),
  );
  assert.equal(test.value("prodigy_claude_cost_usd_total", { model }), 3.5);
  assert.equal(test.value("prodigy_claude_unpriced_tokens_total", { model }), undefined);
});

Deno.test("Fold takes the model of Prodigy's usage events from the session that was started before", () => {
  const test = folded();
  const envelope = { correlationId: "c1" };
  const model = "claude-sonnet-4-5-20250929";
  test.metrics.fold.fold(
    record({ type: "claude_session_started", agentId: "agent-default", sessionId: "s1", model }, envelope),
  );
  test.metrics.fold.fold(record(tokenUsage({ inputTokens: 7 }), envelope));
  assert.equal(test.value("prodigy_claude_model_tokens_total", { model, token_type: "input" }), 7);
});

Deno.test("Fold adds of a session's stated cost only what its usage has not cost already", () => {
  const model = "claude-sonnet-4-5-20250929";
  const test = folded();
  const envelope = { correlationId: "c1" };
  test.metrics.fold.fold(record(tokenUsage({ inputTokens: 1_000_000, model }), envelope));
  test.metrics.fold.fold(record({
    type: "claude_session_completed",
    sessionId: "s1",
    agentId: null,
    status: "success",
    model,
    costUsd: 3.25,
    durationSeconds: null,
  }, envelope));
  assert.equal(test.value("prodigy_claude_cost_usd_total", { model }), 3.25);
  assert.equal(test.value("prodigy_claude_sessions_total", { status: "success" }), 1);
});

Deno.test("Fold counts a retry and folds MCP tools by server", () => {
  const test = folded(
    { type: "agent_retrying", jobId: JOB, agentId: "a", attempt: 2 },
    { type: "claude_tool_invoked", agentId: null, toolName: "mcp__github__create_issue", toolId: null },
    { type: "claude_tool_invoked", agentId: null, toolName: "mcp__github__get_issue", toolId: null },
  );
  assert.equal(test.value("prodigy_agent_retries_total"), 1);
  assert.equal(test.value("prodigy_claude_tool_invocations_total", { tool_name: "mcp__github" }), 2);
});

Deno.test("Fold counts failed items by error type where one is told", () => {
  const test = folded(agentFailed(JOB, "a"), {
    type: "agent_failed",
    jobId: JOB,
    agentId: "b",
    retryEligible: false,
    errorType: "timeout",
  });
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...LABEL, status: "failed" }), 2);
  assert.equal(test.value("prodigy_mapreduce_item_failures_total", { error_type: "timeout" }), 1);
});
