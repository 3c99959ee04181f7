import type { Journal } from "./journal.ts";
import { type JournalPosition, parseJournalPosition } from "./journal_position.ts";
import { LineQueue } from "./line_queue.ts";
import type { Frame } from "./socket_framing.ts";
import type { Batch, LineBatch, RejectedBatch } from "./source.ts";

/** Frames are put together up to this size: a hundred clients with a line each make one batch. */
const BATCH_BYTES = 128 * 1024;

/**
 * Between the connections and the fold: lines are journaled and queued as they arrive, and given out in that order,
 * after what the journal kept of an earlier process.
 *
 * The queue is bounded by asking, not by dropping: a connection waits for `room` before it hands anything over.
 */
export class SocketInbox {
  readonly #journal: Journal | null;
  readonly #maxBytes: number;
  readonly #onData: () => void;
  readonly #lines: LineQueue<JournalPosition | null>;
  readonly #rejected = new Map<RejectedBatch["reason"], number>();
  #waiting: PromiseWithResolvers<void>[] = [];
  #folded: JournalPosition | null;

  constructor(
    { journal, maxBytes, onData, batchBytes = BATCH_BYTES }: {
      readonly journal: Journal | null;
      readonly maxBytes: number;
      readonly onData: () => void;
      readonly batchBytes?: number;
    },
  ) {
    this.#lines = new LineQueue(batchBytes);
    this.#journal = journal;
    this.#maxBytes = maxBytes;
    this.#onData = onData;
    this.#folded = journal?.replayPosition ?? null;
  }

  get isFull(): boolean {
    return this.#lines.sizeBytes >= this.#maxBytes || (this.#journal?.isFull ?? false);
  }

  /** Bytes that are here and not folded. */
  get behindBytes(): number {
    return this.#lines.sizeBytes + (this.#journal?.replayBytes ?? 0);
  }

  /** Settles when there may be room; ask `isFull` again, because whoever comes first may have filled it. */
  room(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  /** Lets everyone who waits for room go on; also those for whom there is none, when the source is being closed. */
  wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }

  /** Journals and queues what a connection received. Returns whether its lines are on disk. */
  put({ lines, sizeBytes, tooLong, unterminated }: Frame): boolean {
    const wasEmpty = this.#isEmpty;
    let durable = true;
    if (sizeBytes > 0) {
      const appended = this.#journal?.append(lines) ?? { durable: false, end: null };
      durable = appended.durable;
      this.#lines.put(lines, sizeBytes, appended.end);
    }
    this.#reject("line_too_long", tooLong);
    this.#reject("unterminated_line", unterminated);
    // The consumer takes all there is, so it needs waking for the first thing only.
    if (wasEmpty && !this.#isEmpty) this.#onData();
    return durable;
  }

  /** Gives out what was kept and what has arrived. A batch counts as folded when it is yielded, and is valid until the next. */
  *take(): Iterable<Batch> {
    for (const { lines, end } of this.#journal?.replay() ?? []) {
      this.#folded = end;
      yield lineBatch(lines);
    }
    for (const [reason, count] of this.#rejected) {
      this.#rejected.delete(reason);
      yield { kind: "rejected", source: "socket", reason, count };
    }
    for (let taken = this.#lines.take(); taken !== null; taken = this.#lines.take()) {
      this.#folded = taken.position;
      if (!this.isFull) this.wakeWaiting();
      try {
        yield lineBatch(taken.bytes);
      } finally {
        this.#lines.reuse(taken.bytes);
      }
    }
  }

  /** The position up to which lines are folded; later lines go to a segment of their own. `null` without a journal. */
  capture(): JournalPosition | null {
    this.#journal?.rotate();
    // With nothing left to fold the position is the end, so that a snapshot drops everything.
    return this.behindBytes === 0 ? this.#journal?.end ?? null : this.#folded;
  }

  /** @throws {TypeError} when `state` is not what `capture` gave. */
  restore(state: unknown): void {
    if (state === null) return;
    const position = parseJournalPosition(state);
    this.#journal?.resumeAt(position);
    this.#folded = this.#journal === null ? null : position;
  }

  /** Drops what a snapshot on disk holds, given what `capture` gave for it. */
  forget(state: unknown): void {
    if (state !== null) this.#journal?.drop(parseJournalPosition(state));
    this.wakeWaiting();
  }

  get #isEmpty(): boolean {
    return this.#lines.sizeBytes === 0 && this.#rejected.size === 0;
  }

  #reject(reason: RejectedBatch["reason"], count: number): void {
    if (count > 0) this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
  }
}

/** @param lines each ended by a newline. */
function lineBatch(lines: Uint8Array): LineBatch {
  return {
    kind: "lines",
    source: "socket",
    runId: null,
    lines: lines.subarray(0, -1),
    sizeBytes: lines.length,
  };
}
