import { decodeValue } from "../event/decode.ts";
import type { EventRecord } from "../event/record.ts";
import type { Offered, UsageMeaning } from "./stored_event.ts";

/** What is known of an event that waits, but for its line. */
export interface EventNotes {
  readonly runId: string | null;
  readonly repository: string | null;
  /** Of an event without a line that tells it all; else `null`. */
  readonly record: EventRecord | null;
  readonly madeId: string | null;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  readonly usage: UsageMeaning | null;
}

/**
 * Events on their way to the thread that stores them. To send a copy of each takes the thread that answers scrapes three
 * times as long, and in both threads leaves more to collect; so the lines go as their bytes, which the other thread reads
 * once more, and all else only where there is something to tell.
 */
export interface PackedEvents {
  readonly count: number;
  /** Of all lines, one after the other. */
  readonly lines: Uint8Array;
  /** Of each event's line; 0: it has none. */
  readonly sizesBytes: Uint32Array;
  /** Of each event, Unix time in milliseconds. */
  readonly receivedAtMs: Float64Array;
  readonly places: readonly Place[];
  readonly extras: readonly Extra[];
}

/** Where lines come from: all from the one before on, up to, but without, `end`. */
interface Place {
  readonly end: number;
  readonly runId: string | null;
  readonly repository: string | null;
}

/** What only some events have. */
interface Extra {
  readonly index: number;
  readonly record: EventRecord | null;
  readonly madeId: string | null;
  readonly usage: UsageMeaning | null;
}

/** @param lines of the events, empty for those that have none */
export function packEvents(events: readonly EventNotes[], lines: readonly Uint8Array[]): PackedEvents {
  const joined = new Uint8Array(lines.reduce((sum, { length }) => sum + length, 0));
  const places: (Place & { end: number })[] = [];
  const extras: Extra[] = [];
  let at = 0;
  for (const [index, { runId, repository, record, madeId, usage }] of events.entries()) {
    const line = lines[index] ?? new Uint8Array();
    joined.set(line, at);
    at += line.length;
    const last = places.at(-1);
    if (last !== undefined && last.runId === runId && last.repository === repository) last.end = index + 1;
    else places.push({ end: index + 1, runId, repository });
    if (record !== null || madeId !== null || usage !== null) extras.push({ index, record, madeId, usage });
  }
  return {
    count: events.length,
    lines: joined,
    sizesBytes: Uint32Array.from(lines, ({ length }) => length),
    receivedAtMs: Float64Array.from(events, ({ receivedAtMs }) => receivedAtMs),
    places,
    extras,
  };
}

/** What may be given to another thread instead of copied. */
export function transferablesOf({ lines, sizesBytes, receivedAtMs }: PackedEvents): Transferable[] {
  return [lines, sizesBytes, receivedAtMs].map(({ buffer }) => buffer as ArrayBuffer);
}

/** @throws {TypeError} when a line is no event: lines are packed only when they were decoded. */
export function* unpackEvents(packed: PackedEvents): Generator<Offered> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const extras = new Map(packed.extras.map((extra) => [extra.index, extra]));
  let index = 0;
  let at = 0;
  for (const { end, runId, repository } of packed.places) {
    for (; index < end; index++) {
      const sizeBytes = packed.sizesBytes[index] ?? 0;
      const json: unknown = sizeBytes === 0
        ? null
        : JSON.parse(decoder.decode(packed.lines.subarray(at, at += sizeBytes)));
      const { record = null, madeId = null, usage = null } = extras.get(index) ?? {};
      yield {
        record: record ?? recordOf(json, runId, repository),
        json,
        madeId,
        receivedAtMs: packed.receivedAtMs[index] ?? 0,
        usage,
      };
    }
  }
}

function recordOf(json: unknown, runId: string | null, repository: string | null): EventRecord {
  const decoded = decodeValue(json, runId, repository);
  if ("rejected" in decoded) throw new TypeError(`Cannot store a line as it is no event: ${decoded.rejected}`);
  return decoded;
}
