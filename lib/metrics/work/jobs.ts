import { Job, type JobState } from "./job.ts";
import { freeJobLabel, jobLabel, type JobLabelMode } from "./job_label.ts";

export interface JobsOptions {
  readonly labelMode: JobLabelMode;
  readonly labelLength: number;
}

/** Finished jobs are remembered so that late facts about them are not counted again; the oldest go first. */
const MAX_REMEMBERED_JOBS = 10_000;

/** All jobs by id and session. A job id alone is not unique: Prodigy makes it from the second the job starts in. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #byId = new Map<string, Job[]>();
  readonly #labels = new Map<string, Job>();

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /**
   * The job an event speaks of, made when it is new. Without a session the only (else the running, else the latest)
   * job of that id is meant; a session told later is adopted by a job that had none.
   */
  find(jobId: string, session: string | null): Job {
    const jobs = this.#byId.get(jobId);
    if (jobs !== undefined) {
      const only = jobs[0];
      if (only !== undefined && jobs.length === 1 && (session === null || only.session === session)) return only;
      const match = session === null
        ? jobs.find((job) => job.running) ?? jobs.at(-1)
        : jobs.find((job) => job.session === session) ?? jobs.find((job) => job.session === null);
      if (match !== undefined) {
        if (session !== null && match.session === null) {
          match.session = session;
          // What is shown of it names the session.
          match.announced = false;
        }
        return match;
      }
    }
    const job = new Job(jobId, session);
    if (jobs === undefined) this.#byId.set(jobId, [job]);
    else jobs.push(job);
    return job;
  }

  /** Gives the job a label no other shown job has. */
  show(job: Job): void {
    const wanted = jobLabel(job.jobId, this.#options.labelMode, this.#options.labelLength);
    job.label = freeJobLabel(wanted, job.key, (label) => this.#labels.has(label));
    job.shown = true;
    this.#labels.set(job.label, job);
  }

  /** Its label is free again; the job stays known. */
  hide(job: Job): void {
    this.#labels.delete(job.label);
    job.shown = false;
  }

  *all(): Generator<Job> {
    for (const jobs of this.#byId.values()) yield* jobs;
  }

  /** Forgets the hidden jobs that moved longest ago beyond what is remembered. */
  prune(): void {
    const hidden = [...this.all()].filter((job) => !job.shown);
    if (hidden.length <= MAX_REMEMBERED_JOBS) return;
    hidden.sort((a, b) => a.movedAtSeconds - b.movedAtSeconds);
    for (const job of hidden.slice(0, hidden.length - MAX_REMEMBERED_JOBS)) {
      const others = this.#byId.get(job.jobId)?.filter((other) => other !== job) ?? [];
      if (others.length === 0) this.#byId.delete(job.jobId);
      else this.#byId.set(job.jobId, others);
    }
  }

  saveState(): readonly JobState[] {
    return Array.from(this.all(), (job) => job.saveState());
  }

  loadState(states: readonly JobState[]): void {
    for (const state of states) {
      const job = Job.fromState(state);
      const jobs = this.#byId.get(job.jobId);
      if (jobs === undefined) this.#byId.set(job.jobId, [job]);
      else jobs.push(job);
      if (job.shown) this.#labels.set(job.label, job);
    }
  }
}
