import type { Event } from "./event.ts";
import { LineText } from "./line_text.ts";

/**
 * Where an event came from: an event line, a state reader, or the exporter itself (which only gives up dead work).
 * Event lines win over what the state readers infer for the same run, so the fold needs to know.
 */
export type Origin = "line" | "state" | "exporter";

/**
 * One event with its envelope: what the pipeline folds. Of an event line it is good only while the line is at hand;
 * whoever keeps it takes an `ownRecord`.
 */
export interface EventRecord {
  /** Unique id of the event (Prodigy: UUIDv4), or `null` when the line had none; such a line cannot be deduplicated. */
  readonly id: string | null;
  /** RFC 3339 as written (0 to 9 fraction digits), parsed only where a time is needed. */
  readonly timestamp: string | null;
  readonly correlationId: string | null;
  /**
   * The Prodigy session (`workflow-<millis>`, `session-<uuid>`) the event belongs to, when the file's path or the
   * state reader tells. A job id alone is not unique in Prodigy; session and job id together are.
   */
  readonly runId: string | null;
  /**
   * Where no session is told: the repository whose directory the event's file lies in. Two of them may have jobs of the
   * same id, which Prodigy makes from the second a job starts in.
   */
  readonly repository?: string | null;
  /** Names the fact where several files tell it, each in its own words; else it is named by what the record says. */
  readonly factId?: string | null;
  readonly origin: Origin;
  readonly event: Event;
  /** A negative duration was read as 0 (clocks step back); the pipeline counts these. */
  readonly durationClamped: boolean;
}

/** A copy that lasts. */
export function ownRecord(
  { id, timestamp, correlationId, runId, repository = null, origin, event, durationClamped }: EventRecord,
): EventRecord {
  return { id, timestamp, correlationId, runId, repository, origin, event: ownEvent(event), durationClamped };
}

function ownEvent(event: Event): Event {
  return event.type === "claude_tool_invoked" && event.toolId instanceof LineText
    ? { ...event, toolId: event.toolId.toString() }
    : event;
}
