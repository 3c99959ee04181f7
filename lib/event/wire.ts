/**
 * The field names of an event object in a line that the decoders read, in Prodigy's spelling. Values stay `unknown`
 * until a decoder has looked at them. Every field of every type stands here, so that a misspelt name is a compile
 * error, and each access in a decoder is to a constant name (a look-up by a variable name costs twice as much).
 */
export interface WireFields {
  readonly event_type?: unknown;
  readonly timestamp?: unknown;

  readonly job_id?: unknown;
  readonly total_items?: unknown;
  readonly pending_items?: unknown;
  readonly success_count?: unknown;
  readonly failure_count?: unknown;
  readonly duration?: unknown;
  readonly pending?: unknown;
  readonly item_id?: unknown;

  readonly agent_id?: unknown;
  readonly attempt?: unknown;
  readonly retry_eligible?: unknown;
  readonly error_type?: unknown;
  readonly worktree_name?: unknown;

  readonly session_id?: unknown;
  readonly model?: unknown;
  readonly tool_name?: unknown;
  readonly tool_id?: unknown;
  readonly input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly cache_tokens?: unknown;
  readonly cache_read_tokens?: unknown;
  readonly cache_creation_tokens?: unknown;
  readonly cache_creation_1h_tokens?: unknown;
  readonly cost_usd?: unknown;

  readonly workflow_id?: unknown;
  readonly workflow_name?: unknown;
  readonly status?: unknown;
  readonly total_steps?: unknown;
  readonly failed_steps?: unknown;
  readonly step_index?: unknown;
  readonly step_type?: unknown;
  readonly on_failure_recovered?: unknown;
  readonly validation?: unknown;
  readonly result?: unknown;
  readonly available?: unknown;
}

/** The outer object of a line: an envelope around `event`, or the event object itself. */
export interface WireLine extends WireFields {
  readonly id?: unknown;
  readonly correlation_id?: unknown;
  readonly event?: unknown;
  readonly metadata?: unknown;
}
