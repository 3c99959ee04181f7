import type { Journal } from "./journal.ts";
import { type JournalPosition, parseJournalPosition } from "./journal_position.ts";
import { joinLines, lineBlock } from "./line_block.ts";
import type { Frame } from "./socket_framing.ts";
import type { Batch, LineBatch, RejectedBatch } from "./source.ts";

/** Blocks are joined up to this size: a hundred clients with a line each make one batch. */
const BATCH_BYTES = 256 * 1024;
/** What an entry costs beside its lines, so that a flood of tiny blocks is bounded as well. */
const ENTRY_BYTES = 256;

type Entry =
  | {
    readonly kind: "lines";
    /** Own copies, each ended by a newline. */
    readonly lines: readonly Uint8Array[];
    readonly sizeBytes: number;
    readonly end: JournalPosition | null;
  }
  | RejectedBatch;

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
  #entries: Entry[] = [];
  /** Entries before it have been given out. */
  #head = 0;
  #queuedBytes = 0;
  #waiting: PromiseWithResolvers<void>[] = [];
  #folded: JournalPosition | null;

  constructor(
    { journal, maxBytes, onData }: {
      readonly journal: Journal | null;
      readonly maxBytes: number;
      readonly onData: () => void;
    },
  ) {
    this.#journal = journal;
    this.#maxBytes = maxBytes;
    this.#onData = onData;
    this.#folded = journal?.replayPosition ?? null;
  }

  get isFull(): boolean {
    return this.#queuedBytes >= this.#maxBytes || (this.#journal?.isFull ?? false);
  }

  /** Bytes that are here and not folded. */
  get behindBytes(): number {
    return this.#queuedBytes + (this.#journal?.replayBytes ?? 0);
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
  put(frame: Frame): boolean {
    const wasEmpty = this.#entries.length === 0;
    let durable = true;
    if (frame.lineCount > 0) {
      const { sizeBytes } = frame;
      const appended = this.#journal?.append(frame.lines) ?? { durable: false, end: null };
      durable = appended.durable;
      const lines = frame.lines.map((part) => part.slice());
      this.#push({ kind: "lines", lines, sizeBytes, end: appended.end });
    }
    if (frame.tooLong > 0) this.#push(rejected("line_too_long", frame.tooLong));
    if (frame.unterminated > 0) this.#push(rejected("unterminated_line", frame.unterminated));
    // The consumer takes all there is, so it needs waking for the first entry only.
    if (wasEmpty && this.#entries.length > 0) this.#onData();
    return durable;
  }

  /** Gives out what was kept and what has arrived. A batch counts as folded when it is yielded. */
  *take(): Iterable<Batch> {
    for (const { lines, end } of this.#journal?.replay() ?? []) {
      this.#folded = end;
      yield lineBatch([lines], lines.length);
    }
    for (let entry = this.#shift(); entry !== null; entry = this.#shift()) {
      yield entry.kind === "lines" ? this.#gather(entry) : entry;
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

  #push(entry: Entry): void {
    this.#entries.push(entry);
    this.#queuedBytes += queuedBytesOf(entry);
  }

  #shift(): Entry | null {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return null;
    this.#head += 1;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    }
    this.#queuedBytes -= queuedBytesOf(entry);
    if (entry.kind === "lines") this.#folded = entry.end;
    if (!this.isFull) this.wakeWaiting();
    return entry;
  }

  #gather(first: Entry & { readonly kind: "lines" }): LineBatch {
    const lines = [...first.lines];
    let sizeBytes = first.sizeBytes;
    for (let next = this.#entries[this.#head]; next?.kind === "lines"; next = this.#entries[this.#head]) {
      if (sizeBytes + next.sizeBytes > BATCH_BYTES) break;
      this.#shift();
      lines.push(...next.lines);
      sizeBytes += next.sizeBytes;
    }
    return lineBatch(lines, sizeBytes);
  }
}

function queuedBytesOf(entry: Entry): number {
  return ENTRY_BYTES + (entry.kind === "lines" ? entry.sizeBytes : 0);
}

function lineBatch(lines: readonly Uint8Array[], sizeBytes: number): LineBatch {
  return { kind: "lines", source: "socket", runId: null, lines: lineBlock(joinLines(lines)), sizeBytes };
}

function rejected(reason: RejectedBatch["reason"], count: number): RejectedBatch {
  return { kind: "rejected", source: "socket", reason, count };
}
