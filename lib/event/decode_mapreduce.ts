import type { EventDecoders } from "./event_decoder.ts";

/**
 * Prodigy's job, agent, checkpoint, worktree, queue and DLQ events. A field is required here when Prodigy always
 * writes it and the event cannot do without; fields nobody needs are not looked at, so a line is not lost over them.
 */
export const MAPREDUCE_DECODERS = {
  job_started: (fields, read) => ({
    type: "job_started",
    jobId: read.text(fields.job_id, "job_id"),
    totalItems: read.optionalCount(fields.total_items, "total_items"),
  }),
  job_completed: (fields, read) => ({
    type: "job_completed",
    jobId: read.text(fields.job_id, "job_id"),
    durationSeconds: read.duration(fields.duration, "duration"),
    successCount: read.count(fields.success_count, "success_count"),
    failureCount: read.count(fields.failure_count, "failure_count"),
  }),
  job_failed: (fields, read) => ({
    type: "job_failed",
    jobId: read.text(fields.job_id, "job_id"),
    durationSeconds: read.optionalDuration(fields.duration, "duration"),
  }),
  job_paused: (fields, read) => ({
    type: "job_paused",
    jobId: read.text(fields.job_id, "job_id"),
  }),
  job_resumed: (fields, read) => ({
    type: "job_resumed",
    jobId: read.text(fields.job_id, "job_id"),
    pendingItems: read.optionalCount(fields.pending_items, "pending_items"),
  }),

  agent_started: (fields, read) => ({
    type: "agent_started",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
    attempt: read.count(fields.attempt, "attempt"),
  }),
  agent_progress: (fields, read) => ({
    type: "agent_progress",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
  }),
  agent_completed: (fields, read) => ({
    type: "agent_completed",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
    durationSeconds: read.duration(fields.duration, "duration"),
  }),
  agent_failed: (fields, read) => ({
    type: "agent_failed",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
    retryEligible: read.flag(fields.retry_eligible, "retry_eligible"),
    errorType: read.optionalText(fields.error_type, "error_type"),
  }),
  agent_retrying: (fields, read) => ({
    type: "agent_retrying",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
    attempt: read.count(fields.attempt, "attempt"),
  }),

  checkpoint_created: (fields, read) => ({
    type: "checkpoint_created",
    jobId: read.text(fields.job_id, "job_id"),
  }),
  checkpoint_loaded: (fields, read) => ({
    type: "checkpoint_loaded",
    jobId: read.text(fields.job_id, "job_id"),
  }),
  checkpoint_failed: (fields, read) => ({
    type: "checkpoint_failed",
    jobId: read.text(fields.job_id, "job_id"),
  }),

  worktree_created: (fields, read) => ({
    type: "worktree_created",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
    worktreeName: read.text(fields.worktree_name, "worktree_name"),
  }),
  worktree_merged: (fields, read) => ({
    type: "worktree_merged",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
  }),
  worktree_cleaned: (fields, read) => ({
    type: "worktree_cleaned",
    jobId: read.text(fields.job_id, "job_id"),
    agentId: read.text(fields.agent_id, "agent_id"),
    worktreeName: read.text(fields.worktree_name, "worktree_name"),
  }),

  queue_depth_changed: (fields, read) => ({
    type: "queue_depth_changed",
    jobId: read.text(fields.job_id, "job_id"),
    pending: read.count(fields.pending, "pending"),
  }),
  memory_pressure: (fields, read) => ({
    type: "memory_pressure",
    jobId: read.text(fields.job_id, "job_id"),
  }),

  dlq_item_added: (fields, read) => ({
    type: "dlq_item_added",
    jobId: read.text(fields.job_id, "job_id"),
    itemId: read.text(fields.item_id, "item_id"),
  }),
  dlq_item_removed: (fields, read) => ({
    type: "dlq_item_removed",
    jobId: read.text(fields.job_id, "job_id"),
    itemId: read.text(fields.item_id, "item_id"),
  }),
  dlq_items_reprocessed: (fields, read) => ({
    type: "dlq_items_reprocessed",
    jobId: read.text(fields.job_id, "job_id"),
  }),
  dlq_items_evicted: (fields, read) => ({
    type: "dlq_items_evicted",
    jobId: read.text(fields.job_id, "job_id"),
  }),
  dlq_analysis_generated: (fields, read) => ({
    type: "dlq_analysis_generated",
    jobId: read.text(fields.job_id, "job_id"),
  }),
} satisfies EventDecoders;
