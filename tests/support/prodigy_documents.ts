/** The JSON documents Prodigy 0.4.4 keeps on disk, as the simulator holds and changes them. */

export type SessionStatus = "Initializing" | "Running" | "Completed" | "Failed";

export interface SessionDocument {
  readonly id: string;
  status: SessionStatus;
  readonly startedAt: string;
  updatedAt: string;
  completedAt: string | null;
  metadata: Record<string, unknown>;
  timings: Record<string, unknown>;
  error: string | null;
  readonly workflowName: string;
  iterationsCompleted: number;
  filesChanged: number;
}

export function sessionJson(session: SessionDocument): unknown {
  return {
    id: session.id,
    session_type: "Workflow",
    status: session.status,
    started_at: session.startedAt,
    updated_at: session.updatedAt,
    completed_at: session.completedAt,
    metadata: session.metadata,
    checkpoints: [],
    timings: session.timings,
    error: session.error,
    workflow_data: {
      workflow_id: session.id,
      workflow_name: session.workflowName,
      current_step: 0,
      total_steps: 0,
      completed_steps: [],
      variables: {},
      iterations_completed: session.iterationsCompleted,
      files_changed: session.filesChanged,
      worktree_name: null,
    },
    mapreduce_data: null,
  };
}

/** A duration as Rust's std writes it. */
export function stdDuration(seconds: number): { readonly secs: number; readonly nanos: number } {
  const secs = Math.floor(seconds);
  return { secs, nanos: Math.round((seconds - secs) * 1e9) };
}

export interface StepDocument {
  readonly stepIndex: number;
  readonly command: string;
  readonly durationSeconds: number;
  readonly completedAt: string;
}

export interface CheckpointDocument {
  readonly workflowId: string;
  readonly workflowPath: string;
  readonly totalSteps: number;
  status: "Running" | "Completed" | "Failed";
  readonly steps: StepDocument[];
  failure: { readonly stepIndex: number; readonly message: string; readonly at: string } | null;
}

/** Anything a test must never see come out again. */
export const SIMULATED_SECRET = "sk-SECRET-MUST-NOT-LEAK";

export function checkpointJson(checkpoint: CheckpointDocument, now: string): unknown {
  const { failure } = checkpoint;
  const totalSteps = checkpoint.status === "Running" ? checkpoint.totalSteps : 0;
  return {
    workflow_id: checkpoint.workflowId,
    execution_state: {
      current_step_index: checkpoint.steps.length,
      total_steps: totalSteps,
      status: checkpoint.status,
      start_time: now,
      last_checkpoint: now,
      current_iteration: null,
      total_iterations: null,
    },
    completed_steps: checkpoint.steps.map((step) => ({
      step_index: step.stepIndex,
      command: step.command,
      success: true,
      output: `output with ${SIMULATED_SECRET}`,
      captured_variables: {},
      duration: stdDuration(step.durationSeconds),
      completed_at: step.completedAt,
    })),
    variable_state: failure === null ? {} : {
      __error_message: failure.message,
      __failed_step_index: failure.stepIndex,
      __error_timestamp: failure.at.replace("Z", "+00:00"),
    },
    mapreduce_state: null,
    timestamp: now,
    version: 1,
    workflow_hash: `default-${checkpoint.totalSteps}`,
    total_steps: totalSteps,
    workflow_name: "default",
    workflow_path: checkpoint.workflowPath,
    retry_checkpoint_state: null,
    variable_checkpoint_state: {
      environment_snapshot: { variables: { ANTHROPIC_API_KEY: SIMULATED_SECRET }, captured_at: now },
    },
  };
}

export interface WorktreeDocument {
  readonly name: string;
  readonly originalBranch: string;
  readonly createdAt: string;
  updatedAt: string;
  status: "in_progress" | "interrupted";
  interruptedAt: string | null;
}

export function worktreeJson(worktree: WorktreeDocument): unknown {
  return {
    session_id: worktree.name,
    worktree_name: worktree.name,
    branch: `prodigy-${worktree.name}`,
    original_branch: worktree.originalBranch,
    created_at: worktree.createdAt,
    updated_at: worktree.updatedAt,
    status: worktree.status,
    iterations: { completed: 0, max: 10 },
    stats: { files_changed: 0, commits: 0, last_commit_sha: null },
    merged: false,
    merged_at: null,
    error: null,
    merge_prompt_shown: false,
    merge_prompt_response: null,
    interrupted_at: worktree.interruptedAt,
    interruption_type: worktree.interruptedAt === null ? null : "user_interrupt",
    last_checkpoint: null,
    resumable: worktree.interruptedAt !== null,
  };
}

export type DlqErrorType = string | { readonly CommandFailed: { readonly exit_code: number } };

export function dlqItemJson(itemId: string, errorType: DlqErrorType, failureCount: number, now: string): unknown {
  const message = `failed with ${SIMULATED_SECRET}`;
  return {
    item_id: itemId,
    item_data: { name: SIMULATED_SECRET },
    first_attempt: now,
    last_attempt: now,
    failure_count: failureCount,
    failure_history: Array.from({ length: failureCount }, (_, index) => ({
      attempt_number: index + 1,
      timestamp: now,
      error_type: errorType,
      error_message: message,
      stack_trace: message,
      agent_id: `agent-${itemId}`,
      step_failed: "agent_execution",
      duration_ms: 0,
    })),
    error_signature: "5346902a35bd3f20",
    worktree_artifacts: null,
    reprocess_eligible: false,
    manual_review_required: false,
  };
}
