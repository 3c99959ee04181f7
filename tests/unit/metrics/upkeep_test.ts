import assert from "node:assert/strict";
import type { EventRecord } from "../../../lib/event/record.ts";
import { agentCompleted, agentStarted, jobCompleted, jobStarted, record } from "../../support/event_records.ts";
import { createTestMetrics, type TestMetrics } from "../../support/metrics.ts";

const JOB = "mapreduce-20261124_090000";
const LABEL = "job_id=20261124_090000";
const ACTIVE = "prodigy_mapreduce_jobs_active";

/** A live exporter at second 1000, with one finished job. */
function withFinishedJob(before: (test: TestMetrics) => void = () => {}): TestMetrics {
  const test = createTestMetrics();
  test.metrics.goLive();
  before(test);
  test.metrics.work.nowSeconds = 1000;
  for (const event of [jobStarted(JOB, 1), agentStarted(JOB, "a"), agentCompleted(JOB, "a"), jobCompleted(JOB)]) {
    test.metrics.fold.fold(record(event));
  }
  return test;
}

/** A scrape, and what a snapshot after it lets be seen. */
function scrape({ metrics }: TestMetrics, scraper: string, nowMs: number): void {
  metrics.noteScrape(scraper, nowMs, metrics.beginRendering());
  metrics.ledger.thaw(metrics.thawable(nowMs));
  metrics.upkeep.tick(nowMs);
}

function seriesOfJob(test: TestMetrics): number {
  return [...test.metrics.ledger.families()].flatMap((family) => family.series())
    .filter((series) => series.labels.includes("20261124_090000")).length;
}

Deno.test("a finished job reads 0 for the time of the hold, then all its series go", () => {
  const test = withFinishedJob();
  for (let nowMs = 1_000_000; nowMs < 1_300_000; nowMs += 15_000) {
    scrape(test, "a", nowMs);
    assert.deepEqual(test.series(ACTIVE), [`${LABEL} 0`]);
  }
  scrape(test, "a", 1_300_000);
  assert.equal(seriesOfJob(test), 0);
});

Deno.test("a finished job waits for two scrapes by the slower of two scrapers", () => {
  const test = withFinishedJob((test) => {
    for (const nowMs of [200_000, 600_000]) scrape(test, "slow", nowMs);
  });
  scrape(test, "slow", 1_000_000);
  for (let nowMs = 1_001_000; nowMs < 1_390_000; nowMs += 1_000) scrape(test, "fast", nowMs);
  assert.ok(seriesOfJob(test) > 0);
  scrape(test, "slow", 1_400_000);
  scrape(test, "fast", 1_401_000);
  assert.equal(seriesOfJob(test), 0);
});

Deno.test("a finished job that only people look at goes after two looks", () => {
  const test = withFinishedJob();
  const look = (nowMs: number): void => {
    test.metrics.noteScrape(null, nowMs, test.metrics.beginRendering());
    test.metrics.upkeep.tick(nowMs);
  };
  look(1_000_000);
  assert.deepEqual(test.series(ACTIVE), [`${LABEL} 0`]);
  look(1_001_000);
  assert.equal(seriesOfJob(test), 0);
});

Deno.test("a finished job nobody scrapes goes after the limit", () => {
  const test = withFinishedJob();
  test.metrics.upkeep.tick((1000 + 3599) * 1000);
  assert.ok(seriesOfJob(test) > 0);
  test.metrics.upkeep.tick((1000 + 3600) * 1000);
  assert.equal(seriesOfJob(test), 0);
});

Deno.test("a running job never expires, however often it is scraped", () => {
  const test = createTestMetrics();
  test.metrics.goLive();
  test.metrics.work.nowSeconds = 1000;
  test.metrics.fold.fold(record(agentStarted(JOB, "a")));
  for (let nowMs = 1_000_000; nowMs < 5_000_000; nowMs += 15_000) scrape(test, "a", nowMs);
  assert.deepEqual(test.series(ACTIVE), [`${LABEL} 1`]);
});

Deno.test("a job that comes back after its series went starts clean", () => {
  const test = withFinishedJob();
  for (let nowMs = 1_000_000; nowMs <= 1_300_000; nowMs += 15_000) scrape(test, "a", nowMs);
  test.metrics.fold.fold(record({ type: "job_resumed", jobId: JOB, pendingItems: 1 }));
  test.metrics.fold.fold(record(agentCompleted(JOB, "b")));
  assert.deepEqual(test.series(ACTIVE), [`${LABEL} 1`]);
  assert.equal(test.value("prodigy_mapreduce_items_total", { job_id: "20261124_090000", status: "success" }), 1);
});

Deno.test("late news of a job whose series went is still not counted twice", () => {
  const test = createTestMetrics();
  test.metrics.goLive();
  test.metrics.fold.fold(record(jobStarted(JOB)));
  test.metrics.fold.fold(record(jobCompleted(JOB)));
  for (let nowMs = 0; nowMs <= 300_000; nowMs += 15_000) scrape(test, "a", nowMs);
  assert.equal(test.metrics.fold.fold(record(jobCompleted(JOB), { origin: "state" })), "drop");
  assert.equal(seriesOfJob(test), 0);
});

Deno.test("a finished job's dead letter queue stays shown while it holds items", () => {
  const test = createTestMetrics();
  test.metrics.goLive();
  test.metrics.work.nowSeconds = 1;
  test.metrics.fold.fold(record(jobStarted(JOB)));
  test.metrics.fold.fold(record({ type: "dlq_item_added", jobId: JOB, itemId: "item_1" }));
  test.metrics.fold.fold(record(jobCompleted(JOB)));
  for (let nowMs = 1_000; nowMs <= 301_000; nowMs += 15_000) scrape(test, "a", nowMs);
  assert.deepEqual(test.series("prodigy_mapreduce_dlq_items"), [`${LABEL} 1`]);
  assert.deepEqual(test.series(ACTIVE), []);
  test.metrics.fold.fold(record({ type: "dlq_item_removed", jobId: JOB, itemId: "item_1" }));
  test.metrics.work.nowSeconds = 302;
  for (let nowMs = 302_000; nowMs <= 620_000; nowMs += 15_000) scrape(test, "a", nowMs);
  assert.equal(seriesOfJob(test), 0);
});

Deno.test("a job that stopped moving is given up, and revived by a sign of life", () => {
  const test = createTestMetrics();
  test.metrics.goLive();
  test.metrics.work.nowSeconds = 1000;
  test.metrics.fold.fold(record(agentStarted(JOB, "a")));
  test.metrics.work.nowSeconds = 1001 + 12 * 3600;
  test.metrics.upkeep.tick((1000 + 12 * 3600) * 1000);
  assert.deepEqual(test.reaped, []);
  test.metrics.upkeep.tick((1001 + 12 * 3600) * 1000);
  assert.deepEqual(test.reaped, ["job 1"]);
  assert.deepEqual(test.series(ACTIVE), [`${LABEL} 0`]);
  assert.deepEqual(test.series("prodigy_mapreduce_agents_active"), [`${LABEL} 0`]);
  assert.equal(test.value("prodigy_mapreduce_jobs_total", { status: "failed" }), 0);
  test.metrics.fold.fold(record(agentStarted(JOB, "b")));
  assert.deepEqual(test.series(ACTIVE), [`${LABEL} 1`]);
});

Deno.test("a run that stopped moving is given up without counting an end", () => {
  const test = createTestMetrics();
  test.metrics.goLive();
  test.metrics.work.nowSeconds = 1000;
  test.metrics.fold.fold(record({ type: "workflow_started", workflowId: "w", workflowName: "nightly", totalSteps: 2 }));
  test.metrics.upkeep.tick((1001 + 12 * 3600) * 1000);
  assert.deepEqual(test.reaped, ["run 1"]);
  assert.deepEqual(test.series("prodigy_workflow_active"), ["workflow_name=nightly 0"]);
});

Deno.test("what history told long ago is dead at the first look", () => {
  const test = createTestMetrics();
  const timestamp = "2026-11-20T08:00:00Z";
  test.metrics.fold.fold(record(agentStarted(JOB, "a"), { timestamp }));
  test.metrics.goLive();
  test.metrics.upkeep.tick(Date.parse("2026-11-24T08:00:00Z"));
  assert.deepEqual(test.reaped, ["job 1"]);
});

/** What is told of dead work from now on. */
function collectAbandoned({ metrics }: TestMetrics): readonly EventRecord[] {
  const told: EventRecord[] = [];
  metrics.work.onAbandoned = (record) => told.push(record);
  return told;
}

Deno.test("dead work is told with the time it last moved", () => {
  const test = createTestMetrics();
  const told = collectAbandoned(test);
  const runId = "session-1";
  const timestamp = "2026-11-24T09:00:00.123456789Z";
  test.metrics.fold.fold(record({ type: "workflow_started", workflowId: runId, workflowName: "", totalSteps: null }, {
    timestamp,
  }));
  test.metrics.fold.fold(record(jobStarted(JOB), { runId, timestamp }));
  test.metrics.fold.fold(record(jobStarted("of a repository"), { repository: "app" }));
  test.metrics.upkeep.tick(Date.parse("2026-11-25T09:00:00Z"));
  const movedAt = "2026-11-24T09:00:00.124Z";
  assert.deepEqual(
    told.map(({ origin, runId, repository = null, timestamp, event }) => ({
      origin,
      runId,
      repository,
      timestamp,
      event,
    })),
    [
      { runId, repository: null, timestamp: movedAt, jobId: JOB },
      { runId: null, repository: "app", timestamp: null, jobId: "of a repository" },
      { runId, repository: null, timestamp: movedAt, jobId: null },
    ].map(({ jobId, ...of }) => ({ origin: "exporter", ...of, event: { type: "work_abandoned", jobId } })),
  );
});

Deno.test("a job that was given up and then says that it ended counts as ended then", () => {
  const test = createTestMetrics();
  test.metrics.goLive();
  test.metrics.work.nowSeconds = 1_000;
  test.metrics.fold.fold(record(jobStarted(JOB)));
  test.metrics.upkeep.tick(1_000_000 + 3 * 86_400_000);
  assert.equal(test.value("prodigy_mapreduce_jobs_total", { status: "success" }), 0);
  for (const _ of [1, 2]) test.metrics.fold.fold(record(jobCompleted(JOB)));
  assert.equal(test.value("prodigy_mapreduce_jobs_total", { status: "success" }), 1);
});

Deno.test("dead work is told with its own time, whatever the clock says and however late it was read", () => {
  for (
    const [timestamp, expected] of [
      ["2026-11-24T09:00:00.123456Z", "2026-11-24T09:00:00.124Z"],
      ["2026-11-24T09:00:05Z", "2026-11-24T09:00:05.000Z"],
      ["2026-11-20T09:00:00Z", "2026-11-20T09:00:00.000Z"],
    ] as const
  ) {
    const test = createTestMetrics();
    const told = collectAbandoned(test);
    test.metrics.goLive();
    test.metrics.work.nowSeconds = Date.parse("2026-11-24T09:00:00.123Z") / 1000;
    test.metrics.fold.fold(record(jobStarted(JOB), { timestamp }));
    test.metrics.upkeep.tick(Date.parse("2026-11-25T09:00:00Z"));
    assert.deepEqual(told.map((one) => one.timestamp), [expected]);
  }
});

Deno.test("of two jobs of one id in two repositories the dead one is given up", () => {
  const test = createTestMetrics();
  const told = collectAbandoned(test);
  const timestamp = "2026-11-24T02:00:00Z";
  for (const repository of ["alive", "dead"]) {
    test.metrics.fold.fold(record(jobStarted(JOB), { repository, timestamp }));
  }
  test.metrics.fold.fold(record(agentStarted(JOB, "a"), { repository: "alive", timestamp: "2026-11-25T01:59:00Z" }));
  test.metrics.upkeep.tick(Date.parse("2026-11-25T02:00:00Z"));
  assert.deepEqual(told.map(({ repository }) => repository), ["dead"]);
});

Deno.test("jobs that are given up to make room are told, too", () => {
  const test = createTestMetrics();
  const told = new Set<string | null>();
  test.metrics.work.onAbandoned = ({ runId }) => told.add(runId);
  const jobs = 2_600;
  for (let job = 0; job < jobs; job++) {
    const envelope = { runId: `session-${job}`, timestamp: "2026-11-24T02:00:00Z" };
    test.metrics.fold.fold(record(jobStarted(`job-${job}`), envelope));
  }
  for (const time of ["00", "01"]) test.metrics.upkeep.tick(Date.parse(`2026-11-26T02:00:${time}Z`));
  assert.equal(told.size, jobs);
});

Deno.test("a finished job's series go once they were seen though the clock was put back meanwhile", () => {
  const test = createTestMetrics();
  test.metrics.goLive();
  test.metrics.work.nowSeconds = 30 * 86_400;
  test.metrics.fold.fold(record(jobStarted(JOB)));
  test.metrics.fold.fold(record(jobCompleted(JOB)));
  for (let nowMs = 0; nowMs <= 3_600_000; nowMs += 15_000) scrape(test, "a", nowMs);
  assert.equal(seriesOfJob(test), 0);
});
