import type { AgentRow, DlqRow, JobRow, UsageRow, WorkflowRow } from "./rows.ts";
import type { StepRow } from "./step_rows.ts";
import type { Column, Table } from "./table_sql.ts";

const LIFE = [
  { name: "started_at", type: "micros", field: "startedMicros" },
  { name: "is_start_known", type: "boolean", field: "isStartKnown" },
  { name: "completed_at", type: "micros", field: "completedMicros" },
  { name: "status", type: "text", field: "status" },
] as const;
const STATUS_AT = { name: "status_at", type: "micros", field: "statusMicros" } as const;
const DURATION = { name: "duration_ms", type: "bigint", field: "durationMs" } as const;
const INSTANCE = { name: "instance", type: "text", field: "instance" } as const;

export const WORKFLOWS: Table<WorkflowRow> = {
  name: "workflow_executions",
  key: ["id"],
  columns: [
    { name: "id", type: "uuid", field: "id" },
    { name: "workflow_id", type: "text", field: "workflowId" },
    { name: "workflow_name", type: "text", field: "name" },
    ...LIFE,
    DURATION,
    STATUS_AT,
    { name: "total_steps", type: "integer", field: "totalSteps" },
    { name: "failed_steps", type: "integer", field: "failedSteps" },
    { name: "metadata", type: "jsonb", field: "metadata" },
    INSTANCE,
  ],
};

export const STEPS: Table<StepRow> = {
  name: "step_executions",
  key: ["id"],
  columns: [
    { name: "id", type: "uuid", field: "id" },
    { name: "workflow_execution_id", type: "uuid", field: "workflowExecutionId" },
    { name: "step_index", type: "integer", field: "stepIndex" },
    { name: "execution_number", type: "integer", field: "executionNumber" },
    { name: "step_type", type: "text", field: "stepType" },
    { name: "command", type: "text", field: "command" },
    ...LIFE,
    DURATION,
    { name: "had_on_failure_recovery", type: "boolean", field: "isRecovered" },
    { name: "error_message", type: "text", field: "errorMessage" },
    INSTANCE,
  ],
};

export const JOBS: Table<JobRow> = {
  name: "mapreduce_jobs",
  key: ["job_id"],
  columns: [
    { name: "job_id", type: "text", field: "key" },
    { name: "workflow_execution_id", type: "uuid", field: "workflowExecutionId" },
    ...LIFE,
    STATUS_AT,
    { name: "total_items", type: "integer", field: "totalItems" },
    { name: "successful_items", type: "integer", field: "successfulItems" },
    { name: "failed_items", type: "integer", field: "failedItems" },
    { name: "dlq_items", type: "integer", field: "dlqItems" },
    { name: "are_items_stated", type: "boolean", field: "areItemsStated" },
    INSTANCE,
  ],
};

export const AGENTS: Table<AgentRow> = {
  name: "agent_executions",
  key: ["id"],
  columns: [
    { name: "id", type: "uuid", field: "id" },
    { name: "job_id", type: "text", field: "jobKey" },
    { name: "agent_id", type: "text", field: "agentId" },
    ...LIFE,
    DURATION,
    STATUS_AT,
    { name: "attempts", type: "integer", field: "attempts" },
    { name: "error_type", type: "text", field: "errorType" },
    { name: "is_retry_eligible", type: "boolean", field: "isRetryEligible" },
    INSTANCE,
  ],
};

export const DLQ: Table<DlqRow> = {
  name: "dlq_items",
  key: ["job_id", "item_id"],
  columns: [
    { name: "job_id", type: "text", field: "jobKey" },
    { name: "item_id", type: "text", field: "itemId" },
    { name: "is_present", type: "boolean", field: "isPresent" },
    { name: "added_at", type: "micros", field: "addedMicros" },
    { name: "removed_at", type: "micros", field: "removedMicros" },
    { name: "error_signature", type: "text", field: "errorSignature" },
    { name: "failure_count", type: "integer", field: "failureCount" },
    INSTANCE,
  ],
};

export const USAGE: Table<UsageRow> = {
  name: "claude_usage",
  key: ["id"],
  columns: [
    { name: "id", type: "uuid", field: "id" },
    { name: "used_at", type: "micros", field: "usedMicros" },
    { name: "workflow_execution_id", type: "uuid", field: "workflowExecutionId" },
    { name: "workflow_name", type: "text", field: "workflowName" },
    { name: "job_id", type: "text", field: "jobKey" },
    { name: "agent_id", type: "text", field: "agentId" },
    { name: "model", type: "text", field: "model" },
    { name: "input_tokens", type: "bigint", field: "inputTokens" },
    { name: "output_tokens", type: "bigint", field: "outputTokens" },
    { name: "cache_read_tokens", type: "bigint", field: "cacheReadTokens" },
    { name: "cache_creation_tokens", type: "bigint", field: "cacheCreationTokens" },
    { name: "cost_usd", type: "double precision", field: "costUsd" },
    INSTANCE,
  ],
};

/** A row of `events`. */
export interface EventRow {
  readonly id: string;
  readonly atMicros: number;
  readonly type: string;
  readonly runId: string | null;
  readonly jobKey: string | null;
  readonly agentId: string | null;
  readonly correlationId: string | null;
  readonly origin: string;
  readonly instance: string;
  readonly payload: string | null;
}

const EVENT_COLUMNS: readonly Column<EventRow>[] = [
  { name: "id", type: "uuid", field: "id" },
  { name: "timestamp", type: "micros", field: "atMicros" },
  { name: "type", type: "text", field: "type" },
  { name: "run_id", type: "text", field: "runId" },
  { name: "job_id", type: "text", field: "jobKey" },
  { name: "agent_id", type: "text", field: "agentId" },
  { name: "correlation_id", type: "text", field: "correlationId" },
  { name: "origin", type: "text", field: "origin" },
  INSTANCE,
  { name: "payload", type: "jsonb", field: "payload" },
];

export const EVENTS: Table<EventRow> = { name: "events", key: ["id", '"timestamp"'], columns: EVENT_COLUMNS };
