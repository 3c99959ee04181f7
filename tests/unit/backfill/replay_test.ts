import assert from "node:assert/strict";
import { FinalCounts } from "../../../lib/backfill/final_counts.ts";
import { createStepGrid, windowOf } from "../../../lib/backfill/grid.ts";
import { labelsOnly, Replay } from "../../../lib/backfill/replay.ts";
import { Sampler } from "../../../lib/backfill/sampler.ts";
import type { TimedRecord } from "../../../lib/backfill/spool.ts";
import { WindowSamples } from "../../../lib/backfill/window_samples.ts";
import type { Event } from "../../../lib/event/event.ts";
import { captured } from "../../../lib/metrics/capture.ts";
import {
  agentCompleted,
  agentFailed,
  agentStarted,
  jobCompleted,
  jobStarted,
  record,
} from "../../support/event_records.ts";
import { createTestMetrics } from "../../support/metrics.ts";

/** An even hour of UTC, so a window begins there. */
const HOUR = Date.parse("2026-11-24T08:00:00Z") / 1000;

function at(offsetSeconds: number, event: Event): TimedRecord {
  const atSeconds = HOUR + offsetSeconds;
  return { atSeconds, record: record(event, { timestamp: new Date(atSeconds * 1000).toISOString() }) };
}

interface Replayed {
  /** `offset value` of each sample of a series, in the order they were written. */
  samplesOf(name: string, ...labels: readonly string[]): readonly (readonly [number, number])[];
  readonly windows: readonly number[];
}

function replay(
  records: readonly TimedRecord[],
  options: { readonly beginOffset?: number; readonly endOffset: number; readonly counted?: readonly TimedRecord[] },
): Replayed {
  const end = createTestMetrics();
  for (const one of options.counted ?? records) end.metrics.fold.fold(one.record);
  const samples = new WindowSamples();
  const sampler = new Sampler(samples, 15, new FinalCounts(end.metrics.ledger));
  const endSeconds = HOUR + options.endOffset;
  const run = new Replay(createTestMetrics().metrics, sampler, {
    grid: createStepGrid(15),
    beginSeconds: HOUR + (options.beginOffset ?? 0),
    endSeconds,
    finishedHoldSeconds: 600,
    dlqHoldSeconds: 3600,
  });
  for (let window = windowOf(HOUR); window <= windowOf(endSeconds); window++) {
    run.window(window, records.filter(({ atSeconds }) => windowOf(atSeconds) === window));
  }
  run.finish();
  const taken = [...samples.takeBefore(Infinity)];
  return {
    windows: taken.map(({ index }) => index - windowOf(HOUR)),
    samplesOf: (name, ...labels) =>
      taken.flatMap(({ families }) =>
        families.filter(([row]) => row.name === name).flatMap(([, series]) =>
          [...series].filter((one) => one.labels.join() === labels.join()).flatMap((one) =>
            one.samples.map(({ atSeconds, value }) => [atSeconds - HOUR, value] as const)
          )
        )
      ),
  };
}

const JOB = "mapreduce-20261124_080000";
const LABEL = "20261124_080000";
const ITEMS = ["prodigy_mapreduce_items_total", LABEL, "success"] as const;

Deno.test("Replay writes a change at its step, the value before it a step earlier, and repeats every two minutes", () => {
  const { samplesOf } = replay([
    at(20, jobStarted(JOB)),
    at(100, agentCompleted(JOB, "a")),
    at(101, agentCompleted(JOB, "b")),
  ], { endOffset: 300 });
  assert.deepEqual(samplesOf(...ITEMS), [[15, 0], [30, 0], [90, 0], [105, 2], [120, 2], [240, 2], [300, 2]]);
  assert.deepEqual(samplesOf("prodigy_mapreduce_jobs_active", LABEL), [
    [30, 1],
    [120, 1],
    [240, 1],
    [300, 1],
  ]);
});

Deno.test("Replay shows a series that is born with a count at 0 one step before, across windows", () => {
  const { samplesOf, windows } = replay([at(7200, agentCompleted(JOB, "a"))], { endOffset: 7230 });
  assert.deepEqual(samplesOf(...ITEMS), [[7185, 0], [7200, 1], [7230, 1]]);
  assert.deepEqual(windows, [0, 1]);
});

Deno.test("Replay begins with what was counted before, not with an increase of it", () => {
  const { samplesOf } = replay([at(10, agentCompleted(JOB, "a")), at(1210, agentCompleted(JOB, "b"))], {
    beginOffset: 1200,
    endOffset: 1230,
  });
  assert.deepEqual(samplesOf(...ITEMS), [[1200, 1], [1215, 2], [1230, 2]]);
});

Deno.test("Replay hides a finished job after the hold, and counts on when it is resumed", () => {
  const { samplesOf } = replay([
    at(5, jobStarted(JOB)),
    at(10, agentCompleted(JOB, "a")),
    at(20, jobCompleted(JOB)),
    at(3605, { type: "job_resumed", jobId: JOB, pendingItems: null }),
    at(3606, agentCompleted(JOB, "b")),
  ], { endOffset: 3630 });
  const offsets = samplesOf(...ITEMS).map(([offset]) => offset);
  assert.equal(Math.max(...offsets.filter((offset) => offset < 3000)), 600);
  assert.deepEqual(samplesOf(...ITEMS).slice(-3), [[3600, 1], [3615, 2], [3630, 2]]);
});

Deno.test("Replay writes no counter above what the exporter will show", () => {
  // 0.1 + 0.2 + 0.3 is more than 0.3 + 0.2 + 0.1.
  const agents = [0.1, 0.2, 0.3].map((seconds, index) => at(10 + index * 60, agentCompleted(JOB, `${index}`, seconds)));
  const { samplesOf } = replay(agents, { endOffset: 300, counted: agents.toReversed() });
  const sums = samplesOf("prodigy_agent_duration_seconds", LABEL).map(([, value]) => value);
  assert.equal(sums.at(-1), 0.3 + 0.2 + 0.1);
  assert.ok(sums.every((sum, index) => sum >= (sums[index - 1] ?? 0)), `${sums}`);
});

Deno.test("Replay leaves out what never counted, and what the exporter says of itself", () => {
  const { samplesOf } = replay([at(5, agentCompleted(JOB, "a"))], { endOffset: 60 });
  assert.deepEqual(samplesOf("prodigy_claude_errors_total", "rate_limit"), []);
  assert.deepEqual(samplesOf("prodigy_exporter_durations_clamped_total"), []);
  assert.deepEqual(samplesOf("prodigy_mapreduce_items_total", LABEL, "failed"), [[0, 0], [15, 0], [60, 0]]);
});

Deno.test("labelsOnly() leaves nothing of a job but what tells it from others and its label", () => {
  const first = createTestMetrics();
  const happened = [
    jobStarted(JOB, 10),
    agentCompleted(JOB, "a"),
    agentFailed(JOB, "b"),
    agentStarted(JOB, "c"),
  ];
  for (const [index, event] of happened.entries()) {
    const timestamp = new Date((HOUR + index) * 1000).toISOString();
    first.metrics.fold.fold(record(event, { runId: "session", repository: "app", timestamp }));
  }
  const again = createTestMetrics();
  const { work, fold } = again.metrics;
  work.jobs.loadState(labelsOnly(captured(first.metrics.work.jobs.capture())));
  const [job] = work.jobs.all();
  assert.deepEqual([job?.label, job?.session, job?.repository], [LABEL, "session", "app"]);
  assert.deepEqual([job?.startedAtSeconds, job?.toldAtSeconds, job?.agentsFailed], [null, 0, 0]);
  fold.fold(record(jobStarted(JOB, 10), { runId: "session" }));
  assert.equal(again.value("prodigy_mapreduce_items_pending", { job_id: LABEL }), 10);
});
