import { type EventRecord, ownRecord } from "../event/record.ts";
import { ByteRing, type Slot } from "./byte_ring.ts";
import { type EventNotes, type PackedEvents, packEvents } from "./packed_events.ts";
import type { UsageMeaning } from "./stored_event.ts";

/** An event to be stored; the record is that of the line at hand. */
export interface NewEvent {
  readonly record: EventRecord;
  readonly madeId: string | null;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  readonly usage: UsageMeaning | null;
}

/** An event as it waits: its line lies in the ring. */
interface Waiting extends EventNotes {
  readonly sequence: number;
  readonly line: Slot | null;
}

export interface PutResult {
  readonly isOldestDropped: boolean;
  /** There was no room for the line. */
  readonly isTextLost: boolean;
}

/** Events that were taken out together. */
export interface TakenBatch {
  readonly events: PackedEvents;
  /** Number of the first. */
  readonly firstSequence: number;
}

/** Of all lines that wait. */
const LINES_BYTES = 12 * 2 ** 20;
/** A longer line does not wait: its event is stored, what only the line tells is not. */
const LINE_MAX = 256 * 1024;
/** Of lines taken out at one time. */
const BATCH_BYTES = 2 ** 20;
const NO_LINE = new Uint8Array();

/**
 * Events on their way to the database, at most `capacity` of them: past that the oldest is dropped. Batches
 * that were taken out still count until they are settled, and are never dropped, as they may have been written already.
 */
export class EventQueue {
  readonly #capacity: number;
  readonly #slots: (Waiting | undefined)[];
  readonly #lines = new ByteRing(LINES_BYTES);
  #first = 0;
  #waiting = 0;
  #offered = 0;
  /** Batches taken out and not settled, the oldest first. */
  readonly #taken: TakenBatch[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#slots = new Array<Waiting | undefined>(capacity);
  }

  /** Events that wait, without those taken out. */
  get waiting(): number {
    return this.#waiting;
  }
  get size(): number {
    return this.#taken.reduce((sum, { events }) => sum + events.count, this.#waiting);
  }
  /** Number of the last event put in; the first is 1. */
  get offered(): number {
    return this.#offered;
  }
  /** All events up to this number are settled or were dropped. */
  get settled(): number {
    const oldest = this.#taken[0]?.firstSequence ?? this.#slots[this.#first]?.sequence ?? this.#offered + 1;
    return oldest - 1;
  }
  /** When the oldest waiting event came, Unix time in milliseconds; `null` when none waits. */
  get oldestAtMs(): number | null {
    return this.#slots[this.#first]?.receivedAtMs ?? null;
  }

  /**
   * @param line of the record, `null` when it comes from no line
   * @returns what it cost
   */
  put({ record, madeId, receivedAtMs, usage }: NewEvent, line: Uint8Array | null): PutResult {
    const isOldestDropped = this.size >= this.#capacity;
    if (isOldestDropped) this.#shift();
    const slot = line === null || line.length > LINE_MAX ? null : this.#lines.write(line);
    this.#slots[(this.#first + this.#waiting) % this.#capacity] = {
      sequence: ++this.#offered,
      runId: record.runId,
      repository: record.repository ?? null,
      // With its line it is read anew.
      record: slot !== null ? null : line === null ? record : ownRecord(record),
      madeId,
      receivedAtMs,
      usage,
      line: slot,
    };
    this.#waiting++;
    return { isOldestDropped, isTextLost: line !== null && slot === null };
  }

  /** Takes out the oldest events, up to `most`. */
  take(most: number): TakenBatch {
    const events: Waiting[] = [];
    const lines: Uint8Array[] = [];
    const firstSequence = this.#slots[this.#first]?.sequence ?? this.#offered + 1;
    let bytes = 0;
    while (events.length < most && this.#waiting > 0 && bytes < BATCH_BYTES) {
      const event = this.#slots[this.#first] as Waiting; // as #waiting > 0
      events.push(event);
      lines.push(event.line === null ? NO_LINE : this.#lines.read(event.line));
      bytes += event.line?.sizeBytes ?? 0;
      this.#shift();
    }
    // What was freed is written over only after this.
    const taken = { firstSequence, events: packEvents(events, lines) };
    if (events.length > 0) this.#taken.push(taken);
    return taken;
  }

  /** The batch is written, or given up. */
  settle(batch: TakenBatch): void {
    const index = this.#taken.indexOf(batch);
    if (index !== -1) this.#taken.splice(index, 1);
  }

  #shift(): void {
    const oldest = this.#slots[this.#first];
    if (oldest === undefined) return;
    if (oldest.line !== null) this.#lines.free(oldest.line);
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#capacity;
    this.#waiting--;
  }
}
