import { parseDurationSeconds } from "../event/duration.ts";
import type { Event } from "../event/event.ts";
import type { EventRecord } from "../event/record.ts";

/** The envelope of an event that was derived from state files: no id, because nobody gave it one. */
export function stateRecord(
  event: Event,
  envelope: { readonly runId: string | null; readonly timestamp: string | null; readonly durationClamped?: boolean },
): EventRecord {
  return {
    id: null,
    timestamp: envelope.timestamp,
    correlationId: null,
    runId: envelope.runId,
    origin: "state",
    event,
    durationClamped: envelope.durationClamped ?? false,
  };
}

/**
 * Durations are never negative; a clock that stepped back gives 0 and is told. One that cannot be, because one of its
 * two times is a mistake (the year 1, 1970), is unknown.
 */
export function clampDuration(
  seconds: number | null,
): { readonly durationSeconds: number | null; readonly durationClamped: boolean } {
  const durationSeconds = parseDurationSeconds(seconds);
  const durationClamped = durationSeconds !== null && durationSeconds < 0;
  return { durationSeconds: durationClamped ? 0 : durationSeconds, durationClamped };
}
