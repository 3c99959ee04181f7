import type { EventRecord } from "../event/record.ts";
import { afterAnswers, type Answered, NOBODY_ASKS } from "../runtime/event_loop.ts";
import type { Writer, WritingEvents } from "./batch_writer.ts";
import { EventQueue } from "./event_queue.ts";
import type { FaultReport } from "./fault.ts";
import { contentOf, madeEventId } from "./identity.ts";
import { Occurrences, type OccurrencesState } from "./occurrences.ts";
import type { UsageMeaning } from "./stored_event.ts";
import { Waker } from "./waker.ts";

export interface RecorderOptions {
  /** Events that make a batch full. */
  readonly batchSize: number;
  /** How long an event waits at most for a batch to fill. */
  readonly flushIntervalMs: number;
  /** Names this exporter in ids of events that have none. */
  readonly instance: string;
}

/** What happens in the recorder; all of it is to be counted, most to be logged. */
export interface RecorderEvents extends Omit<WritingEvents, "onFault"> {
  /** @param isNew unlike the fault before */
  readonly onFault: (fault: FaultReport, isNew: boolean) => void;
  readonly onRecovered: () => void;
  readonly onDropped: () => void;
  /** Once per interval while events are dropped, with how many since the last time. */
  readonly onDropWarning: (count: number) => void;
  /** An event waits without its line. */
  readonly onTextLost: () => void;
  /** The time to drain was over before these were written, or known to be. */
  readonly onLeft: (count: number) => void;
  /** Recording has ended for good. */
  readonly onDefect: (error: unknown) => void;
}

export interface RecorderDeps {
  readonly openWriter: (events: WritingEvents) => Writer;
  readonly events: RecorderEvents;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Events wait for those who ask something of the program: who takes them may take its processor, too. */
  readonly answered?: Answered;
}

export interface Recorder {
  /** Takes an event and returns at once; never throws. `line` are its bytes for now, `null` for state readers. */
  offer(record: EventRecord, line: Uint8Array | null, usage: UsageMeaning | null): void;
  /** Events that wait or are being written. */
  readonly queued: number;
  /** `null` when all is well, else one line for a person. */
  readonly problem: string | null;
  /** Number of the last event offered. */
  readonly offered: number;
  /**
   * Resolves to `true` when all events up to that number are in the database (or were given up), to `false` when that
   * takes longer. Rejects when recording ended before.
   */
  stored(sequence: number, timeoutMs: number): Promise<boolean>;
  /** Writes what waits, for at most that long, and ends. */
  drain(timeoutMs: number): Promise<void>;
  /** What must survive a restart, so that events without an id are recognised when they are read again. */
  saveState(): OccurrencesState;
  /** @throws {TypeError} when `state` is not what `saveState` gave. */
  loadState(state: unknown): void;
}

export const QUEUE_CAPACITY = 10_000;
/** Most that is written at one time when more waits than makes a batch full. */
const BATCH_MOST = 2_000;
/** Batches given to the writer at the same time: while one is written, the next is made ready. */
const LANES = 2;
const DROP_WARNING_INTERVAL_MS = 60_000;

/** Writes the events it is offered, in batches and in the background. */
export function startRecorder(options: RecorderOptions, deps: RecorderDeps): Recorder {
  return new Running(options, deps);
}

class Running implements Recorder {
  readonly #options: RecorderOptions;
  readonly #deps: RecorderDeps;
  readonly #queue = new EventQueue(QUEUE_CAPACITY);
  readonly #occurrences = new Occurrences();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #writer: Writer;
  readonly #due = new Waker();
  readonly #settled = new Waker();
  readonly #stopping = new AbortController();
  readonly #finished: Promise<void>;
  #problem: string | null = null;
  #isDraining = false;
  #hasEnded = false;
  /** Events up to this number are waited for and go out at once. */
  #hurriedTo = 0;
  #dropsUntold = 0;
  #dropsToldAtMs = -Infinity;

  constructor(options: RecorderOptions, deps: RecorderDeps) {
    this.#options = options;
    this.#deps = deps;
    const { events } = deps;
    this.#writer = deps.openWriter({
      ...events,
      onFault: (fault) => {
        // What nobody will try again is no fault that passes.
        if (this.#stopping.signal.aborted) return;
        events.onFault(fault, fault.message !== this.#problem);
        this.#problem = fault.message;
      },
    });
    this.#finished = Promise.all(Array.from({ length: LANES }, () => this.#run())).then(() => {}).catch((error) => {
      // Metrics go on without; the queue fills, and what is dropped is counted.
      this.#stopping.abort();
      this.#problem = "Recording stopped because of a defect: restart the exporter";
      events.onDefect(error);
      void this.#writer.close();
    }).finally(() => {
      this.#hasEnded = true;
      this.#settled.wake();
    });
  }

  get queued(): number {
    return this.#queue.size;
  }
  get problem(): string | null {
    return this.#problem;
  }
  get offered(): number {
    return this.#queue.offered;
  }

  offer(record: EventRecord, line: Uint8Array | null, usage: UsageMeaning | null): void {
    const madeId = record.id === null ? this.#makeId(record, line) : null;
    const receivedAtMs = this.#deps.now();
    const { isOldestDropped, isTextLost } = this.#queue.put({ record, madeId, receivedAtMs, usage }, line);
    if (isTextLost) this.#deps.events.onTextLost();
    if (isOldestDropped) this.#noteDrop(receivedAtMs);
    // The first one starts the interval, a full batch ends the wait.
    const { waiting } = this.#queue;
    if (waiting === 1 || waiting === this.#options.batchSize) this.#due.wake();
  }

  async stored(sequence: number, timeoutMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeoutMs;
    this.#hurriedTo = Math.max(this.#hurriedTo, sequence);
    this.#due.wake();
    while (this.#queue.settled < sequence) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return false;
      if (this.#hasEnded) throw new Error("Recording ended before all events were stored");
      await this.#settled.wait(leftMs);
    }
    return true;
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#isDraining = true;
    this.#due.wake();
    const timer = setTimeout(() => {
      this.#stopping.abort();
      void this.#writer.close();
    }, timeoutMs);
    await this.#finished;
    clearTimeout(timer);
    await this.#writer.close();
    this.#tellDrops(Infinity);
    if (this.#queue.size > 0) this.#deps.events.onLeft(this.#queue.size);
  }

  saveState(): OccurrencesState {
    return this.#occurrences.saveState();
  }

  loadState(state: unknown): void {
    this.#occurrences.loadState(state);
  }

  #makeId(record: EventRecord, line: Uint8Array | null): string {
    const content = contentOf(record, line === null ? null : this.#decoder.decode(line));
    return madeEventId(this.#options.instance, content, this.#occurrences.next(content));
  }

  #noteDrop(nowMs: number): void {
    this.#deps.events.onDropped();
    this.#dropsUntold++;
    this.#tellDrops(nowMs);
  }

  #tellDrops(nowMs: number): void {
    if (this.#dropsUntold === 0 || nowMs - this.#dropsToldAtMs < DROP_WARNING_INTERVAL_MS) return;
    this.#deps.events.onDropWarning(this.#dropsUntold);
    this.#dropsToldAtMs = nowMs;
    this.#dropsUntold = 0;
  }

  /** One lane. */
  async #run(): Promise<void> {
    while (await this.#isDue()) {
      await afterAnswers(this.#deps.answered ?? NOBODY_ASKS);
      const taken = this.#queue.take(BATCH_MOST);
      // The other lane was faster.
      if (taken.events.count === 0) continue;
      // What is left then stays in the queue's count.
      if (!await this.#writer.write(taken.events)) return;
      this.#queue.settle(taken);
      this.#settled.wake();
      this.#tellDrops(this.#deps.now());
      if (this.#stopping.signal.aborted) return;
      if (this.#problem !== null) this.#deps.events.onRecovered();
      this.#problem = null;
    }
  }

  /** Resolves to `true` when something is to be written, to `false` when nothing will be any more. */
  async #isDue(): Promise<boolean> {
    const { batchSize, flushIntervalMs } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const { waiting, oldestAtMs, settled } = this.#queue;
      if (waiting >= batchSize) return true;
      if (waiting > 0 && (this.#isDraining || settled < this.#hurriedTo)) return true;
      if (this.#isDraining) return false;
      const dueInMs = oldestAtMs === null ? null : oldestAtMs + flushIntervalMs - this.#deps.now();
      if (dueInMs !== null && dueInMs <= 0) return true;
      // Not longer than the interval, whatever the clock was set to.
      await this.#due.wait(dueInMs === null ? null : Math.min(dueInMs, flushIntervalMs));
    }
    return false;
  }
}
