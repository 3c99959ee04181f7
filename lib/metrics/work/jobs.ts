import { textHash } from "../../event/text_hash.ts";
import type { Capture } from "../capture.ts";
import { cleanLabelValue, OTHER } from "../label_values.ts";
import { TextMap } from "../text_map.ts";
import { Chain } from "./chain.ts";
import { FoldedJobs } from "./folded_jobs.ts";
import { Job, type JobState } from "./job.ts";
import { freeJobLabel, jobLabel, type JobLabelMode } from "./job_label.ts";
import { twinIds } from "./job_twins.ts";

export interface JobsOptions {
  readonly labelMode: JobLabelMode;
  readonly labelLength: number;
  /** Jobs that have a label of their own at one time. */
  readonly maxLabels: number;
}

/** Finished jobs are remembered so that late facts about them are not counted again; the oldest go first. */
const MAX_REMEMBERED_JOBS = 10_000;
/** Forgotten ones that are kept for new ones to be made of: as many as are forgotten at a time. */
const MAX_SPARE_JOBS = 500;
const JOBS_A_STEP = 200;

/**
 * All jobs by id and session. A job id alone is not unique: Prodigy makes it from the second the job starts in.
 *
 * A job is shown, with a label of its own or folded into "other", or hidden: finished, or not told of by anything that
 * would show it, and remembered for a while. Of those that are forgotten new ones are made, as of `Runs`.
 */
export class Jobs {
  readonly folded = new FoldedJobs();
  readonly #options: JobsOptions;
  readonly #byId = new TextMap<readonly Job[]>();
  readonly #labels = new Map<string, Job>();
  /** Those with a label of their own, in the order they got it. */
  readonly #labelled = new Chain<Job>();
  /** In the order they were heard of, or hidden, in: the first are forgotten. */
  readonly #hidden = new Chain<Job>();
  readonly #spare = new Chain<Job>();

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /**
   * The job an event speaks of, made when it is new. A session or repository told later is adopted by a job that had none;
   * without either the only (else the running, else the latest) job of that id is meant.
   */
  find(jobId: string, session: string | null, repository: string | null = null): Job {
    const job = this.#known(jobId, session, repository);
    if (session !== null && job.session === null) {
      job.session = session;
      // What is shown of it names the session.
      job.announced = false;
    }
    job.repository ??= repository;
    return job;
  }

  #known(jobId: string, session: string | null, repository: string | null): Job {
    const namesakes = this.#byId.get(jobId);
    const meant = namesakes === undefined ? undefined : jobMeant(namesakes, session, repository);
    if (meant !== undefined) return meant;
    const twin = session === null ? null : this.#twin(jobId, session);
    const job = twin ?? this.#spare.takeFirst()?.begin(jobId, session) ?? new Job(jobId, session);
    this.#put(jobId, job, namesakes);
    if (twin === null) this.#addHidden(job);
    return job;
  }

  /** Whether another job can have a label of its own. */
  get hasFreeLabel(): boolean {
    return this.#labels.size < this.#options.maxLabels;
  }

  /** Gives the job a label no other shown job has, or folds it when there are too many. */
  show(job: Job): void {
    if (this.hasFreeLabel) this.#giveLabel(job);
    else {
      job.show(OTHER);
      this.folded.add(job);
    }
  }

  /** Gives a folded job a label of its own; what was counted of it stays in "other". Only while there is a free one. */
  unfold(job: Job): void {
    this.folded.remove(job);
    this.#giveLabel(job);
  }

  /** Its label is free again; the job stays known, so that nothing counts it again, without its details. */
  hide(job: Job): void {
    if (job.isFolded) this.folded.remove(job);
    else if (this.#labels.get(job.label) === job) this.#labels.delete(job.label);
    job.hide();
    this.#addHidden(job);
  }

  /** Namesakes in the order they were heard of in: that says who is meant by what names no session. */
  *all(): Generator<Job> {
    for (const chain of [this.#labelled, this.folded.running, this.folded.ended, this.#hidden]) {
      for (const job of chain) {
        const namesakes = this.#byId.get(job.jobId) ?? [job];
        if (namesakes.length === 1) yield job;
        else yield* namesakesAt(job, namesakes);
      }
    }
  }

  /** Those with a label of their own, then the folded ones. A copy, so any of them may be hidden meanwhile. */
  shown(): readonly Job[] {
    return [...this.#labelled, ...this.folded.all()];
  }

  *capture(): Capture<readonly JobState[]> {
    const states: JobState[] = [];
    for (const job of this.all()) {
      states.push(yield* job.capture());
      // Most are hidden and have little to tell; one that is shown may have tens of thousands of agents.
      if (job.shown || states.length % JOBS_A_STEP === 0) yield;
    }
    return states;
  }

  loadState(states: readonly JobState[]): void {
    for (const state of states) {
      const job = Job.fromState(state);
      this.#put(job.jobId, job, this.#byId.get(job.jobId));
      if (!job.shown) this.#addHidden(job);
      else if (job.isFolded) this.folded.add(job);
      else this.#addLabelled(job);
    }
  }

  /** @param namesakes the jobs that are found under this id already */
  #put(jobId: string, job: Job, namesakes: readonly Job[] | undefined): void {
    this.#byId.set(jobId, namesakes === undefined ? job.alone : [...namesakes, job]);
  }

  /** The session's job under its other id: a session has no two jobs within a second. It is found under both from now on. */
  #twin(jobId: string, session: string): Job | null {
    for (const id of twinIds(jobId)) {
      const twin = this.#byId.get(id)?.find((job) => job.session === session && job.otherId === null);
      if (twin === undefined) continue;
      twin.otherId = jobId;
      return twin;
    }
    return null;
  }

  #giveLabel(job: Job): void {
    const { labelMode, labelLength } = this.#options;
    // Cleaned here: two labels that only the ledger makes equal would write to one series.
    const wanted = cleanLabelValue(jobLabel(job.jobId, labelMode, labelLength));
    job.show(freeJobLabel(wanted, job.key, (label) => label === OTHER || this.#labels.has(label)));
    this.#addLabelled(job);
  }

  #addLabelled(job: Job): void {
    this.#labels.set(job.label, job);
    this.#labelled.add(job);
  }

  #addHidden(job: Job): void {
    this.#hidden.add(job);
    while (this.#hidden.size > MAX_REMEMBERED_JOBS) {
      const oldest = this.#hidden.takeFirst();
      if (oldest !== null) this.#forget(oldest);
    }
  }

  #forget(job: Job): void {
    this.#forgetId(job.jobId, job, job.jobIdHash);
    if (job.otherId !== null) this.#forgetId(job.otherId, job);
    if (this.#spare.size < MAX_SPARE_JOBS) this.#spare.add(job);
  }

  #forgetId(jobId: string, job: Job, hash = textHash(jobId)): void {
    const jobs = this.#byId.get(jobId, hash) ?? [];
    if (jobs.length <= 1) this.#byId.delete(jobId, hash);
    else this.#byId.set(jobId, jobs.filter((other) => other !== job));
  }
}

/** Of jobs with one id. @returns `undefined` when it is none of them. */
function jobMeant(namesakes: readonly Job[], session: string | null, repository: string | null): Job | undefined {
  const [only] = namesakes;
  if (only !== undefined && namesakes.length === 1) {
    const isMeant = session === null ? repository === null || only.repository === repository : only.session === session;
    if (isMeant) return only;
  }
  if (session !== null) {
    return namesakes.find((job) => job.session === session) ?? namesakes.find((job) => job.session === null);
  }
  if (repository !== null) {
    return namesakes.find((job) => job.repository === repository) ?? namesakes.find((job) => job.repository === null);
  }
  return namesakes.find((job) => job.running) ?? namesakes.at(-1);
}

/** All of one id, at the first of them. One that was met under two ids is of its first one. */
function* namesakesAt(job: Job, namesakes: readonly Job[]): Generator<Job> {
  const own = namesakes.filter(({ jobId }) => jobId === job.jobId);
  if (own[0] === job) yield* own;
}
