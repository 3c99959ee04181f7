import type { EventRecord } from "../event/record.ts";
import type { Offered, UsageMeaning } from "./stored_event.ts";
import { TextRing, type TextSlot } from "./text_ring.ts";

/** An event as it waits: its line lies in the text ring. */
interface Waiting {
  readonly sequence: number;
  readonly record: EventRecord;
  readonly madeId: string | null;
  readonly receivedAtMs: number;
  readonly usage: UsageMeaning | null;
  readonly text: TextSlot | null;
}

export interface PutResult {
  readonly isOldestDropped: boolean;
  /** There was no room for the line. */
  readonly isTextLost: boolean;
}

/** Events that were taken out together. */
export interface TakenBatch {
  readonly events: readonly Offered[];
  /** Number of the first. */
  readonly firstSequence: number;
}

/** Text of all lines that wait. */
const TEXT_BYTES = 12 * 2 ** 20;
/** A longer line waits without its text: its event is stored, what only the line tells is not. */
const LINE_MAX = 256 * 1024;
/** Text taken out at one time. */
const BATCH_TEXT_BYTES = 2 ** 20;

/**
 * Events on their way to the database, at most `capacity` of them: past that the oldest is dropped. Batches
 * that were taken out still count until they are settled, and are never dropped, as they may have been written already.
 */
export class EventQueue {
  readonly #capacity: number;
  readonly #slots: (Waiting | undefined)[];
  readonly #texts = new TextRing(TEXT_BYTES);
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
    return this.#taken.reduce((sum, { events }) => sum + events.length, this.#waiting);
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

  /** @returns what it cost. */
  put(event: Omit<Offered, "line">, line: string | null): PutResult {
    const isOldestDropped = this.size >= this.#capacity;
    if (isOldestDropped) this.#shift();
    const text = line === null || line.length > LINE_MAX ? null : this.#texts.write(line);
    const { record, madeId, receivedAtMs, usage } = event;
    this.#slots[(this.#first + this.#waiting) % this.#capacity] = {
      sequence: ++this.#offered,
      record,
      madeId,
      receivedAtMs,
      usage,
      text,
    };
    this.#waiting++;
    return { isOldestDropped, isTextLost: line !== null && text === null };
  }

  /** Takes out the oldest events, up to `most`. */
  take(most: number): TakenBatch {
    const events: Offered[] = [];
    const firstSequence = this.#slots[this.#first]?.sequence ?? this.#offered + 1;
    let textBytes = 0;
    while (events.length < most && this.#waiting > 0 && textBytes < BATCH_TEXT_BYTES) {
      const { record, madeId, receivedAtMs, usage, text } = this.#slots[this.#first] as Waiting; // as #waiting > 0
      events.push({ record, madeId, receivedAtMs, usage, line: text === null ? null : this.#texts.read(text) });
      textBytes += text?.sizeBytes ?? 0;
      this.#shift();
    }
    const taken = { firstSequence, events };
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
    if (oldest.text !== null) this.#texts.free(oldest.text);
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#capacity;
    this.#waiting--;
  }
}
