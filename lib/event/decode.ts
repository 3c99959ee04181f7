import { CLAUDE_DECODERS } from "./decode_claude.ts";
import { MAPREDUCE_DECODERS } from "./decode_mapreduce.ts";
import { WORKFLOW_DECODERS } from "./decode_workflow.ts";
import type { WireEvent, WireEventType } from "./event.ts";
import type { EventDecoder } from "./event_decoder.ts";
import { FieldReader } from "./fields.ts";
import { NameTable } from "./name_table.ts";
import type { EventRecord } from "./record.ts";
import type { Rejected } from "./rejected.ts";
import { type ScannedLine, ScannedRecord } from "./scanned_record.ts";
import { completeTagged, parseTagged, tagOf } from "./tagged.ts";
import { looksLikeTimestamp } from "./timestamp.ts";
import type { WireFields, WireLine } from "./wire.ts";

/** How each event type is read; a type without a decoder does not compile. */
export const EVENT_DECODERS = {
  ...MAPREDUCE_DECODERS,
  ...CLAUDE_DECODERS,
  ...WORKFLOW_DECODERS,
} satisfies { readonly [T in WireEventType]: EventDecoder<T> };

type AnyDecoder = (fields: WireFields, read: FieldReader) => WireEvent;

/**
 * By `event_type`. serde turns Prodigy's `DLQItemAdded` into `d_l_q_item_added`, and that is on disk; its documents
 * say `dlq_item_added`.
 */
const DECODERS_BY_NAME = new NameTable<AnyDecoder>(
  Object.entries<AnyDecoder>(EVENT_DECODERS).flatMap(([type, decoder]) =>
    type.startsWith("dlq_") ? [[type, decoder], [type.replace("dlq_", "d_l_q_"), decoder]] : [[type, decoder]]
  ),
);
const DECODERS_BY_TAG = new NameTable<AnyDecoder>(
  Object.entries<AnyDecoder>(EVENT_DECODERS).map(([type, decoder]) => [tagOf(type), decoder]),
);

const BAD_JSON: Rejected = { rejected: "bad_json", detail: "" };
const NOT_AN_EVENT: Rejected = { rejected: "not_an_event", detail: "" };

/**
 * Decodes one line of an event file or of the socket. Never throws, whatever the line is.
 *
 * @param runId the Prodigy session the line's place tells; with `null`, an envelope may name it (`session_id`).
 * @param repository what else its place tells, see `EventRecord`
 */
export function decodeLine(
  text: string,
  runId: string | null,
  repository: string | null = null,
): EventRecord | Rejected {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // A SyntaxError. Its message quotes the line, which must not leave the program, so it is not passed on.
    return BAD_JSON;
  }
  return decodeValue(value, runId, repository);
}

/**
 * Decodes a line that is JSON already: an envelope `{"id", "timestamp", "correlation_id", "event": {…}, "metadata"}`,
 * a bare event `{"event_type": …}`, or either with the externally tagged form `{"AgentCompleted": {…}}`.
 */
export function decodeValue(
  value: unknown,
  runId: string | null,
  repository: string | null = null,
): EventRecord | Rejected {
  if (!isObject(value)) return NOT_AN_EVENT;
  const line: WireLine = value;
  const event: WireFields = isObject(line.event) ? line.event : line;
  const type = event.event_type;
  if (typeof type !== "string") return decodeUntyped(line, event, runId, repository);
  const decoder = DECODERS_BY_NAME.find(type);
  return decoder === undefined ? unknownType(type) : readRecord(decoder, line, event, runId, repository);
}

/** As `decodeValue`, of a line that was taken apart already. */
export function decodeScanned(
  line: ScannedLine,
  runId: string | null,
  repository: string | null,
): EventRecord | Rejected {
  const decoder = DECODERS_BY_NAME.find(line.eventType);
  if (decoder === undefined) return unknownType(line.eventType);
  const read = new FieldReader();
  const event = decoder(line.fields, read);
  return read.failure ?? new ScannedRecord(line, runId, repository, event, read.clamped);
}

/** The externally tagged form, or no event at all. */
function decodeUntyped(
  line: WireLine,
  event: WireFields,
  runId: string | null,
  repository: string | null,
): EventRecord | Rejected {
  if (event.event_type !== undefined && event.event_type !== null) {
    return { rejected: "wrong_field_type", detail: "event_type" };
  }
  const tagged = parseTagged(event);
  if (tagged === null) return event === line ? NOT_AN_EVENT : { rejected: "missing_field", detail: "event_type" };
  const decoder = DECODERS_BY_TAG.find(tagged.tag);
  if (decoder === undefined) return unknownType(tagged.tag);
  return readRecord(decoder, line, completeTagged(tagged.body, line), runId, repository);
}

function readRecord(
  decoder: AnyDecoder,
  line: WireLine,
  fields: WireFields,
  runId: string | null,
  repository: string | null,
): EventRecord | Rejected {
  const read = new FieldReader();
  const event = decoder(fields, read);
  const record: EventRecord = {
    // An empty id would make all such events duplicates of one another.
    id: read.optionalText(line.id, "id") || null,
    timestamp: read.optionalTimestamp(line.timestamp, "timestamp") ?? innerTimestamp(fields.timestamp),
    correlationId: read.optionalText(line.correlation_id, "correlation_id"),
    runId: runId ?? sessionOf(line),
    repository,
    origin: "line",
    event,
    durationClamped: read.clamped,
  };
  return read.failure ?? record;
}

/** The name of an unknown type, fit for a log; a line may hold anything there. */
function unknownType(name: string): Rejected {
  return { rejected: "unknown_event_type", detail: /^[\w.:-]{1,64}$/.test(name) ? name : "unprintable" };
}

/** Some events have a time of their own. It stands in for the envelope's, so nothing is lost when it is no time. */
function innerTimestamp(value: unknown): string | null {
  return typeof value === "string" && looksLikeTimestamp(value) ? value : null;
}

/** Of an envelope only: in a bare Claude event `session_id` is Claude's session. */
function sessionOf(line: WireLine): string | null {
  if (!isObject(line.event)) return null;
  if (typeof line.session_id === "string" && line.session_id !== "") return line.session_id;
  const metadata: WireFields = isObject(line.metadata) ? line.metadata : {};
  return typeof metadata.session_id === "string" && metadata.session_id !== "" ? metadata.session_id : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
