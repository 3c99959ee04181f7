import type { EventRecord } from "../event/record.ts";
import { parseTimestampSeconds } from "../event/timestamp.ts";

export interface RecordTimesOptions {
  readonly nowSeconds: number;
  /** A run that did not move for so long was given up then. */
  readonly idleLimitSeconds: number;
}

/** Runs whose last known time is kept. */
const MAX_RUNS = 20_000;
const RUN_ID = /^workflow-(\d{13})$/;
const JOB_ID = /^mapreduce-(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/;

/** Finds the time of every record, the best known one for those that were written without. */
export class RecordTimes {
  readonly #options: RecordTimesOptions;
  /** Last time known of each run or job, the least recently told first. */
  readonly #last = new Map<string, number>();
  #previous: number | null = null;

  constructor(options: RecordTimesOptions) {
    this.#options = options;
  }

  /** Unix seconds, never later than now: a clock that was ahead must not hold back what it wrote. */
  secondsOf(record: EventRecord): number {
    const { event } = record;
    const key = record.runId ?? ("jobId" in event ? event.jobId : null);
    const told = record.timestamp === null ? null : parseTimestampSeconds(record.timestamp);
    const seconds = Math.min(told ?? this.#guess(record, key), this.#options.nowSeconds);
    if (key !== null && event.type !== "work_abandoned") this.#remember(key, seconds);
    if (told !== null) this.#previous = seconds;
    return seconds;
  }

  /** When the run or job last moved, as far as told; at the earliest when it was named. */
  lastSecondsOf(key: string | null): number | null {
    return key === null ? null : this.#last.get(key) ?? secondsInId(key);
  }

  #guess({ event }: EventRecord, key: string | null): number {
    const { nowSeconds, idleLimitSeconds } = this.#options;
    switch (event.type) {
      case "work_seen":
        return event.atSeconds;
      case "work_abandoned":
        return (this.lastSecondsOf(key) ?? nowSeconds) + idleLimitSeconds;
      case "worktree_pool_changed":
        // How many worktrees there were earlier is written nowhere.
        return nowSeconds;
      default:
        return this.lastSecondsOf(key) ?? this.#previous ?? nowSeconds;
    }
  }

  #remember(key: string, seconds: number): void {
    this.#last.delete(key);
    this.#last.set(key, seconds);
    if (this.#last.size <= MAX_RUNS) return;
    for (const oldest of this.#last.keys()) {
      this.#last.delete(oldest);
      return;
    }
  }
}

/** Prodigy makes the ids of runs and jobs from the time they start. */
function secondsInId(id: string): number | null {
  const millis = RUN_ID.exec(id)?.[1];
  if (millis !== undefined) return Number(millis) / 1000;
  const [, year, month, day, hour, minute, second] = JOB_ID.exec(id) ?? [];
  return year === undefined ? null : parseTimestampSeconds(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
