/**
 * The field names of an event object in a line that the decoders read, in Prodigy's spelling. Every field of every type
 * stands here, so that a misspelt name is a compile error, and each access in a decoder is to a constant name (a look-up
 * by a variable name costs twice as much).
 */
export const WIRE_FIELD_NAMES = [
  "event_type",
  "timestamp",

  "job_id",
  "total_items",
  "pending_items",
  "success_count",
  "failure_count",
  "duration",
  "pending",
  "item_id",

  "agent_id",
  "attempt",
  "retry_eligible",
  "error_type",
  "worktree_name",

  "session_id",
  "model",
  "tool_name",
  "tool_id",
  "input_tokens",
  "output_tokens",
  "cache_tokens",
  "cache_read_tokens",
  "cache_creation_tokens",
  "cache_creation_1h_tokens",
  "cost_usd",

  "workflow_id",
  "workflow_name",
  "status",
  "total_steps",
  "failed_steps",
  "step_index",
  "step_type",
  "on_failure_recovered",
  "validation",
  "result",
  "available",
] as const;
export type WireFieldName = (typeof WIRE_FIELD_NAMES)[number];

/** What a line says of an event. Values stay `unknown` until a decoder has looked at them. */
export type WireFields = { readonly [N in WireFieldName]?: unknown };

/** The outer object of a line: an envelope around `event`, or the event object itself. */
export interface WireLine extends WireFields {
  readonly id?: unknown;
  readonly correlation_id?: unknown;
  readonly event?: unknown;
  readonly metadata?: unknown;
}
