import type { StepStatus, ValidationResult, WorkflowStatus } from "./event.ts";
import type { EventDecoders } from "./event_decoder.ts";

const WORKFLOW_STATUSES: readonly [WorkflowStatus, ...WorkflowStatus[]] = ["success", "failed", "cancelled"];
const STEP_STATUSES: readonly [StepStatus, ...StepStatus[]] = ["success", "failed", "skipped"];
const VALIDATION_RESULTS: readonly [ValidationResult, ...ValidationResult[]] = ["passed", "failed"];

/** Our own events for workflows, steps and the worktree pool, for which Prodigy has none. */
export const WORKFLOW_DECODERS = {
  workflow_started: (fields, read) => ({
    type: "workflow_started",
    workflowId: read.text(fields.workflow_id, "workflow_id"),
    workflowName: read.text(fields.workflow_name, "workflow_name"),
    totalSteps: read.optionalCount(fields.total_steps, "total_steps"),
  }),
  workflow_completed: (fields, read) => ({
    type: "workflow_completed",
    workflowId: read.text(fields.workflow_id, "workflow_id"),
    workflowName: read.text(fields.workflow_name, "workflow_name"),
    status: read.choice(fields.status, "status", WORKFLOW_STATUSES),
    durationSeconds: read.duration(fields.duration, "duration"),
    totalSteps: read.optionalCount(fields.total_steps, "total_steps"),
    failedSteps: read.optionalCount(fields.failed_steps, "failed_steps"),
  }),
  step_started: (fields, read) => ({
    type: "step_started",
    workflowId: read.text(fields.workflow_id, "workflow_id"),
    stepIndex: read.count(fields.step_index, "step_index"),
    stepType: read.text(fields.step_type, "step_type"),
  }),
  step_completed: (fields, read) => ({
    type: "step_completed",
    workflowId: read.text(fields.workflow_id, "workflow_id"),
    workflowName: read.optionalText(fields.workflow_name, "workflow_name"),
    stepIndex: read.count(fields.step_index, "step_index"),
    stepType: read.text(fields.step_type, "step_type"),
    status: read.choice(fields.status, "status", STEP_STATUSES),
    durationSeconds: read.duration(fields.duration, "duration"),
    onFailureRecovered: read.optionalFlag(fields.on_failure_recovered, "on_failure_recovered") ?? false,
    validation: read.optionalChoice(fields.validation, "validation", VALIDATION_RESULTS),
  }),
  step_validated: (fields, read) => ({
    type: "step_validated",
    workflowId: read.optionalText(fields.workflow_id, "workflow_id"),
    stepType: read.text(fields.step_type, "step_type"),
    result: read.choice(fields.result, "result", VALIDATION_RESULTS),
  }),
  worktree_pool_changed: (fields, read) => ({
    type: "worktree_pool_changed",
    available: read.count(fields.available, "available"),
  }),
} satisfies EventDecoders;
