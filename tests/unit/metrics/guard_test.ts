import assert from "node:assert/strict";
import type { Event } from "../../../lib/event/event.ts";
import {
  agentCompleted,
  agentStarted,
  jobCompleted,
  jobStarted,
  record,
  tokenUsage,
} from "../../support/event_records.ts";
import { createTestMetrics, type TestMetrics } from "../../support/metrics.ts";

/** Jobs that have a label of their own. */
const LABELS = 500;
const ACTIVE = "prodigy_mapreduce_jobs_active";
const AGENTS = "prodigy_mapreduce_agents_active";
const OTHER = { job_id: "other" };

function foldAll({ metrics }: TestMetrics, events: readonly Event[]): void {
  for (const event of events) metrics.fold.fold(record(event));
}

/** So many jobs that run, each with an agent. */
function startJobs(test: TestMetrics, count: number): void {
  for (let number = 0; number < count; number++) {
    foldAll(test, [jobStarted(`job-${number}`, 3), agentStarted(`job-${number}`, "a")]);
  }
}

function total(test: TestMetrics, name: string): number {
  return test.metrics.ledger.family(name).series().reduce((sum, { amount }) => sum + amount.value, 0);
}

/** The same after a restart from a snapshot. */
function restarted(test: TestMetrics, options: Parameters<typeof createTestMetrics>[0] = {}): TestMetrics {
  const after = createTestMetrics(options);
  after.metrics.loadState(JSON.parse(JSON.stringify(test.metrics.saveState(0))), 0);
  return after;
}

Deno.test("jobs past the budget count as one", () => {
  const test = createTestMetrics();
  startJobs(test, LABELS + 3);
  assert.equal(test.metrics.ledger.family(ACTIVE).series().length, LABELS + 1);
  assert.equal(test.value(ACTIVE, OTHER), 3);
  assert.equal(test.value(AGENTS, OTHER), 3);
  assert.equal(test.value("prodigy_mapreduce_job_items", OTHER), 9);
  assert.deepEqual(test.limitHits, [500, 501, 502].map((number) => `${ACTIVE} job-${number}`));
});

Deno.test("jobs past the budget: gauges are sums of sets, not of +1 and -1", () => {
  const test = createTestMetrics();
  startJobs(test, LABELS + 2);
  foldAll(test, [agentStarted("job-500", "a"), agentStarted("job-501", "b"), agentStarted("job-501", "b")]);
  assert.equal(test.value(AGENTS, OTHER), 3);
  foldAll(test, [agentCompleted("job-501", "b"), agentCompleted("job-501", "b"), jobCompleted("job-500")]);
  assert.equal(test.value(AGENTS, OTHER), 1);
  assert.equal(test.value(ACTIVE, OTHER), 1);
});

Deno.test("jobs past the budget lose nothing that was counted", () => {
  const test = createTestMetrics();
  for (let number = 0; number < 700; number++) foldAll(test, [agentCompleted(`job-${number}`, "a", 2)]);
  assert.equal(total(test, "prodigy_mapreduce_items_total"), 700);
  assert.equal(total(test, "prodigy_agent_duration_seconds"), 1400);
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...OTHER, status: "success" }), 200);
});

Deno.test("a job past the budget gets a label of its own when there is room", () => {
  const test = createTestMetrics({ finishedHoldSeconds: 1 });
  test.metrics.work.nowSeconds = 1000;
  startJobs(test, LABELS + 2);
  foldAll(test, [agentCompleted("job-500", "a"), agentStarted("job-500", "b"), jobCompleted("job-0")]);
  test.metrics.upkeep.tick(10_000_000); // long after: whoever wanted to has seen it
  assert.equal(test.value(ACTIVE, { job_id: "0" }), undefined);
  assert.equal(test.value(ACTIVE, { job_id: "500" }), 1);
  assert.equal(test.value(AGENTS, { job_id: "500" }), 1);
  assert.equal(test.value(ACTIVE, OTHER), 1);
  // What was counted stays where it was, and only what comes now is its own.
  foldAll(test, [agentCompleted("job-500", "b")]);
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...OTHER, status: "success" }), 1);
  assert.equal(test.value("prodigy_mapreduce_items_total", { job_id: "500", status: "success" }), 1);
});

Deno.test("a job that ended and comes back starts clean", () => {
  const test = createTestMetrics();
  test.metrics.work.nowSeconds = 1000;
  foldAll(test, [agentStarted("job-a", "1"), agentCompleted("job-a", "1"), jobCompleted("job-a")]);
  test.metrics.upkeep.tick(10_000_000);
  assert.deepEqual(test.series("prodigy_mapreduce_items_total"), []);
  foldAll(test, [{ type: "job_resumed", jobId: "job-a", pendingItems: 1 }]);
  assert.equal(test.value("prodigy_mapreduce_items_total", { job_id: "a", status: "success" }), 0);
  assert.equal(test.metrics.work.ownJob.agentsSucceeded, 0);
});

Deno.test("more jobs than anybody has are given up, and the gauges fall with them", () => {
  const test = createTestMetrics();
  startJobs(test, 4_000);
  const { folded } = test.metrics.work.jobs;
  assert.ok(folded.size <= 2_000);
  assert.equal(test.value(ACTIVE, OTHER), folded.size);
  assert.equal(test.value(AGENTS, OTHER), folded.size);
  const reaped = test.reaped.reduce((sum, line) => sum + Number(line.replace("job ", "")), 0);
  assert.equal(LABELS + folded.size + reaped, 4_000);
  // The first ones have series of their own, and stay.
  assert.equal(test.value(ACTIVE, { job_id: "0" }), 1);
});

Deno.test("more runs than anybody has are given up, and the gauges fall with them", () => {
  const test = createTestMetrics();
  for (let number = 0; number < 6_000; number++) {
    const run = { workflowId: `workflow-${number}`, workflowName: `name ${number % 300}` };
    foldAll(test, [{ type: "workflow_started", ...run, totalSteps: null }]);
  }
  const active = test.metrics.work.runs.active().length;
  assert.ok(active <= 5_000 && active > 4_000, `${active}`);
  assert.equal(total(test, "prodigy_workflow_active"), active);
});

Deno.test("gauges of other are right after a restart", () => {
  const before = createTestMetrics();
  startJobs(before, LABELS + 2);
  const after = restarted(before);
  assert.equal(after.value(ACTIVE, OTHER), 2);
  foldAll(after, [agentStarted("job-501", "b"), jobCompleted("job-500")]);
  assert.equal(after.value(ACTIVE, OTHER), 1);
  assert.equal(after.value(AGENTS, OTHER), 2);
});

Deno.test("gauges of folded workflow names are right after a restart", () => {
  const run = (number: number): { workflowId: string; workflowName: string } => {
    return { workflowId: `workflow-${number}`, workflowName: `name ${number}` };
  };
  const started = (number: number): Event => ({ type: "workflow_started", ...run(number), totalSteps: null });
  const before = createTestMetrics({ maxWorkflowNames: 2 });
  foldAll(before, [1, 2, 3, 4, 5].map(started));
  const other = { workflow_name: "other" };
  assert.equal(before.value("prodigy_workflow_active", other), 3);
  const after = restarted(before, { maxWorkflowNames: 2 });
  assert.equal(after.value("prodigy_workflow_active", other), 3);
  const end = { status: "success", durationSeconds: 1, totalSteps: null, failedSteps: null } as const;
  foldAll(after, [started(6), { type: "workflow_completed", ...run(4), ...end }]);
  assert.equal(after.value("prodigy_workflow_active", other), 3);
});

Deno.test("labels that only cleaning makes equal are told apart, and no job takes the label of the folded ones", () => {
  const test = createTestMetrics({ jobLabelMode: "full" });
  foldAll(test, [jobStarted("a\n"), jobStarted("a "), jobStarted("other"), jobStarted("x".repeat(300))]);
  foldAll(test, [jobStarted(`${"x".repeat(300)}y`), jobCompleted("a\n")]);
  const labels = test.metrics.ledger.family(ACTIVE).series().map(({ labels: [label = ""] }) => label);
  assert.equal(new Set(labels).size, 5);
  assert.ok(labels.every((label) => label.length <= 120 && label !== "other"), labels.join());
  assert.equal(total(test, ACTIVE), 4);
});

Deno.test("a flood of tool names and models stays within the budgets and loses nothing", () => {
  const test = createTestMetrics();
  for (let number = 0; number < 3_000; number++) {
    foldAll(test, [
      { type: "claude_tool_invoked", agentId: null, toolName: `tool ${number}`, toolId: null },
      tokenUsage({ inputTokens: 1, model: `model ${number}`, workflowName: `name ${number}` }),
    ]);
  }
  for (const name of ["tool_invocations_total", "model_tokens_total", "workflow_tokens_total"]) {
    assert.equal(total(test, `prodigy_claude_${name}`), 3_000, name);
  }
  assert.ok(test.metrics.ledger.openSeriesCount <= 20_000);
  assert.equal(test.metrics.ledger.family("prodigy_claude_tool_invocations_total").series().length, 201);
  assert.ok(test.limitHits.includes("prodigy_claude_tool_invocations_total tool 200"));
});

Deno.test("a flood is told value by value, and ends where the budget is raised", () => {
  const test = createTestMetrics();
  const tools = "prodigy_claude_tool_invocations_total";
  const invoke = (number: number): void =>
    foldAll(test, [{ type: "claude_tool_invoked", agentId: null, toolName: `tool ${number}`, toolId: null }]);
  for (let number = 0; number < 3_000; number++) invoke(number);
  const hits = test.limitHits.filter((hit) => hit.startsWith(tools));
  assert.deepEqual(hits, Array.from({ length: 2_800 }, (_, index) => `${tools} tool ${index + 200}`));
  invoke(5);
  assert.equal(test.value(tools, { tool_name: "tool 5" }), 2, "one with a series of its own keeps it");
  foldAll(test, [{ type: "claude_tool_invoked", agentId: null, toolName: " tool 5\t", toolId: null }]);
  assert.equal(test.value(tools, { tool_name: "tool 5" }), 3, "however it is written");
  test.metrics.setBudgets({ maxSeries: 20_000, maxWorkflowNames: 200, maxToolNames: 300, maxModels: 50 });
  invoke(3_000);
  invoke(2_999);
  assert.equal(test.value(tools, { tool_name: "tool 3000" }), 1);
  assert.equal(test.value(tools, { tool_name: "tool 2999" }), 1, "one that was folded before");
  assert.equal(total(test, tools), 3_004);
});

Deno.test("a job with more agents than are told apart still shows those that run", () => {
  const test = createTestMetrics();
  for (let number = 0; number < 50_010; number++) {
    foldAll(test, [agentStarted("job-a", `${number}`), agentCompleted("job-a", `${number}`)]);
  }
  foldAll(test, [agentStarted("job-a", "late"), agentStarted("job-a", "7"), agentStarted("job-a", "7")]);
  const agents = { job_id: "a" };
  assert.equal(test.value(AGENTS, agents), 2);
  foldAll(test, [agentCompleted("job-a", "7"), agentCompleted("job-a", "late")]);
  assert.equal(test.value(AGENTS, agents), 0);
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...agents, status: "success" }), 50_012);
});

Deno.test("a workflow that was folded has a gauge of its own as soon as there is room", () => {
  const test = createTestMetrics({ maxWorkflowNames: 1 });
  const run = (id: string, name: string) => ({ workflowId: id, workflowName: name });
  const start = (id: string, name: string) =>
    foldAll(test, [{ type: "workflow_started", ...run(id, name), totalSteps: null }]);
  const end = { status: "success", durationSeconds: 1, totalSteps: null, failedSteps: null } as const;
  start("1", "a");
  start("2", "b");
  foldAll(test, [{ type: "workflow_completed", ...run("2", "b"), ...end }]);
  assert.equal(test.value("prodigy_workflow_active", { workflow_name: "other" }), 0);
  test.metrics.setBudgets({ maxSeries: 20_000, maxWorkflowNames: 100, maxToolNames: 200, maxModels: 50 });
  start("3", "b");
  assert.equal(test.value("prodigy_workflow_active", { workflow_name: "b" }), 1);
  assert.equal(test.value("prodigy_workflow_active", { workflow_name: "other" }), 0);
});
