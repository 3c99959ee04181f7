import { captured } from "../metrics/capture.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { Job, type JobState } from "../metrics/work/job.ts";
import { type StepGrid, WINDOW_SECONDS, windowStart } from "./grid.ts";
import { jobsShownAt, type JobVisibilityOptions } from "./job_visibility.ts";
import type { Sampler } from "./sampler.ts";
import type { TimedRecord } from "./spool.ts";

export interface ReplayOptions extends JobVisibilityOptions {
  readonly grid: StepGrid;
  /** Samples are written from then on; what happened before is counted without. */
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

/** Folds the past again, in order of time, and has samples written at every step. */
export class Replay {
  readonly #metrics: Metrics;
  readonly #sampler: Sampler;
  readonly #options: ReplayOptions;
  /** Records after the last step of the window they are in. */
  #waiting: readonly TimedRecord[] = [];

  constructor(metrics: Metrics, sampler: Sampler, options: ReplayOptions) {
    this.#metrics = metrics;
    this.#sampler = sampler;
    this.#options = options;
  }

  /** Counts records without writing samples. In order of time, like everything here. */
  skip(records: readonly TimedRecord[]): void {
    for (const timed of records) this.#fold(timed);
  }

  /** Goes through all steps of a window; windows come in order, the empty ones too. */
  window(index: number, records: readonly TimedRecord[]): void {
    const { grid, beginSeconds, endSeconds } = this.#options;
    const all = [...this.#waiting, ...records];
    const windowEnd = windowStart(index) + WINDOW_SECONDS;
    let next = 0;
    let step = Math.max(grid.atOrBefore(windowStart(index)), grid.atOrBefore(beginSeconds));
    for (; step < windowEnd && step < endSeconds; step += grid.stepSeconds) {
      if (step < windowStart(index)) continue;
      const isFirst = step <= beginSeconds;
      let timed = all[next];
      const hasNews = timed !== undefined && timed.atSeconds <= step;
      while (timed !== undefined && timed.atSeconds <= step) {
        this.#fold(timed);
        timed = all[++next];
      }
      const repeats = isFirst || grid.repeats(step);
      if (hasNews || repeats) this.#sample(step, repeats);
    }
    this.#waiting = all.slice(next);
  }

  /** Writes the last samples. */
  finish(): void {
    this.skip(this.#waiting);
    this.#sampler.finish(this.#options.endSeconds, this.#jobsShown(this.#options.endSeconds));
  }

  #sample(atSeconds: number, repeats: boolean): void {
    this.#sampler.sample(this.#metrics.ledger, atSeconds, repeats, this.#jobsShown(atSeconds));
  }

  #jobsShown(atSeconds: number): ReturnType<typeof jobsShownAt> {
    return jobsShownAt(this.#metrics.work.jobs.all(), atSeconds, this.#options);
  }

  #fold({ atSeconds, record }: TimedRecord): void {
    const { work, fold, ledger } = this.#metrics;
    work.nowSeconds = atSeconds;
    fold.fold(record);
    if (record.origin === "line") ledger.family("prodigy_storage_events_written_total").emit(1);
  }
}

/**
 * What is to be known of jobs before the past is replayed: the labels a running exporter gave them. In another order of
 * meeting them, two jobs that want the same label would have got each other's.
 */
export function labelsOnly(jobs: readonly JobState[]): readonly JobState[] {
  return jobs.filter(({ label }) => label !== "").map(({ jobId, sessionId, repository = null, label }) => ({
    ...captured(new Job(jobId, sessionId).capture()),
    repository,
    label,
    shown: true,
  }));
}
