import assert from "node:assert/strict";
import type { Event } from "../../lib/event/event.ts";
import { localDayAt } from "../../lib/local_day.ts";
import type { Metrics } from "../../lib/metrics/metrics.ts";
import { buildOverview } from "../../lib/overview.ts";
import {
  agentCompleted,
  agentFailed,
  agentStarted,
  jobCompleted,
  jobStarted,
  record,
  tokenUsage,
} from "../support/event_records.ts";
import { createTestMetrics } from "../support/metrics.ts";

const NOW_SECONDS = Date.parse("2026-11-24T12:00:00Z") / 1000;
const JOB = "mapreduce-20261124_090000";

/** Folds events of some minutes before now. */
function fold(metrics: Metrics, minutesAgo: number, ...events: readonly Event[]): void {
  metrics.work.nowSeconds = NOW_SECONDS;
  const timestamp = new Date((NOW_SECONDS - minutesAgo * 60) * 1000).toISOString();
  for (const event of events) metrics.fold.fold(record(event, { timestamp }));
}

function workflowCompleted(workflowId: string, status: "success" | "failed" | "cancelled"): Event {
  const ended = { durationSeconds: 60, totalSteps: null, failedSteps: null };
  return { type: "workflow_completed", workflowId, workflowName: `name of ${workflowId}`, status, ...ended };
}

Deno.test("buildOverview() tells of a running job what became of its items, once each", () => {
  const { metrics } = createTestMetrics();
  fold(metrics, 10, jobStarted(JOB, 10));
  fold(metrics, 9, ...["a", "b", "c", "d", "e"].map((agent) => agentStarted(JOB, agent)));
  fold(metrics, 8, agentCompleted(JOB, "a"), agentFailed(JOB, "b"), agentFailed(JOB, "c"));
  fold(metrics, 8, { type: "dlq_item_added", jobId: JOB, itemId: "item_b" });
  // A resumed job runs failed items again.
  fold(metrics, 5, agentStarted(JOB, "b"), agentCompleted(JOB, "b"));
  const { jobs, agentsRunning, today } = buildOverview(metrics, [], NOW_SECONDS);
  assert.deepEqual(jobs, [{
    label: "20261124_090000",
    elapsedSeconds: 600,
    total: 10,
    done: 2,
    failed: 1,
    dlq: 1,
    agentsRunning: 2,
  }]);
  assert.equal(agentsRunning, 2);
  assert.deepEqual(today, { agentsSucceeded: 2, agentsFailed: 2, runsSucceeded: 0, runsFailed: 0 });
});

Deno.test("buildOverview() tells running workflows, the longest first, and their steps where they are known", () => {
  const { metrics } = createTestMetrics();
  const started = (workflowId: string, totalSteps: number | null): Event => {
    return { type: "workflow_started", workflowId, workflowName: "docs", totalSteps };
  };
  fold(metrics, 1, started("session-adefebb4-8669-424e-b550-b34af108458f", null));
  fold(metrics, 5, started("workflow-1795507800000", 3));
  fold(metrics, 4, {
    type: "step_completed",
    workflowId: "workflow-1795507800000",
    workflowName: null,
    stepIndex: 0,
    stepType: "shell",
    status: "success",
    durationSeconds: 1,
    onFailureRecovered: false,
    validation: null,
  });
  assert.deepEqual(buildOverview(metrics, [], NOW_SECONDS).workflows, [
    { name: "docs", runLabel: "1795507800000", elapsedSeconds: 300, stepsDone: 1, stepsTotal: 3 },
    { name: "docs", runLabel: "adefebb4", elapsedSeconds: 60, stepsDone: null, stepsTotal: null },
  ]);
});

Deno.test("buildOverview() tells what ended, and what of it today", () => {
  const { metrics } = createTestMetrics();
  fold(metrics, 2000, workflowCompleted("w0", "success"));
  fold(metrics, 30, workflowCompleted("w1", "success"), workflowCompleted("w2", "cancelled"));
  fold(metrics, 20, jobStarted(JOB, 1));
  fold(metrics, 10, { type: "job_failed", jobId: JOB, durationSeconds: null });
  fold(metrics, 5, workflowCompleted("w3", "failed"));
  const { recentEnds, today } = buildOverview(metrics, [], NOW_SECONDS);
  assert.deepEqual(
    recentEnds.map(({ kind, name, outcome, durationSeconds }) => [kind, name, outcome, durationSeconds]),
    [
      ["workflow", "name of w3", "failed", 60],
      ["job", "20261124_090000", "failed", 600],
      ["workflow", "name of w2", "interrupted", 60],
      ["workflow", "name of w1", "completed", 60],
      ["workflow", "name of w0", "completed", 60],
    ],
  );
  assert.deepEqual(today, { agentsSucceeded: 0, agentsFailed: 0, runsSucceeded: 1, runsFailed: 1 });
});

Deno.test("buildOverview() tells work that was given up as interrupted, when it last moved", () => {
  const { metrics } = createTestMetrics();
  fold(metrics, 2000, jobStarted(JOB, 1));
  metrics.goLive();
  metrics.upkeep.tick(NOW_SECONDS * 1000);
  const { jobs, recentEnds } = buildOverview(metrics, [], NOW_SECONDS);
  assert.deepEqual(jobs, []);
  assert.deepEqual(recentEnds.map(({ outcome, endedAtMs }) => [outcome, NOW_SECONDS - endedAtMs / 1000]), [
    ["interrupted", 120_000],
  ]);
});

Deno.test("buildOverview() tells today's usage with its cost, and models without a price", () => {
  const { metrics } = createTestMetrics();
  assert.equal(buildOverview(metrics, [], NOW_SECONDS).usageToday, null);
  fold(metrics, 2000, tokenUsage({ inputTokens: 1000, costUsd: 7 }));
  fold(metrics, 1, tokenUsage({ inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, costUsd: 0.25 }));
  fold(metrics, 1, tokenUsage({ inputTokens: 1, model: "no-such-model" }));
  const { usageToday } = buildOverview(metrics, [], NOW_SECONDS);
  assert.deepEqual({ ...usageToday, pricesOf: "" }, {
    inputTokens: 11,
    outputTokens: 20,
    cacheTokens: 30,
    costUsd: 0.25,
    unpricedModels: ["no-such-model"],
    pricesOf: "",
  });
});

Deno.test("buildOverview() tells sources with what they rejected for any reason", () => {
  const { metrics } = createTestMetrics();
  const rejected = metrics.ledger.family("prodigy_exporter_lines_rejected_total");
  rejected.emit(2, "files", "bad_json");
  rejected.emit(3, "files", "line_too_long");
  rejected.emit(4, "socket", "bad_json");
  const lag = { name: "files", problem: null, behindBytes: 1, behindSeconds: 2 };
  assert.deepEqual(buildOverview(metrics, [lag], NOW_SECONDS).sources, [{ ...lag, rejectedLines: 5 }]);
});

Deno.test("what the overview is made of survives a restart", () => {
  const before = createTestMetrics().metrics;
  fold(
    before,
    10,
    jobStarted(JOB, 5),
    agentCompleted(JOB, "a"),
    agentFailed(JOB, "b"),
    workflowCompleted("w", "failed"),
  );
  fold(before, 1, tokenUsage({ inputTokens: 5, costUsd: 1 }), jobStarted("other", 1), jobCompleted("other"));
  const state = JSON.parse(JSON.stringify(before.saveState(0)));
  const after = createTestMetrics().metrics;
  after.loadState(state, NOW_SECONDS * 1000);
  assert.deepEqual(buildOverview(after, [], NOW_SECONDS), buildOverview(before, [], NOW_SECONDS));
});

Deno.test("localDayAt() gives the day of the process's time zone, from midnight to midnight", () => {
  const atSeconds = new Date(2026, 10, 24, 12).getTime() / 1000;
  const day = localDayAt(atSeconds);
  assert.deepEqual(day, {
    beginsSeconds: new Date(2026, 10, 24).getTime() / 1000,
    endsSeconds: new Date(2026, 10, 25).getTime() / 1000,
  });
  assert.deepEqual(localDayAt(day.endsSeconds).beginsSeconds, day.endsSeconds);
});
