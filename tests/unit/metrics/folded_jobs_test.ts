import assert from "node:assert/strict";
import { captured } from "../../../lib/metrics/capture.ts";
import { Job } from "../../../lib/metrics/work/job.ts";
import { Jobs } from "../../../lib/metrics/work/jobs.ts";
import { labelsOnly } from "../../../lib/backfill/replay.ts";
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

Deno.test("more jobs than are remembered, as an older version's snapshot may have, are forgotten when it is loaded", () => {
  const before = createTestMetrics();
  before.metrics.fold.fold(record({ type: "work_seen", jobId: jobId(0), atSeconds: 1 }, { origin: "state" }));
  const [state] = before.metrics.saveState(0).work.jobs;
  assert.ok(state !== undefined);
  const { jobs } = createTestMetrics().metrics.work;
  jobs.loadState(Array.from({ length: 10_002 }, (_, index) => ({ ...state, jobId: jobId(index) })));
  assert.deepEqual([...jobs.all()].map((job) => job.jobId).slice(0, 1), [jobId(2)]);
});

/** A job that ended and is hidden, and a later one with its id. */
function namesakes(): TestMetrics {
  const test = createTestMetrics();
  const { fold, work } = test.metrics;
  for (const runId of ["s-old", "s-new"]) {
    fold.fold(record(jobStarted("job-1", 1), { runId }));
    fold.fold(record(jobCompleted("job-1"), { runId }));
    if (runId === "s-old") work.jobs.hide(work.jobs.find("job-1", runId));
  }
  return test;
}

Deno.test("of two jobs with one id the latest is the latest after a restart, too", () => {
  const before = namesakes();
  assert.equal(before.metrics.work.jobs.find("job-1", null).session, "s-new");
  const after = createTestMetrics();
  after.metrics.loadState(before.metrics.saveState(0), 0);
  assert.equal(after.metrics.work.jobs.find("job-1", null).session, "s-new");
});

Deno.test("two jobs that had the same label one after another are both there when the past is replayed", () => {
  const { jobs } = createTestMetrics().metrics.work;
  jobs.loadState(labelsOnly(namesakes().metrics.saveState(0).work.jobs));
  assert.deepEqual([...jobs.all()].map(({ session }) => session), ["s-old", "s-new"]);
});

Deno.test("a new job made of a forgotten one knows nothing of it", () => {
  const jobs = new Jobs({ labelMode: "auto", labelLength: 8, maxLabels: 2 });
  for (let index = 0; index < 11_000; index++) {
    const job = jobs.find(jobId(index), null);
    if (index >= 10_000) assert.deepEqual(captured(job.capture()), captured(new Job(jobId(index), null).capture()));
    job.repository = "repository";
    jobs.show(job);
    job.agentStarted("agent");
    job.dlq("item", true, 1);
    job.end(1, 1, 1);
    jobs.hide(job);
  }
  assert.deepEqual([...jobs.all()].map((job) => job.jobId).slice(0, 1), [jobId(1_000)]);
  assert.equal([...jobs.all()].length, 10_000);
});
