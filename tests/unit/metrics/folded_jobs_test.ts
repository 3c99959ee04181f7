import assert from "node:assert/strict";
import { agentCompleted, agentStarted, jobCompleted, jobStarted, record } from "../../support/event_records.ts";
import { createTestMetrics, type TestMetrics } from "../../support/metrics.ts";

/** So many jobs have series of their own; the table says so. */
const BUDGET = 500;
const OTHER = { job_id: "other" };

/** Jobs with two items each, so many more than have series of their own. */
function jobsBeyondBudget(beyond: number): { readonly test: TestMetrics; readonly last: string } {
  const test = createTestMetrics();
  for (let index = 0; index < BUDGET + beyond; index++) test.metrics.fold.fold(record(jobStarted(jobId(index), 2)));
  return { test, last: jobId(BUDGET + beyond - 1) };
}

function jobId(index: number): string {
  return `${String(index).padStart(5, "0")}-job`;
}

Deno.test("jobs past the budget show as their sums under one label, which rise and fall with them", () => {
  const { test, last } = jobsBeyondBudget(3);
  assert.equal(test.value("prodigy_mapreduce_job_items", OTHER), 6);
  assert.equal(test.series("prodigy_mapreduce_jobs_active").length, BUDGET + 1);

  for (const event of [agentStarted(last, "a"), agentStarted(last, "b"), agentCompleted(last, "a")]) {
    test.metrics.fold.fold(record(event));
  }
  assert.equal(test.value("prodigy_mapreduce_agents_active", OTHER), 1);
  assert.equal(test.value("prodigy_mapreduce_items_pending", OTHER), 4);
  assert.equal(test.value("prodigy_mapreduce_items_total", { ...OTHER, status: "success" }), 1);

  test.metrics.fold.fold(record(jobCompleted(last)));
  assert.equal(test.value("prodigy_mapreduce_agents_active", OTHER), 0);
  assert.equal(test.value("prodigy_mapreduce_jobs_active", OTHER), 2);
});

Deno.test("jobs past the budget are given up when there are more than anybody has", () => {
  const { test } = jobsBeyondBudget(2_100);
  assert.ok(test.metrics.work.jobs.folded.size <= 2_000);
  assert.equal(test.reaped[0], "job 500");
  assert.equal(
    test.value("prodigy_mapreduce_job_items", OTHER),
    2 * test.metrics.work.jobs.folded.size,
    "the gauges tell of those that are left",
  );
});

Deno.test("runs are given up when more are active than anybody has", () => {
  const test = createTestMetrics();
  for (let index = 0; index <= 5_000; index++) {
    const workflowId = `workflow-${index}`;
    test.metrics.fold.fold(record({ type: "workflow_started", workflowId, workflowName: "n", totalSteps: null }));
  }
  const given = test.reaped.reduce((sum, line) => sum + Number(line.replace("run ", "")), 0);
  assert.equal(given, 500);
  assert.equal(test.value("prodigy_workflow_active", { workflow_name: "n" }), 4_501);
});

Deno.test("jobs that show signs of life and nothing else are forgotten, too", () => {
  const { fold, work } = createTestMetrics().metrics;
  for (let index = 0; index < 10_500; index++) {
    fold.fold(record({ type: "work_seen", jobId: jobId(index), atSeconds: 1 }, { origin: "state" }));
  }
  assert.deepEqual([...work.jobs.all()].map((job) => job.jobId).slice(0, 2), [jobId(500), jobId(501)]);
  assert.equal([...work.jobs.all()].length, 10_000);
});
