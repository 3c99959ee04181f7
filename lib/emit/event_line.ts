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
 *
 * @param fields by name on the wire; `null` for a flag that stood alone, which only says something (`true`) where the
 * decoder wants true or false. Elsewhere its value is missing, as that of `--workflow-name $NAME` with nothing in NAME.
 */
export function buildEventLine(
  eventType: string,
  fields: ReadonlyMap<string, string | null>,
  deps: EventLineDeps,
): { readonly line: string } | { readonly problem: string } {
  if (!isWireEventType(eventType)) {
    return { problem: `Cannot emit "${eventType}" as it is no event type: use ${eventTypes().join(", ")}` };
  }
  const known = listKnownFields(eventType);
  const unknown = [...fields.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return { problem: `Cannot emit ${eventType} as it has no field ${unknown}: use ${known.map(toFlag).join(", ")}` };
  }
  const alone = new Set([...fields.keys()].filter((name) => fields.get(name) === null));
  const event: Record<string, unknown> = {
    event_type: eventType,
    id: deps.uuid(),
    timestamp: new Date(deps.nowMs()).toISOString(),
    ...Object.fromEntries([...fields].map(([name, value]) => [name, value ?? ""])),
  };
  const rejected = fitTypes(event, alone);
  if (rejected !== null && !alone.has(rejected.detail)) return { problem: describeRejected(eventType, rejected) };
  const empty = rejected?.detail ?? [...alone].find((name) => event[name] !== true);
  return empty === undefined ? { line: JSON.stringify(event) } : { problem: describeNoValue(eventType, empty) };
}

/** Changes texts to what the decoder wants instead, until it takes the event; else its last refusal. */
function fitTypes(event: Record<string, unknown>, alone: ReadonlySet<string>): Rejected | null {
  for (;;) {
    const decoded = decodeValue(event, null);
    if (!("rejected" in decoded)) return null;
    const text = event[decoded.detail];
    if (decoded.rejected !== "wrong_field_type" || typeof text !== "string") return decoded;
    const value = alone.has(decoded.detail) ? true : parseJson(text);
    // Text again could be refused again, without end.
    if (value === undefined || typeof value === "string") return decoded;
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

/** All fields that `emit` takes for this event, by their names on the wire; none for an unknown type. */
export function listKnownFields(eventType: string): readonly string[] {
  return isWireEventType(eventType) ? [...ENVELOPE_FIELDS, ...listEventFields(eventType), ...UNREAD_FIELDS] : [];
}

function isWireEventType(name: string): name is WireEventType {
  return Object.hasOwn(EVENT_DECODERS, name);
}

function describeRejected(eventType: string, { rejected, detail }: Rejected): string {
  const why = rejected === "missing_field" ? "is missing" : "has a value that it cannot have";
  return `Cannot emit ${eventType} as ${toFlag(detail)} ${why}`;
}

function describeNoValue(eventType: string, name: string): string {
  return `Cannot emit ${eventType} as ${toFlag(name)} has no value: write one after it, or leave the flag out`;
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
