import { setImmediate } from "node:timers/promises";

/**
 * Deno's scheduler, tokio, looks whether anything has arrived on a socket only every 61st time it has something to run
 * (`event_interval`), and until then runs what is ready. A turn of the event loop costs about a microsecond.
 */
const TURNS_UNTIL_IO = 61;
/** What has arrived takes some more to reach whoever waits for it. */
const TURNS_UNTIL_HANDLED = 20;

/** Lets everything run that is ready, or has arrived meanwhile. To be called between slices of work. */
export async function giveWay(): Promise<void> {
  for (let turn = 0; turn < TURNS_UNTIL_IO + TURNS_UNTIL_HANDLED; turn++) await setImmediate();
}

/** Settles when those who ask something of the program have their answers, or after so long; `null`: nobody asks. */
export type Answered = (timeoutMs: number) => Promise<unknown> | null;
export const NOBODY_ASKS: Answered = (): null => null;
/** Longest wait for answers between two slices: also when somebody asks all the time work goes on. */
export const ANSWER_MS = 5;

/**
 * Lets whoever asks something of the program be heard, and waits for the answer.
 * @param hear in which they are heard
 */
export async function afterAnswers(answered: Answered, hear: () => Promise<void> = giveWay): Promise<void> {
  await hear();
  await answered(ANSWER_MS);
}

/** How long work is cut into slices. */
export interface Pace {
  /** Longest slice. */
  readonly sliceMs: number;
  /** What is done after each. */
  rest(): Promise<void>;
}

/** @param answered For work that can wait. */
export function steadyPace(sliceMs: number, answered: Answered = NOBODY_ASKS): Pace {
  return { sliceMs, rest: () => afterAnswers(answered) };
}

/** Cuts long work into slices: `await slices.pause()` goes on at once until a slice is over. */
export class Slices {
  readonly #pace: Pace;
  #startMs = performance.now();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  get isOver(): boolean {
    return performance.now() - this.#startMs >= this.#pace.sliceMs;
  }

  /** Lets others run; `null` while the present slice lasts. */
  pause(): Promise<void> | null {
    return this.isOver ? this.#rest() : null;
  }

  async #rest(): Promise<void> {
    await this.#pace.rest();
    this.#startMs = performance.now();
  }
}
