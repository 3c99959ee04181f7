import { decodeLine } from "../../../lib/event/decode.ts";
import type { Event } from "../../../lib/event/event.ts";
import type { EventRecord } from "../../../lib/event/record.ts";
import { type PackedEvents, packEvents } from "../../../lib/store/packed_events.ts";
import { type StoredEvent, storeEvent, type UsageMeaning } from "../../../lib/store/stored_event.ts";
import { record } from "../../support/event_records.ts";

/** When events without a time are received, in milliseconds. */
export const RECEIVED_MS = Date.UTC(2026, 10, 24, 12);

/** A time of day on 24 November 2026, as events carry it. */
export function at(time: string): string {
  return `2026-11-24T${time}Z`;
}

/** As the database counts time. */
export function micros(time: string): number {
  return Date.parse(at(time)) * 1000;
}

let ids = 0;

/** An event from a state reader or a line without text, each with an id of its own. */
export function stored(
  event: Event,
  envelope: Partial<EventRecord> = {},
  usage: UsageMeaning | null = null,
): StoredEvent {
  const id = `event-${++ids}`;
  return storeEvent(
    { record: record(event, { id, ...envelope }), json: null, madeId: null, receivedAtMs: RECEIVED_MS, usage },
    false,
  );
}

/** An event from the text of its line. */
export function storedLine(line: object, runId: string | null = null, keepPayload = false): StoredEvent {
  const text = JSON.stringify(line);
  const decoded = decodeLine(text, runId);
  if ("rejected" in decoded) throw new TypeError(`Rejected: ${decoded.rejected} ${decoded.detail}`);
  return storeEvent({ record: decoded, json: line, madeId: null, receivedAtMs: RECEIVED_MS, usage: null }, keepPayload);
}

/** Events that have no lines, as a writer gets them. */
export function packed(...records: readonly EventRecord[]): PackedEvents {
  const notes = { runId: null, repository: null, madeId: null, receivedAtMs: RECEIVED_MS, usage: null };
  return packEvents(records.map((one) => ({ ...notes, record: one })), records.map(() => new Uint8Array()));
}
