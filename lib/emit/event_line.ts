import { decodeValue, EVENT_DECODERS } from "../event/decode.ts";
import type { WireEventType } from "../event/event.ts";
import { FieldReader } from "../event/fields.ts";
import type { Rejected } from "../event/rejected.ts";
import type { WireFields } from "../event/wire.ts";

/** Envelope fields, which every event may have. */
const ENVELOPE_FIELDS: readonly string[] = ["id", "timestamp", "correlation_id"];
/** Fields that belong to some events and feed no metric, so no decoder reads them. */
const UNREAD_FIELDS: readonly string[] = ["command", "error_message"];

/** What an event line needs and cannot know. */
export interface EventLineDeps {
  readonly uuid: () => string;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
}

/**
 * Builds the line of one event from fields given as text, with a fresh id and the time, unless they are given.
 *
 * What a field must be is asked of the decoders: a field stays text unless its decoder refuses it as such, and is then
 * read as JSON (a number, true, false, a duration in parts). So the line is one that the exporter accepts.
 */
export function buildEventLine(
  eventType: string,
  fields: ReadonlyMap<string, string>,
  deps: EventLineDeps,
): { readonly line: string } | { readonly problem: string } {
  if (!isWireEventType(eventType)) {
    return { problem: `Cannot emit "${eventType}" as it is no event type: use ${eventTypes().join(", ")}` };
  }
  const known = [...ENVELOPE_FIELDS, ...listEventFields(eventType), ...UNREAD_FIELDS];
  const unknown = [...fields.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return { problem: `Cannot emit ${eventType} as it has no field ${unknown}: use ${known.map(toFlag).join(", ")}` };
  }
  const event: Record<string, unknown> = {
    event_type: eventType,
    id: deps.uuid(),
    timestamp: new Date(deps.nowMs()).toISOString(),
    ...Object.fromEntries(fields),
  };
  for (;;) {
    const decoded = decodeValue(event, null);
    if (!("rejected" in decoded)) return { line: JSON.stringify(event) };
    const text = event[decoded.detail];
    const value = decoded.rejected === "wrong_field_type" && typeof text === "string" ? parseJson(text) : undefined;
    // Text again could be refused again, without end.
    if (value === undefined || typeof value === "string") return { problem: describeRejected(eventType, decoded) };
    event[decoded.detail] = value;
  }
}

/** The names of the event types on the wire. */
export function eventTypes(): readonly string[] {
  return Object.keys(EVENT_DECODERS);
}

/** The fields an event of this type may have, by their names on the wire, as its decoder asks for them. */
export function listEventFields(eventType: WireEventType): readonly string[] {
  const asked = new Set<string>();
  const fields: WireFields = new Proxy({}, {
    get: (_target, name) => {
      asked.add(String(name));
    },
  });
  EVENT_DECODERS[eventType](fields, new FieldReader());
  return [...asked];
}

function isWireEventType(name: string): name is WireEventType {
  return Object.hasOwn(EVENT_DECODERS, name);
}

function describeRejected(eventType: string, { rejected, detail }: Rejected): string {
  const why = rejected === "missing_field" ? "is missing" : "has a value that it cannot have";
  return `Cannot emit ${eventType} as ${toFlag(detail)} ${why}`;
}

function toFlag(name: string): string {
  return `--${name.replaceAll("_", "-")}`;
}

/** `undefined` when the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
