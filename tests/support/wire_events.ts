import type { EventOf, WireEvent, WireEventType } from "../../lib/event/event.ts";

/** The fields of an event object as they stand in a line, without `event_type`. */
export type WireObject = Readonly<Record<string, unknown>>;

export interface WireSample<E extends WireEvent = WireEvent> {
  /** Every field the decoder reads, each with a good value; and some it does not read. */
  readonly wire: WireObject;
  readonly event: E;
}

const JOB = { job_id: "mapreduce-20261124_000454" };
const AGENT = { ...JOB, agent_id: "mapreduce-20261124_000454_agent_0" };
const JOB_ID = JOB.job_id;
const AGENT_ID = AGENT.agent_id;

/** One full example of each event type: what the line says and what the program makes of it. */
export const WIRE_SAMPLES: { readonly [T in WireEventType]: WireSample<EventOf<T>> } = {
  job_started: {
    wire: { ...JOB, config: { input: "items.json" }, total_items: 3, timestamp: "2026-11-24T00:04:54Z" },
    event: { type: "job_started", jobId: JOB_ID, totalItems: 3 },
  },
  job_completed: {
    wire: { ...JOB, duration: [125, 250000000], success_count: 2, failure_count: 1 },
    event: { type: "job_completed", jobId: JOB_ID, durationSeconds: 125.25, successCount: 2, failureCount: 1 },
  },
  job_failed: {
    wire: { ...JOB, error: "boom", partial_results: 1, duration: 4.5 },
    event: { type: "job_failed", jobId: JOB_ID, durationSeconds: 4.5 },
  },
  job_paused: { wire: { ...JOB, checkpoint_version: 3 }, event: { type: "job_paused", jobId: JOB_ID } },
  job_resumed: {
    wire: { ...JOB, checkpoint_version: 3, pending_items: 2 },
    event: { type: "job_resumed", jobId: JOB_ID, pendingItems: 2 },
  },
  agent_started: {
    wire: { ...AGENT, item_id: "item_0", worktree: "wt", attempt: 1 },
    event: { type: "agent_started", jobId: JOB_ID, agentId: AGENT_ID, attempt: 1 },
  },
  agent_progress: {
    wire: { ...AGENT, step: "claude", progress_pct: 33.333 },
    event: { type: "agent_progress", jobId: JOB_ID, agentId: AGENT_ID },
  },
  agent_completed: {
    wire: { ...AGENT, duration: { secs: 45, nanos: 500000000 }, commits: ["abc123"], json_log_location: null },
    event: { type: "agent_completed", jobId: JOB_ID, agentId: AGENT_ID, durationSeconds: 45.5 },
  },
  agent_failed: {
    wire: { ...AGENT, error: "timed out", retry_eligible: true, error_type: "timeout" },
    event: { type: "agent_failed", jobId: JOB_ID, agentId: AGENT_ID, retryEligible: true, errorType: "timeout" },
  },
  agent_retrying: {
    wire: { ...AGENT, attempt: 2, backoff_ms: 1000 },
    event: { type: "agent_retrying", jobId: JOB_ID, agentId: AGENT_ID, attempt: 2 },
  },
  checkpoint_created: {
    wire: { ...JOB, version: 1, agents_completed: 1 },
    event: { type: "checkpoint_created", jobId: JOB_ID },
  },
  checkpoint_loaded: { wire: { ...JOB, version: 1 }, event: { type: "checkpoint_loaded", jobId: JOB_ID } },
  checkpoint_failed: { wire: { ...JOB, error: "disk full" }, event: { type: "checkpoint_failed", jobId: JOB_ID } },
  worktree_created: {
    wire: { ...AGENT, worktree_name: "wt", branch: "b" },
    event: { type: "worktree_created", jobId: JOB_ID, agentId: AGENT_ID, worktreeName: "wt" },
  },
  worktree_merged: {
    wire: { ...AGENT, target_branch: "main" },
    event: { type: "worktree_merged", jobId: JOB_ID, agentId: AGENT_ID },
  },
  worktree_cleaned: {
    wire: { ...AGENT, worktree_name: "wt" },
    event: { type: "worktree_cleaned", jobId: JOB_ID, agentId: AGENT_ID, worktreeName: "wt" },
  },
  queue_depth_changed: {
    wire: { ...JOB, pending: 7, active: 1, completed: 1 },
    event: { type: "queue_depth_changed", jobId: JOB_ID, pending: 7 },
  },
  memory_pressure: {
    wire: { ...JOB, used_mb: 900, limit_mb: 1000 },
    event: { type: "memory_pressure", jobId: JOB_ID },
  },
  dlq_item_added: {
    wire: { ...JOB, item_id: "item_1", error_signature: "5b90fa24107446f8", failure_count: 1 },
    event: { type: "dlq_item_added", jobId: JOB_ID, itemId: "item_1" },
  },
  dlq_item_removed: {
    wire: { ...JOB, item_id: "item_1" },
    event: { type: "dlq_item_removed", jobId: JOB_ID, itemId: "item_1" },
  },
  dlq_items_reprocessed: { wire: { ...JOB, count: 1 }, event: { type: "dlq_items_reprocessed", jobId: JOB_ID } },
  dlq_items_evicted: { wire: { ...JOB, count: 100 }, event: { type: "dlq_items_evicted", jobId: JOB_ID } },
  dlq_analysis_generated: { wire: { ...JOB, patterns: 2 }, event: { type: "dlq_analysis_generated", jobId: JOB_ID } },
  claude_tool_invoked: {
    wire: {
      agent_id: "agent-default",
      tool_name: "Read",
      tool_id: "toolu_01",
      parameters: { file_path: "src/main.rs" },
      timestamp: "2026-11-24T00:04:54Z",
    },
    event: { type: "claude_tool_invoked", agentId: "agent-default", toolName: "Read", toolId: "toolu_01" },
  },
  claude_token_usage: {
    wire: {
      agent_id: "agent-default",
      input_tokens: 100,
      output_tokens: 50,
      cache_tokens: 25,
      cache_read_tokens: 30,
      cache_creation_tokens: 12,
      cache_creation_1h_tokens: 5,
      model: "claude-sonnet-4-5",
      workflow_name: "fix-lint",
      job_id: JOB_ID,
      cost_usd: 0.0213,
    },
    event: {
      type: "claude_token_usage",
      agentId: "agent-default",
      inputTokens: 100,
      outputTokens: 50,
      cacheReadTokens: 30,
      cacheCreationTokens: 12,
      cacheCreation1hTokens: 5,
      model: "claude-sonnet-4-5",
      workflowName: "fix-lint",
      jobId: JOB_ID,
      costUsd: 0.0213,
    },
  },
  claude_session_started: {
    wire: { agent_id: "agent-default", session_id: "s", model: "claude-sonnet-4-5", tools: ["Read"] },
    event: {
      type: "claude_session_started",
      agentId: "agent-default",
      sessionId: "s",
      model: "claude-sonnet-4-5",
    },
  },
  claude_message: {
    wire: { agent_id: "agent-default", content: "hi", message_type: "text", json_log_location: null },
    event: { type: "claude_message", agentId: "agent-default" },
  },
  claude_session_completed: {
    wire: { session_id: "s", agent_id: "a", status: "success", model: "m", cost_usd: 0.5, duration: 12.5 },
    event: {
      type: "claude_session_completed",
      sessionId: "s",
      agentId: "a",
      status: "success",
      model: "m",
      costUsd: 0.5,
      durationSeconds: 12.5,
    },
  },
  claude_error: {
    wire: { error_type: "rate_limit", session_id: "s", agent_id: "a" },
    event: { type: "claude_error", errorType: "rate_limit", sessionId: "s", agentId: "a" },
  },
  workflow_started: {
    wire: { workflow_id: "workflow-1795478643740", workflow_name: "fix-lint", total_steps: 4 },
    event: {
      type: "workflow_started",
      workflowId: "workflow-1795478643740",
      workflowName: "fix-lint",
      totalSteps: 4,
    },
  },
  workflow_completed: {
    wire: {
      workflow_id: "workflow-1795478643740",
      workflow_name: "fix-lint",
      status: "cancelled",
      duration: 61,
      total_steps: 4,
      failed_steps: 1,
    },
    event: {
      type: "workflow_completed",
      workflowId: "workflow-1795478643740",
      workflowName: "fix-lint",
      status: "cancelled",
      durationSeconds: 61,
      totalSteps: 4,
      failedSteps: 1,
    },
  },
  step_started: {
    wire: { workflow_id: "w", step_index: 0, step_type: "shell", command: "make" },
    event: { type: "step_started", workflowId: "w", stepIndex: 0, stepType: "shell" },
  },
  step_completed: {
    wire: {
      workflow_id: "w",
      workflow_name: "fix-lint",
      step_index: 1,
      step_type: "claude",
      status: "skipped",
      duration: [3, 0],
      on_failure_recovered: true,
      validation: "failed",
      command: "/fix",
      error_message: "no",
    },
    event: {
      type: "step_completed",
      workflowId: "w",
      workflowName: "fix-lint",
      stepIndex: 1,
      stepType: "claude",
      status: "skipped",
      durationSeconds: 3,
      onFailureRecovered: true,
      validation: "failed",
    },
  },
  step_validated: {
    wire: { workflow_id: "w", step_type: "claude", result: "passed" },
    event: { type: "step_validated", workflowId: "w", stepType: "claude", result: "passed" },
  },
  worktree_pool_changed: { wire: { available: 3 }, event: { type: "worktree_pool_changed", available: 3 } },
};

/** All samples, in the table's order. */
export const SAMPLE_LIST: readonly (readonly [type: string, sample: WireSample])[] = Object.entries(
  WIRE_SAMPLES,
);

/** A bare event object with every field. */
export function bareEvent(type: WireEventType): WireObject {
  return { event_type: type, ...WIRE_SAMPLES[type].wire };
}
