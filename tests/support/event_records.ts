import type { Event } from "../../lib/event/event.ts";
import type { EventRecord } from "../../lib/event/record.ts";

/** An event with an envelope, for tests that fold. */
export function record(event: Event, envelope: Partial<EventRecord> = {}): EventRecord {
  return {
    id: null,
    timestamp: null,
    correlationId: null,
    runId: null,
    origin: "line",
    durationClamped: false,
    ...envelope,
    event,
  };
}

export function agentStarted(jobId: string, agentId: string): Event {
  return { type: "agent_started", jobId, agentId, attempt: 1 };
}

export function agentCompleted(jobId: string, agentId: string, durationSeconds: number | null = 1): Event {
  return { type: "agent_completed", jobId, agentId, durationSeconds };
}

export function agentFailed(jobId: string, agentId: string): Event {
  return { type: "agent_failed", jobId, agentId, retryEligible: false, errorType: null };
}

export function jobStarted(jobId: string, totalItems: number | null = null): Event {
  return { type: "job_started", jobId, totalItems };
}

export function jobCompleted(jobId: string, durationSeconds = 10): Event {
  return { type: "job_completed", jobId, durationSeconds, successCount: 0, failureCount: 0 };
}

export function tokenUsage(usage: Partial<Extract<Event, { type: "claude_token_usage" }>> = {}): Event {
  return {
    type: "claude_token_usage",
    agentId: "agent-default",
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheCreationTokens: 0,
    cacheCreation1hTokens: 0,
    model: null,
    workflowName: null,
    jobId: null,
    costUsd: null,
    ...usage,
  };
}
