import assert from "node:assert/strict";
import { abandonedWork } from "../../../lib/backfill/abandoned.ts";
import { RecordTimes } from "../../../lib/backfill/record_times.ts";
import type { Event } from "../../../lib/event/event.ts";
import { jobCompleted, jobStarted, record } from "../../support/event_records.ts";
import { createTestMetrics } from "../../support/metrics.ts";

const IDLE_LIMIT_SECONDS = 3600;
const END = Date.parse("2026-11-24T12:00:00Z") / 1000;

function started(workflowId: string): Event {
  return { type: "workflow_started", workflowId, workflowName: "n", totalSteps: null };
}

Deno.test("abandonedWork() gives up, after the idle limit, what was open and did not move, and nothing else", () => {
  const { metrics } = createTestMetrics();
  const times = new RecordTimes({ nowSeconds: END, idleLimitSeconds: IDLE_LIMIT_SECONDS });
  const told = [
    [started("idle"), "08:00:00"],
    [started("moving"), "11:30:00"],
    [jobStarted("idle-job"), "09:00:00"],
    [jobStarted("ended-job"), "09:00:00"],
    [jobCompleted("ended-job"), "09:10:00"],
  ] as const;
  for (const [event, time] of told) {
    const one = record(event, { timestamp: `2026-11-24T${time}Z` });
    metrics.work.nowSeconds = times.secondsOf(one);
    metrics.fold.fold(one);
  }
  const found = abandonedWork(metrics.work, times, { idleLimitSeconds: IDLE_LIMIT_SECONDS, endSeconds: END });
  assert.deepEqual(
    found.map(({ atSeconds, record: { runId, event, origin } }) => ({
      at: new Date(atSeconds * 1000).toISOString(),
      runId,
      event,
      origin,
    })),
    [
      {
        at: "2026-11-24T10:00:00.000Z",
        runId: null,
        event: { type: "work_abandoned", jobId: "idle-job" },
        origin: "exporter",
      },
      {
        at: "2026-11-24T09:00:00.000Z",
        runId: "idle",
        event: { type: "work_abandoned", jobId: null },
        origin: "exporter",
      },
    ],
  );
});
