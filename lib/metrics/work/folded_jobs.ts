import { OTHER } from "../label_values.ts";
import { Chain } from "./chain.ts";
import type { JobFacts } from "./facts.ts";
import type { Job } from "./job.ts";

/**
 * The jobs past the budget, as one: they share the label "other", whose gauges are their sums. Kept here and not in the
 * ledger, because there every job would need a place in every gauge, for as long as it is known.
 */
export class FoldedJobs implements JobFacts {
  readonly label = OTHER;
  readonly jobId = OTHER;
  readonly sessionId = OTHER;
  /** Of the job that moved last. */
  endedNow = false;
  /** In the order they came. */
  readonly running = new Chain<Job>();
  /** In the order they ended. */
  readonly ended = new Chain<Job>();
  #totalItems = 0;
  #agentsRunning = 0;
  #worktrees = 0;
  #dlqItems = 0;
  #pendingItems = 0;

  get size(): number {
    return this.running.size + this.ended.size;
  }
  get runningCount(): number {
    return this.running.size;
  }
  get totalItems(): number {
    return this.#totalItems;
  }
  get agentsRunning(): number {
    return this.#agentsRunning;
  }
  get worktrees(): number {
    return this.#worktrees;
  }
  get dlqItems(): number {
    return this.#dlqItems;
  }
  get pendingItems(): number {
    return this.#pendingItems;
  }

  *all(): Generator<Job> {
    yield* this.running;
    yield* this.ended;
  }

  add(job: Job): void {
    this.#place(job);
    this.#count(job, 1);
  }

  remove(job: Job): void {
    if (this.running.remove(job) || this.ended.remove(job)) this.#count(job, -1);
  }

  /** To be called before a job that is among them changes, and `changed` after it. */
  changing(job: Job): void {
    this.#count(job, -1);
  }

  changed(job: Job): void {
    this.#place(job);
    this.#count(job, 1);
    this.endedNow = job.endedNow;
  }

  #place(job: Job): void {
    (job.running ? this.running : this.ended).add(job);
  }

  #count(job: Job, times: 1 | -1): void {
    this.#totalItems += times * (job.totalItems ?? 0);
    this.#agentsRunning += times * job.agentsRunning;
    this.#worktrees += times * job.worktrees;
    this.#dlqItems += times * job.dlqItems;
    this.#pendingItems += times * (job.pendingItems ?? 0);
  }
}
