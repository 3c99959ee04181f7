import type { EventRecord } from "../../event/record.ts";
import type { Fold } from "../fold.ts";
import type { Ledger } from "../ledger.ts";
import type { Scrapers } from "../scrapers.ts";
import type { Job } from "./job.ts";
import { movedAtSeconds } from "./moved_at.ts";
import type { OpenWork } from "./open_work.ts";
import type { Run } from "./runs.ts";

export interface UpkeepOptions {
  /** Runs and jobs that did not move for so long are dead: nothing will ever end them. */
  readonly idleLimitSeconds: number;
  /**
   * A finished job's series are shown to Prometheus for at least so long: `increase()` extrapolates by half a scrape
   * interval where a series ends, which is little only against many samples.
   */
  readonly finishedHoldSeconds: number;
  /** A finished job's series go after this even when nobody scrapes. */
  readonly unscrapedLimitSeconds: number;
  /** A finished job's dead letter queue is shown for so long after it last moved, while it holds items. */
  readonly dlqLimitSeconds: number;
}

export interface UpkeepDeps {
  readonly work: OpenWork;
  readonly fold: Fold;
  readonly ledger: Ledger;
  readonly scrapers: Scrapers;
  readonly onReaped: (kind: "run" | "job", count: number) => void;
}

const DLQ_METRICS = ["prodigy_mapreduce_dlq_items", "prodigy_mapreduce_job_info"];

/** What time does to open work: dead work is given up, and a finished job's series go once they were seen. */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #options: UpkeepOptions;

  constructor(deps: UpkeepDeps, options: UpkeepOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** To be called every second or so. */
  tick(nowMs: number): void {
    this.#reap(nowMs / 1000);
    this.#expire(nowMs);
    this.#deps.work.jobs.prune();
    this.#deps.work.runs.prune();
  }

  #reap(nowSeconds: number): void {
    const { work, fold, onReaped } = this.#deps;
    const isDead = (one: Job | Run): boolean => nowSeconds - movedAtSeconds(one) > this.#options.idleLimitSeconds;
    const jobs = [...work.jobs.all()].filter((job) => job.running && job.shown && isDead(job));
    const runs = [...work.runs.all()].filter((run) => run.active && isDead(run));
    for (const job of jobs) fold.fold(abandoned(job.session, job.jobId));
    for (const run of runs) fold.fold(abandoned(run.id, null));
    if (jobs.length > 0) onReaped("job", jobs.length);
    if (runs.length > 0) onReaped("run", runs.length);
  }

  #expire(nowMs: number): void {
    const { work, ledger } = this.#deps;
    for (const job of work.jobs.all()) {
      if (!job.shown || job.running || !this.#wasSeen(job, nowMs)) continue;
      const idleSeconds = nowMs / 1000 - movedAtSeconds(job);
      // How many items sit in the dead letter queue is asked long after the job has ended.
      if (job.dlqItems > 0 && idleSeconds < this.#options.dlqLimitSeconds) {
        if (job.announced) ledger.remove("job_id", job.label, DLQ_METRICS);
      } else {
        ledger.remove("job_id", job.label);
        work.jobs.hide(job);
      }
      job.announced = false;
    }
  }

  /** Whether everyone who watches has seen the end: its gauges at 0, its counters at their last value. */
  #wasSeen(job: Job, nowMs: number): boolean {
    const { scrapers, ledger } = this.#deps;
    const endedForSeconds = nowMs / 1000 - job.endHeardSeconds;
    if (endedForSeconds >= this.#options.unscrapedLimitSeconds) return true;
    if (!scrapers.hasAny(nowMs)) return job.endedSequence < scrapers.anonymousSeenTwiceSince;
    return endedForSeconds >= this.#options.finishedHoldSeconds &&
      job.endedSequence < scrapers.seenTwiceSince(nowMs) && !ledger.isFrozen("job_id", job.label);
  }
}

function abandoned(runId: string | null, jobId: string | null): EventRecord {
  return {
    id: null,
    timestamp: null,
    correlationId: null,
    runId,
    origin: "exporter",
    event: { type: "work_abandoned", jobId },
    durationClamped: false,
  };
}
