import assert from "node:assert/strict";
import { RecordTimes } from "../../../lib/backfill/record_times.ts";
import type { Event } from "../../../lib/event/event.ts";
import { jobStarted, record } from "../../support/event_records.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z") / 1000;
const OPTIONS = { nowSeconds: NOW, idleLimitSeconds: 3600 };

function seconds(time: string): number {
  return Date.parse(`2026-11-24T${time}Z`) / 1000;
}

const QUEUE: Event = { type: "queue_depth_changed", jobId: "j", pending: 1 };
const JOB_AT_NINE: Event = jobStarted("mapreduce-20261124_090000");

const GUESSED: readonly {
  readonly name: string;
  readonly event: Event;
  readonly runId: string | null;
  readonly at: number;
}[] = [
  { name: "the time in a job's id", event: JOB_AT_NINE, runId: null, at: seconds("09:00:00") },
  {
    name: "the time in a run's id",
    event: QUEUE,
    runId: `workflow-${seconds("08:00:00") * 1000}`,
    at: seconds("08:00:00"),
  },
  { name: "the time a sign of life tells", event: { type: "work_seen", jobId: null, atSeconds: 7 }, runId: "r", at: 7 },
  {
    name: "now for the number of worktrees",
    event: { type: "worktree_pool_changed", available: 1 },
    runId: null,
    at: NOW,
  },
  { name: "now when nothing is known", event: QUEUE, runId: null, at: NOW },
];

for (const { name, event, runId, at } of GUESSED) {
  Deno.test(`RecordTimes takes for a record without a time ${name}`, () => {
    assert.equal(new RecordTimes(OPTIONS).secondsOf(record(event, { runId })), at);
  });
}

Deno.test("RecordTimes takes the last time of the same run, else of the record before", () => {
  const times = new RecordTimes(OPTIONS);
  times.secondsOf(record(QUEUE, { runId: "a", timestamp: "2026-11-24T08:00:00Z" }));
  times.secondsOf(record(QUEUE, { runId: "b", timestamp: "2026-11-24T09:00:00Z" }));
  assert.equal(times.secondsOf(record(QUEUE, { runId: "a" })), seconds("08:00:00"));
  assert.equal(times.secondsOf(record(QUEUE, { runId: "c" })), seconds("09:00:00"));
});

Deno.test("RecordTimes has a run given up the idle limit after it last moved", () => {
  const times = new RecordTimes(OPTIONS);
  times.secondsOf(record(QUEUE, { runId: "a", timestamp: "2026-11-24T08:00:00Z" }));
  const end = record({ type: "work_abandoned", jobId: null }, { runId: "a" });
  assert.equal(times.secondsOf(end), seconds("09:00:00"));
  assert.equal(times.secondsOf(end), seconds("09:00:00"), "giving it up is no sign of life");
});

Deno.test("RecordTimes lets nothing happen after now", () => {
  const late = record(QUEUE, { timestamp: "2031-01-01T00:00:00Z" });
  assert.equal(new RecordTimes(OPTIONS).secondsOf(late), NOW);
});
