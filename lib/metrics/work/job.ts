import type { EventOf } from "../../event/event.ts";
import { textHash } from "../../event/text_hash.ts";
import { type Capture, captured } from "../capture.ts";
import { OTHER, UNKNOWN } from "../label_values.ts";
import type { Chain, Link } from "./chain.ts";
import { JobDetails, type JobDetailsState } from "./job_details.ts";
import { Sightings, type SightingsState } from "./precedence.ts";
import type { JobFacts } from "./facts.ts";

export interface JobState extends JobDetailsState {
  readonly jobId: string;
  readonly sessionId: string | null;
  readonly repository?: string | null;
  readonly label: string;
  readonly shown: boolean;
  readonly running: boolean;
  readonly startedAtSeconds: number | null;
  readonly endedAtSeconds: number | null;
  readonly endHeardSeconds: number;
  readonly abandoned: boolean;
  readonly announced: boolean;
  readonly movedAtSeconds: number;
  readonly toldAtSeconds?: number;
  readonly totalItems: number | null;
  readonly sightings: SightingsState;
}

/** Of a job that is not shown: nothing changes it, as whatever happens to a job shows it first. */
const NO_DETAILS = new JobDetails();
const NO_DETAILS_STATE = captured(NO_DETAILS.capture());

/** One MapReduce job, identified by its id and, where known, the Prodigy session it runs in. */
export class Job implements JobFacts, Link<Job> {
  /** A second id it was met under, see `twinIds`; told anew after a restart. */
  otherId: string | null = null;
  /** `null` while no source told it: event lines from a socket name only the job. */
  session: string | null;
  /** Where its events lie, see `EventRecord.repository`; `null` while none of them told it. */
  repository: string | null = null;
  label = "";
  /** Whether it is shown. A finished job stays known after its series went, so that nothing counts it again. */
  shown = false;
  running = true;
  endedNow = false;
  /** When it was started or last resumed; `null` while no source told it. */
  startedAtSeconds: number | null = null;
  endedAtSeconds: number | null = null;
  /** Ended because it stopped moving, not because anything said so: any sign of life revives it. */
  abandoned = false;
  /** Whether all its series were made known; false again when they went, though the DLQ's may have stayed. */
  announced = false;
  /** Whether a series of its own may tell which job its label means: what that says is then to be replaced. */
  hasInfo = false;
  /** Number of the last scrape before the end; decides when its series may go. 0 after a restart: wait anew. */
  endedSequence = 0;
  /** When its end was heard of here, Unix seconds. */
  endHeardSeconds = 0;
  /** When it last moved, Unix seconds; 0 when nothing told. */
  movedAtSeconds = 0;
  /** The latest time its events told, Unix seconds; 0 when none did. Of what is read late, long before it "moved". */
  toldAtSeconds = 0;
  totalItems: number | null = null;
  readonly sightings = new Sightings();
  /** Of those with a label of their own, the folded or the hidden ones. */
  chain: Chain<Job> | null = null;
  previous: Job | null = null;
  next: Job | null = null;
  /** The list of jobs of its id, as long as it is the only one: nearly always. */
  readonly alone: readonly Job[] = [this];
  /** Of its id, which nobody asked about for long when the job is forgotten. */
  jobIdHash: number;

  #jobId: string;
  #details = NO_DETAILS;

  constructor(jobId: string, session: string | null) {
    this.#jobId = jobId;
    this.jobIdHash = textHash(jobId);
    this.session = session;
  }

  /** Makes it another job that nothing is known of yet: see `Jobs`. It must be in no chain. */
  begin(jobId: string, session: string | null): this {
    this.#jobId = jobId;
    this.jobIdHash = textHash(jobId);
    this.session = session;
    this.#load(NEW_JOB);
    return this;
  }

  get jobId(): string {
    return this.#jobId;
  }

  get key(): string {
    return `${this.session ?? this.repository ?? ""}/${this.jobId}`;
  }
  get sessionId(): string {
    return this.session ?? UNKNOWN;
  }
  /** Shown as one of many, under the label "other". */
  get isFolded(): boolean {
    return this.shown && this.label === OTHER;
  }
  get runningCount(): number {
    return this.running ? 1 : 0;
  }
  get agentsRunning(): number {
    return this.#details.agentsRunning;
  }
  /** Agents whose last run succeeded. */
  get agentsSucceeded(): number {
    return this.#details.agentsFinished - this.#details.agentsFailed;
  }
  /** Agents whose last run failed. */
  get agentsFailed(): number {
    return this.#details.agentsFailed;
  }
  get worktrees(): number {
    return this.#details.worktrees;
  }
  get dlqItems(): number {
    return this.#details.dlqItems;
  }
  get pendingItems(): number | null {
    if (!this.running) return 0;
    const { queuePending, agentsFinished, agentsRunning } = this.#details;
    if (queuePending !== null) return queuePending;
    return this.totalItems === null ? null : Math.max(0, this.totalItems - agentsFinished - agentsRunning);
  }

  /**
   * Starts or resumes; ignored when it is older news than the end already seen, as when several files of one job are
   * read in another order than they were written.
   */
  start(atSeconds: number | null, totalItems: number | null, nowSeconds: number): void {
    this.totalItems = totalItems ?? this.totalItems;
    if (this.running) {
      this.startedAtSeconds ??= atSeconds ?? nowSeconds;
      return;
    }
    if (atSeconds !== null && this.endedAtSeconds !== null && atSeconds <= this.endedAtSeconds) return;
    this.startedAtSeconds = atSeconds ?? nowSeconds;
    this.revive();
  }

  revive(): void {
    this.running = true;
    this.abandoned = false;
    this.endedAtSeconds = null;
    this.#details.queuePending = null;
  }

  /** Whatever still runs is over: an agent cannot outlive its job. */
  end(atSeconds: number | null, sequence: number, nowSeconds: number): void {
    // One that was given up did not end then, but does now.
    this.endedNow = this.running || this.abandoned;
    this.abandoned = false;
    if (atSeconds !== null && atSeconds > (this.endedAtSeconds ?? -Infinity)) this.endedAtSeconds = atSeconds;
    if (!this.running) return;
    this.running = false;
    this.endedSequence = sequence;
    this.endHeardSeconds = nowSeconds;
    this.#details.endAll();
  }

  agentStarted(agentId: string): void {
    // Late news of a job that has ended: the agent is over, whatever its own last line said.
    if (this.running) this.#details.agentStarted(agentId);
  }

  agentEnded(agentId: string, succeeded: boolean): void {
    this.#details.agentEnded(agentId, succeeded);
  }

  worktreeCreated(name: string): void {
    if (this.running) this.#details.worktreeCreated(name);
  }

  worktreeCleaned(name: string): void {
    this.#details.worktreeCleaned(name);
  }

  queueDepth(event: EventOf<"queue_depth_changed">): void {
    this.#details.queuePending = event.pending;
  }

  dlq(itemId: string, present: boolean, atSeconds: number): void {
    this.#details.dlq(itemId, present, atSeconds);
  }

  show(label: string): void {
    if (!this.shown) this.#details = new JobDetails();
    this.shown = true;
    this.label = label;
  }

  /** When it comes back it starts anew. */
  hide(): void {
    this.shown = false;
    this.announced = false;
    this.hasInfo = false;
    this.totalItems = null;
    this.#details = NO_DETAILS;
  }

  *capture(): Capture<JobState> {
    const details = this.shown ? yield* this.#details.capture() : NO_DETAILS_STATE;
    return {
      jobId: this.jobId,
      sessionId: this.session,
      repository: this.repository,
      label: this.label,
      shown: this.shown,
      running: this.running,
      startedAtSeconds: this.startedAtSeconds,
      endedAtSeconds: this.endedAtSeconds,
      endHeardSeconds: this.endHeardSeconds,
      abandoned: this.abandoned,
      announced: this.announced,
      movedAtSeconds: this.movedAtSeconds,
      toldAtSeconds: this.toldAtSeconds,
      totalItems: this.totalItems,
      ...details,
      sightings: this.sightings.saveState(),
    };
  }

  static fromState(state: JobState): Job {
    const job = new Job(state.jobId, state.sessionId);
    job.#load(state);
    return job;
  }

  #load(state: JobState): void {
    this.otherId = null;
    this.repository = state.repository ?? null;
    this.label = state.label;
    this.shown = state.shown;
    this.running = state.running;
    this.endedNow = false;
    this.startedAtSeconds = state.startedAtSeconds;
    this.endedAtSeconds = state.endedAtSeconds;
    this.abandoned = state.abandoned;
    this.announced = state.announced;
    this.hasInfo = state.shown;
    this.endedSequence = 0;
    this.endHeardSeconds = state.endHeardSeconds;
    this.movedAtSeconds = state.movedAtSeconds;
    this.toldAtSeconds = state.toldAtSeconds ?? 0;
    this.totalItems = state.totalItems;
    this.sightings.loadState(state.sightings);
    this.#details = NO_DETAILS;
    if (!state.shown) return;
    this.#details = new JobDetails();
    this.#details.loadState(state);
  }
}

const NEW_JOB = captured(new Job("", null).capture());
