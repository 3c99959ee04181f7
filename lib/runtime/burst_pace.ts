import { afterAnswers, type Answered, giveWay, type Pace } from "./event_loop.ts";

/** Work that is not done after so long does not come in bursts: there is more of it than a gentle pace is enough for. */
const BURST_MS = 50;
/** In a burst: about two blocks of lines. */
const SHORT_SLICE_MS = 0.4;
/** The shortest that timers know; it takes up to twice as long. */
const SLEEP_MS = 1;
/** Giving way takes a tenth of it. */
const LONG_SLICE_MS = 1;

/**
 * The pace of work that comes in bursts. For as long as a burst may last it works in short slices and sleeps in between:
 * whoever asks wakes the event loop, so that is heard at once, and costs less than giving way. After that it has to catch
 * up, in longer slices and without sleep.
 */
export class BurstPace implements Pace {
  readonly #answered: Answered;
  #untilMs = -Infinity;

  constructor(answered: Answered) {
    this.#answered = answered;
  }

  /** To be called when there has been nothing to do for a while. */
  begin(): void {
    this.#untilMs = performance.now() + BURST_MS;
  }

  /** To be called when work has come that somebody waits for. */
  end(): void {
    this.#untilMs = -Infinity;
  }

  get sliceMs(): number {
    return this.#isBurst ? SHORT_SLICE_MS : LONG_SLICE_MS;
  }

  rest(): Promise<void> {
    return afterAnswers(this.#answered, this.#isBurst ? sleep : giveWay);
  }

  get #isBurst(): boolean {
    return performance.now() < this.#untilMs;
  }
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SLEEP_MS));
}
