import type { Metrics } from "../lib/metrics/metrics.ts";

const AGENTS = 20;

/** Jobs with some agents each, from their start to their end, and until their series have gone. */
export function endJobs(metrics: Metrics, count: number): void {
  const fold = (event: Parameters<Metrics["fold"]["fold"]>[0]["event"], number: number): void => {
    metrics.fold.fold({
      id: null,
      timestamp: "2026-11-24T00:07:00Z",
      correlationId: null,
      runId: `session-${number}`,
      origin: "line",
      event,
      durationClamped: false,
    });
  };
  for (let number = 0; number < count; number++) {
    const jobId = `mapreduce-${20_260_000 + Math.floor(number / 86_400)}_${100_000 + number % 86_400}`;
    fold({ type: "job_started", jobId, totalItems: AGENTS }, number);
    for (let agent = 0; agent < AGENTS; agent++) {
      const agentId = `${jobId}_agent_${agent}`;
      fold({ type: "agent_started", jobId, agentId, attempt: 1 }, number);
      fold({ type: "agent_completed", jobId, agentId, durationSeconds: 4 }, number);
    }
    fold({ type: "job_completed", jobId, durationSeconds: 60, successCount: AGENTS, failureCount: 0 }, number);
    if (number % 400 === 399) expire(metrics);
  }
  expire(metrics);
}

/** Lets the time go by after which finished jobs are shown no more. */
function expire(metrics: Metrics): void {
  metrics.work.nowSeconds += 4_000;
  metrics.upkeep.tick(metrics.work.nowSeconds * 1000);
}
