import { OTHER } from "../label_values.ts";
import type { Label } from "../metric.ts";

export const WORKFLOW_NAME: Label = { name: "workflow_name" };
export const JOB_ID: Label = { name: "job_id" };
export const TOOL_NAME: Label = { name: "tool_name" };
export const MODEL: Label = { name: "model" };

export const WORKFLOW_STATUS: Label = { name: "status", values: ["success", "failed", "cancelled"] };
export const STEP_STATUS: Label = { name: "status", values: ["success", "failed", "skipped"] };
export const ITEM_STATUS: Label = { name: "status", values: ["success", "failed", "dlq"] };
export const JOB_STATUS: Label = { name: "status", values: ["success", "failed"] };
export const VALIDATION_RESULT: Label = { name: "result", values: ["passed", "failed"] };

/** Command prefixes of Prodigy's checkpoints (normalization.rs) and the step kinds its workflows know. */
export const STEP_TYPE: Label = {
  name: "step_type",
  values: ["claude", "shell", "test", "handler", "write_file", "foreach", "analyze", "goal_seek", "validate", OTHER],
};

export const TOKEN_TYPE: Label = { name: "token_type", values: ["input", "output", "cache"] };
export const TOKEN_TYPE_DETAILED: Label = {
  name: "token_type",
  values: ["input", "output", "cache_read", "cache_creation"],
};

/** Subtypes of the result message of `claude --output-format stream-json` (Claude Agent SDK), and plain `error`. */
export const CLAUDE_SESSION_STATUS: Label = {
  name: "status",
  values: [
    "success",
    "error",
    "error_max_turns",
    "error_during_execution",
    "error_max_budget_usd",
    "error_max_structured_output_retries",
    OTHER,
  ],
};

/** The SDK's error names of assistant messages, and the API's error types that Claude Code writes into transcripts. */
export const CLAUDE_ERROR_TYPE: Label = {
  name: "error_type",
  values: [
    "authentication_failed",
    "billing_error",
    "connection_error",
    "invalid_request",
    "max_output_tokens",
    "overloaded",
    "permission_denied",
    "rate_limit",
    "server_error",
    "timeout",
    "error_max_turns",
    "error_during_execution",
    "error_max_budget_usd",
    "error_max_structured_output_retries",
    "unknown",
    OTHER,
  ],
};

/** Prodigy's DLQ error types (dlq.rs), in snake_case. */
export const ITEM_ERROR_TYPE: Label = {
  name: "error_type",
  values: [
    "timeout",
    "command_failed",
    "commit_validation_failed",
    "worktree_error",
    "merge_conflict",
    "validation_failed",
    "resource_exhausted",
    "unknown",
    OTHER,
  ],
};
