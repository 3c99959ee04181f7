/** Prometheus's own block length: promtool makes one block of each file. */
export const WINDOW_SECONDS = 7200;
/**
 * A series without a change is repeated this often: Prometheus takes one silent for five minutes as gone, and a
 * `rate(…[5m])` needs two samples.
 */
const REPEAT_SECONDS = 120;

/** Number of the window a time is in; windows begin at even hours of UTC. */
export function windowOf(atSeconds: number): number {
  return Math.floor(atSeconds / WINDOW_SECONDS);
}

export function windowStart(index: number): number {
  return index * WINDOW_SECONDS;
}

/** The times samples are taken at: multiples of the step since 1970, as a scraper with that interval would. */
export interface StepGrid {
  readonly stepSeconds: number;
  /** The last step at or before a time. */
  atOrBefore(atSeconds: number): number;
  /** Whether series are written at this step though nothing changed. */
  repeats(atSeconds: number): boolean;
}

/** @param stepSeconds at most two minutes, so that every series is written often enough. */
export function createStepGrid(stepSeconds: number): StepGrid {
  const repeatEvery = Math.max(1, Math.floor(REPEAT_SECONDS / stepSeconds));
  const numberOf = (atSeconds: number): number => Math.floor(atSeconds / stepSeconds);
  return {
    stepSeconds,
    atOrBefore: (atSeconds) => numberOf(atSeconds) * stepSeconds,
    repeats: (atSeconds) => Math.round(atSeconds / stepSeconds) % repeatEvery === 0,
  };
}
