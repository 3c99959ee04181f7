import type { LineText } from "./line_text.ts";

/**
 * Every event the exporter knows. Lines (files, socket) decode to the wire events; the state readers emit the same
 * events, and the state events at the end. Names of the wire events are Prodigy's own (its `MapReduceEvent` and
 * `ClaudeEvent` enums, read at version 0.4.4) and ours for what Prodigy has no event for.
 *
 * Durations are seconds and never negative; `null` means "known to be absent".
 */

export type WorkflowStatus = "success" | "failed" | "cancelled";
export type StepStatus = "success" | "failed" | "skipped";
export type ValidationResult = "passed" | "failed";

// --- MapReduce jobs (Prodigy) ---------------------------------------------------------------------------------------

export interface JobStarted {
  readonly type: "job_started";
  readonly jobId: string;
  readonly totalItems: number | null;
}
export interface JobCompleted {
  readonly type: "job_completed";
  readonly jobId: string;
  readonly durationSeconds: number | null;
  readonly successCount: number;
  readonly failureCount: number;
}
export interface JobFailed {
  readonly type: "job_failed";
  readonly jobId: string;
  /** Prodigy's event has no duration; the state readers know one (session start to end). */
  readonly durationSeconds: number | null;
}
export interface JobPaused {
  readonly type: "job_paused";
  readonly jobId: string;
}
export interface JobResumed {
  readonly type: "job_resumed";
  readonly jobId: string;
  readonly pendingItems: number | null;
}
export interface AgentStarted {
  readonly type: "agent_started";
  readonly jobId: string;
  readonly agentId: string;
  readonly attempt: number;
}
export interface AgentProgress {
  readonly type: "agent_progress";
  readonly jobId: string;
  readonly agentId: string;
}
export interface AgentCompleted {
  readonly type: "agent_completed";
  readonly jobId: string;
  readonly agentId: string;
  /** `null` only from the state readers, when an agent's end was inferred without its times. */
  readonly durationSeconds: number | null;
}
export interface AgentFailed {
  readonly type: "agent_failed";
  readonly jobId: string;
  readonly agentId: string;
  readonly retryEligible: boolean;
  /** One of Prodigy's DLQ error types in snake_case, when a DLQ item told it. */
  readonly errorType: string | null;
}
export interface AgentRetrying {
  readonly type: "agent_retrying";
  readonly jobId: string;
  readonly agentId: string;
  readonly attempt: number;
}
/** Of a MapReduce job (`jobId`), or of a plain workflow (the record's `runId`; only from the state readers). */
export interface CheckpointCreated {
  readonly type: "checkpoint_created";
  readonly jobId: string | null;
}
export interface CheckpointLoaded {
  readonly type: "checkpoint_loaded";
  readonly jobId: string;
}
export interface CheckpointFailed {
  readonly type: "checkpoint_failed";
  readonly jobId: string;
}
export interface WorktreeCreated {
  readonly type: "worktree_created";
  readonly jobId: string;
  readonly agentId: string;
  readonly worktreeName: string;
}
export interface WorktreeMerged {
  readonly type: "worktree_merged";
  readonly jobId: string;
  readonly agentId: string;
}
export interface WorktreeCleaned {
  readonly type: "worktree_cleaned";
  readonly jobId: string;
  readonly agentId: string;
  readonly worktreeName: string;
}
export interface QueueDepthChanged {
  readonly type: "queue_depth_changed";
  readonly jobId: string;
  readonly pending: number;
}
export interface MemoryPressure {
  readonly type: "memory_pressure";
  readonly jobId: string;
}
export interface DlqItemAdded {
  readonly type: "dlq_item_added";
  readonly jobId: string;
  readonly itemId: string;
}
export interface DlqItemRemoved {
  readonly type: "dlq_item_removed";
  readonly jobId: string;
  readonly itemId: string;
}
export interface DlqItemsReprocessed {
  readonly type: "dlq_items_reprocessed";
  readonly jobId: string;
}
export interface DlqItemsEvicted {
  readonly type: "dlq_items_evicted";
  readonly jobId: string;
}
export interface DlqAnalysisGenerated {
  readonly type: "dlq_analysis_generated";
  readonly jobId: string;
}

// --- Claude (Prodigy, some extended by us) --------------------------------------------------------------------------

export interface ClaudeToolInvoked {
  readonly type: "claude_tool_invoked";
  readonly agentId: string | null;
  readonly toolName: string;
  /** Claude's block id (`toolu_…`): the same call seen in two places counts once. */
  readonly toolId: string | LineText | null;
}
/** What one or more messages used. Prodigy's own event has input, output and cache reads only. */
export interface ClaudeTokenUsage {
  readonly type: "claude_token_usage";
  readonly agentId: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  /** All cache creations, of which `cacheCreation1hTokens` are written for one hour (priced higher). */
  readonly cacheCreationTokens: number;
  readonly cacheCreation1hTokens: number;
  readonly model: string | null;
  readonly workflowName: string | null;
  readonly jobId: string | null;
  /**
   * USD: on a line the vendor's own figure; from the state readers also an estimate for a whole message. When `null`
   * the price table estimates, and a model without a price counts as unpriced.
   */
  readonly costUsd: number | null;
}
export interface ClaudeSessionStarted {
  readonly type: "claude_session_started";
  readonly agentId: string | null;
  readonly sessionId: string;
  readonly model: string | null;
}
export interface ClaudeMessage {
  readonly type: "claude_message";
  readonly agentId: string | null;
}
export interface ClaudeSessionCompleted {
  readonly type: "claude_session_completed";
  readonly sessionId: string;
  readonly agentId: string | null;
  readonly status: string;
  readonly model: string | null;
  /** Cost of the whole session as the vendor states it, in USD; `null` when not stated or counted elsewhere. */
  readonly costUsd: number | null;
  readonly durationSeconds: number | null;
}
export interface ClaudeError {
  readonly type: "claude_error";
  readonly errorType: string;
  readonly sessionId: string | null;
  readonly agentId: string | null;
}

// --- Workflows, steps, pool (ours) ----------------------------------------------------------------------------------

export interface WorkflowStarted {
  readonly type: "workflow_started";
  readonly workflowId: string;
  readonly workflowName: string;
  readonly totalSteps: number | null;
}
export interface WorkflowCompleted {
  readonly type: "workflow_completed";
  readonly workflowId: string;
  readonly workflowName: string;
  readonly status: WorkflowStatus;
  readonly durationSeconds: number | null;
  readonly totalSteps: number | null;
  readonly failedSteps: number | null;
}
export interface StepStarted {
  readonly type: "step_started";
  readonly workflowId: string;
  readonly stepIndex: number;
  readonly stepType: string;
}
export interface StepCompleted {
  readonly type: "step_completed";
  readonly workflowId: string;
  readonly workflowName: string | null;
  readonly stepIndex: number;
  readonly stepType: string;
  readonly status: StepStatus;
  /** `null` only from the state readers, when a failed step's start is not known. */
  readonly durationSeconds: number | null;
  readonly onFailureRecovered: boolean;
  readonly validation: ValidationResult | null;
}
export interface StepValidated {
  readonly type: "step_validated";
  readonly workflowId: string | null;
  readonly stepType: string;
  readonly result: ValidationResult;
}
export interface WorktreePoolChanged {
  readonly type: "worktree_pool_changed";
  readonly available: number;
}

// --- Only from the state readers ------------------------------------------------------------------------------------

/**
 * Tokens counted before by usage with a cost of 0, because a stream was to state the cost: none came, and their model
 * has no price.
 */
export interface ClaudeTokensUnpriced {
  readonly type: "claude_tokens_unpriced";
  readonly model: string | null;
  readonly tokens: number;
}
/** A run or job was seen to move at `atSeconds` (Unix time); keeps it from being reaped as dead. */
export interface WorkSeen {
  readonly type: "work_seen";
  readonly jobId: string | null;
  readonly atSeconds: number;
}
/** A run or job will never end by itself (its files are gone or idle beyond the limit). */
export interface WorkAbandoned {
  readonly type: "work_abandoned";
  readonly jobId: string | null;
}

export type WireEvent =
  | JobStarted
  | JobCompleted
  | JobFailed
  | JobPaused
  | JobResumed
  | AgentStarted
  | AgentProgress
  | AgentCompleted
  | AgentFailed
  | AgentRetrying
  | CheckpointCreated
  | CheckpointLoaded
  | CheckpointFailed
  | WorktreeCreated
  | WorktreeMerged
  | WorktreeCleaned
  | QueueDepthChanged
  | MemoryPressure
  | DlqItemAdded
  | DlqItemRemoved
  | DlqItemsReprocessed
  | DlqItemsEvicted
  | DlqAnalysisGenerated
  | ClaudeToolInvoked
  | ClaudeTokenUsage
  | ClaudeSessionStarted
  | ClaudeMessage
  | ClaudeSessionCompleted
  | ClaudeError
  | WorkflowStarted
  | WorkflowCompleted
  | StepStarted
  | StepCompleted
  | StepValidated
  | WorktreePoolChanged;

export type StateEvent = ClaudeTokensUnpriced | WorkSeen | WorkAbandoned;
export type Event = WireEvent | StateEvent;
export type WireEventType = WireEvent["type"];
export type EventType = Event["type"];
export type EventOf<T extends EventType> = Extract<Event, { readonly type: T }>;
