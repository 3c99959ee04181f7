import type { Overview } from "../../lib/server/page/overview.ts";

/** An exporter at work, with a name that must be escaped and one that is long. */
export const BUSY: Overview = {
  workflows: [
    { name: "<i>fix</i> & test", runLabel: "1a2b3c4d", elapsedSeconds: 3725, stepsDone: 2, stepsTotal: 5 },
    {
      name: "a-workflow-with-a-very-long-name".repeat(4),
      runLabel: "run",
      elapsedSeconds: null,
      stepsDone: null,
      stepsTotal: null,
    },
  ],
  jobs: [
    { label: "20261124_080000", elapsedSeconds: 61, total: 10, done: 4, failed: 2, dlq: 1, agentsRunning: 3 },
    { label: "unknown", elapsedSeconds: null, total: null, done: 0, failed: 0, dlq: 0, agentsRunning: 0 },
  ],
  agentsRunning: 3,
  today: { agentsSucceeded: 37, agentsFailed: 3, runsSucceeded: 6, runsFailed: 2 },
  recentEnds: [
    { kind: "job", name: "20261123_070000", outcome: "failed", endedAtMs: 60_000, durationSeconds: 90 },
    { kind: "workflow", name: "docs", outcome: "completed", endedAtMs: 0, durationSeconds: null },
  ],
  sources: [
    { name: "files", problem: null, behindBytes: 1_500_000, behindSeconds: 12, rejectedLines: 7 },
    {
      name: "socket",
      problem: "cannot listen on /run/x.sock: permission denied",
      behindBytes: 0,
      behindSeconds: 0,
      rejectedLines: 0,
    },
  ],
  usageToday: {
    inputTokens: 1200,
    outputTokens: 340,
    cacheTokens: 15_000_000,
    costUsd: 12.345,
    unpricedModels: ["model-x"],
    pricesOf: "2026-11-01",
  },
};

/** An exporter that has seen nothing yet. */
export const IDLE: Overview = {
  workflows: [],
  jobs: [],
  agentsRunning: 0,
  today: { agentsSucceeded: 0, agentsFailed: 0, runsSucceeded: 0, runsFailed: 0 },
  recentEnds: [],
  sources: [],
  usageToday: null,
};
