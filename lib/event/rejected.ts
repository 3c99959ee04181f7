/** Why a line was not counted as an event. A closed set: it is a label. */
export const REJECT_REASONS = [
  /** Not JSON. */
  "bad_json",
  /** JSON, but not an object, or an object without an event. */
  "not_an_event",
  /** An event type this version does not know; producers grow, so this is no error. */
  "unknown_event_type",
  /** A required field is absent or null. */
  "missing_field",
  /** A field has another type or an impossible value. */
  "wrong_field_type",
  /** Longer than `line_max_bytes`; skipped to the next newline. */
  "line_too_long",
  /** The file ended for good (rotated away, deleted) inside a line. */
  "unterminated_line",
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** A line that was not counted. `detail` names a field or type, never a value from the line. */
export interface Rejected {
  readonly rejected: RejectReason;
  readonly detail: string;
}
