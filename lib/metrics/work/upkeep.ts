import type { Fold } from "../fold.ts";
import type { Ledger } from "../ledger.ts";
import type { Scrapers } from "../scrapers.ts";
import type { Job } from "./job.ts";
import { abandoned, type OpenWork } from "./open_work.ts";
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
/** Past so many folded jobs those are given up that have ended, or moved longest ago. */
const MAX_FOLDED_JOBS = 2_000;
/** Room is made for many at a time: it is told once, and what is shown of those that are left is worked out once. */
const GIVEN_UP_AT_A_TIME = 500;

/** What time does to open work: dead work is given up, and a finished job's series go once they were seen. */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #options: UpkeepOptions;
  #isMakingRoom = false;

  constructor(deps: UpkeepDeps, options: UpkeepOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** To be called every second or so. */
  tick(nowMs: number): void {
    this.#reap(nowMs / 1000);
    this.#expire(nowMs);
    this.#unfold();
  }

  /**
   * Gives up part of the open work when there is more than anybody has, so that memory is bounded whatever comes. Never
   * a job that has series of its own. To be called after each event.
   */
  makeRoom(): void {
    const { jobs, runs } = this.#deps.work;
    if (jobs.folded.size <= MAX_FOLDED_JOBS && !runs.isCrowded) return;
    // What is given up is an event as well.
    if (this.#isMakingRoom) return;
    this.#isMakingRoom = true;
    if (runs.isCrowded) this.#giveUp([], runs.active().slice(0, GIVEN_UP_AT_A_TIME));
    else this.#dropFolded();
    this.#isMakingRoom = false;
  }

  /** Those that have ended, then those that were folded longest ago. Not by an event each: they show as one. */
  #dropFolded(): void {
    const { work, fold, onReaped } = this.#deps;
    const { ended, running } = work.jobs.folded;
    let abandoned = 0;
    for (let dropped = 0; dropped < GIVEN_UP_AT_A_TIME; dropped++) {
      const job = ended.first ?? running.first;
      if (job === null) break;
      work.jobs.hide(job);
      if (!job.running) continue;
      work.abandon(job);
      abandoned++;
    }
    if (abandoned > 0) onReaped("job", abandoned);
    fold.setJobGauges(work.jobs.folded);
  }

  #reap(nowSeconds: number): void {
    const { work } = this.#deps;
    const isDead = (one: Job | Run): boolean => nowSeconds - one.movedAtSeconds > this.#options.idleLimitSeconds;
    this.#giveUp(work.jobs.shown().filter((job) => job.running && isDead(job)), work.runs.active().filter(isDead));
  }

  #giveUp(jobs: readonly Job[], runs: readonly Run[]): void {
    const { fold, onReaped } = this.#deps;
    for (const job of jobs) fold.fold(abandoned(job.session, job.jobId, job.repository));
    for (const run of runs) fold.fold(abandoned(run.id, null));
    if (jobs.length > 0) onReaped("job", jobs.length);
    if (runs.length > 0) onReaped("run", runs.length);
  }

  #expire(nowMs: number): void {
    const { work, ledger, fold } = this.#deps;
    for (const job of work.jobs.shown()) {
      if (job.running || !this.#wasSeen(job, nowMs)) continue;
      const idleSeconds = nowMs / 1000 - job.movedAtSeconds;
      // How many items sit in the dead letter queue is asked long after the job has ended.
      if (job.dlqItems > 0 && idleSeconds < this.#options.dlqLimitSeconds) {
        if (job.isFolded) continue;
        if (job.announced) ledger.remove("job_id", job.label, DLQ_METRICS);
      } else {
        if (!job.isFolded) ledger.remove("job_id", job.label);
        work.jobs.hide(job);
      }
      job.announced = false;
    }
    if (work.jobs.folded.size > 0) fold.setJobGauges(work.jobs.folded);
  }

  /** Where jobs have gone there is room for others: from now on they count under a label of their own. */
  #unfold(): void {
    const { work, fold } = this.#deps;
    for (const job of work.jobs.folded.running) {
      if (!work.jobs.hasFreeLabel) return;
      work.jobs.unfold(job);
      fold.announceJob(job);
      fold.setJobGauges(job);
      fold.setJobGauges(work.jobs.folded);
    }
  }

  /** Whether everyone who watches has seen the end: its gauges at 0, its counters at their last value. */
  #wasSeen(job: Job, nowMs: number): boolean {
    const { scrapers, ledger } = this.#deps;
    // An end ahead of the clock, which was put back, was heard of some time ago.
    const endedForSeconds = Math.abs(nowMs / 1000 - job.endHeardSeconds);
    if (endedForSeconds >= this.#options.unscrapedLimitSeconds) return true;
    if (!scrapers.hasAny(nowMs)) return job.endedSequence < scrapers.anonymousSeenTwiceSince;
    return endedForSeconds >= this.#options.finishedHoldSeconds &&
      job.endedSequence < scrapers.seenTwiceSince(nowMs) && !ledger.isFrozen("job_id", job.label);
  }
}
