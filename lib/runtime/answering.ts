import { ANSWER_MS } from "./event_loop.ts";

/** What threads share: 1 while the one that answers requests has some to answer, else 0. */
export type AnsweringCell = Int32Array<SharedArrayBuffer>;

/** Work between two waits: also when somebody asks all the time work goes on. */
const WORK_MS = 1;

/**
 * Tells other threads that this one is answering somebody, so that work that can wait leaves it the processor: a thread
 * that is woken may otherwise take the very core the answer is made on, for a few milliseconds.
 */
export class Answering {
  readonly cell: AnsweringCell;
  readonly #waitMs: number;
  #worksUntilMs = -Infinity;

  /** @param cell of the thread that answers; without it, a new one */
  constructor(
    cell: AnsweringCell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    waitMs = ANSWER_MS,
  ) {
    this.cell = cell;
    this.#waitMs = waitMs;
  }

  begin(): void {
    Atomics.store(this.cell, 0, 1);
  }

  end(): void {
    Atomics.store(this.cell, 0, 0);
    Atomics.notify(this.cell, 0);
  }

  /** For other threads, between two pieces of their work: stops while somebody is being answered, but not for long. */
  giveWay(): void {
    if (Atomics.load(this.cell, 0) === 0 || performance.now() < this.#worksUntilMs) return;
    Atomics.wait(this.cell, 0, 1, this.#waitMs);
    this.#worksUntilMs = performance.now() + WORK_MS;
  }
}
