import type { EventOf } from "../../event/event.ts";
import { UNKNOWN } from "../label_values.ts";
import { Sightings, type SightingsState } from "./precedence.ts";
import type { JobFacts } from "./facts.ts";

export interface JobState {
  readonly jobId: string;
  readonly sessionId: string | null;
  readonly label: string;
  readonly shown: boolean;
  readonly running: boolean;
  readonly startedAtSeconds: number | null;
  readonly endedAtSeconds: number | null;
  readonly endHeardSeconds: number;
  readonly abandoned: boolean;
  readonly announced: boolean;
  readonly movedAtSeconds: number;
  readonly lastTimestamp: string | null;
  readonly totalItems: number | null;
  readonly queuePending: number | null;
  readonly agents: readonly string[];
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  readonly worktrees: readonly string[];
  readonly dlq: readonly (readonly [string, DlqEntry])[];
  readonly sightings: SightingsState;
}

interface DlqEntry {
  readonly present: boolean;
  /** When the item was last put in or taken out; orders events that arrive from several files. */
  readonly atSeconds: number;
}

/** One MapReduce job, identified by its id and, where known, the Prodigy session it runs in. */
export class Job implements JobFacts {
  readonly jobId: string;
  /** `null` while no source told it: event lines from a socket name only the job. */
  session: string | null;
  label = "";
  /** Whether its series are shown. A finished job stays known after they went, so that nothing counts it again. */
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
  /** Number of the last scrape before the end; decides when its series may go. 0 after a restart: wait anew. */
  endedSequence = 0;
  /** When its end was heard of here, Unix seconds. */
  endHeardSeconds = 0;
  /** When it last moved, Unix seconds; see also `lastTimestamp`. */
  movedAtSeconds = 0;
  /** Time of its latest event read as history, RFC 3339. */
  lastTimestamp: string | null = null;
  totalItems: number | null = null;
  readonly sightings = new Sightings();

  readonly #agents = new Set<string>();
  /** Agents that are over, and whether they succeeded: the last time, as a resumed job runs failed ones again. */
  readonly #finished = new Map<string, boolean>();
  #failedAgents = 0;
  readonly #worktrees = new Set<string>();
  readonly #dlq = new Map<string, DlqEntry>();
  #dlqItems = 0;
  #queuePending: number | null = null;

  constructor(jobId: string, session: string | null) {
    this.jobId = jobId;
    this.session = session;
  }

  get key(): string {
    return `${this.session ?? ""}/${this.jobId}`;
  }
  get sessionId(): string {
    return this.session ?? UNKNOWN;
  }
  get agentsRunning(): number {
    return this.#agents.size;
  }
  /** Agents whose last run succeeded. */
  get agentsSucceeded(): number {
    return this.#finished.size - this.#failedAgents;
  }
  /** Agents whose last run failed. */
  get agentsFailed(): number {
    return this.#failedAgents;
  }
  get worktrees(): number {
    return this.#worktrees.size;
  }
  get dlqItems(): number {
    return this.#dlqItems;
  }
  get pendingItems(): number | null {
    if (!this.running) return 0;
    if (this.#queuePending !== null) return this.#queuePending;
    return this.totalItems === null ? null : Math.max(0, this.totalItems - this.#finished.size - this.#agents.size);
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
    this.#queuePending = null;
  }

  /** Whatever still runs is over: an agent cannot outlive its job. */
  end(atSeconds: number | null, sequence: number, nowSeconds: number): void {
    this.endedNow = this.running;
    if (atSeconds !== null && atSeconds > (this.endedAtSeconds ?? -Infinity)) this.endedAtSeconds = atSeconds;
    if (!this.running) return;
    this.running = false;
    this.endedSequence = sequence;
    this.endHeardSeconds = nowSeconds;
    this.#agents.clear();
    this.#worktrees.clear();
  }

  agentStarted(agentId: string): void {
    // Late news of a job that has ended: the agent is over, whatever its own last line said.
    if (!this.running) return;
    this.#agents.add(agentId);
    if (this.#finished.get(agentId) === false) this.#failedAgents--;
    this.#finished.delete(agentId);
  }

  agentEnded(agentId: string, succeeded: boolean): void {
    this.#agents.delete(agentId);
    if (this.#finished.get(agentId) === false) this.#failedAgents--;
    if (!succeeded) this.#failedAgents++;
    this.#finished.set(agentId, succeeded);
  }

  worktreeCreated(name: string): void {
    if (this.running) this.#worktrees.add(name);
  }

  worktreeCleaned(name: string): void {
    this.#worktrees.delete(name);
  }

  queueDepth(event: EventOf<"queue_depth_changed">): void {
    this.#queuePending = event.pending;
  }

  /** A set of item ids: adding twice adds once, and `reprocessed`/`evicted` counts are not subtracted again. */
  dlq(itemId: string, present: boolean, atSeconds: number): void {
    const known = this.#dlq.get(itemId);
    if (known !== undefined && known.atSeconds > atSeconds) return;
    if ((known?.present ?? false) !== present) this.#dlqItems += present ? 1 : -1;
    this.#dlq.set(itemId, { present, atSeconds });
  }

  saveState(): JobState {
    return {
      jobId: this.jobId,
      sessionId: this.session,
      label: this.label,
      shown: this.shown,
      running: this.running,
      startedAtSeconds: this.startedAtSeconds,
      endedAtSeconds: this.endedAtSeconds,
      endHeardSeconds: this.endHeardSeconds,
      abandoned: this.abandoned,
      announced: this.announced,
      movedAtSeconds: this.movedAtSeconds,
      lastTimestamp: this.lastTimestamp,
      totalItems: this.totalItems,
      queuePending: this.#queuePending,
      agents: [...this.#agents],
      succeeded: this.#agentsThat(true),
      failed: this.#agentsThat(false),
      worktrees: [...this.#worktrees],
      dlq: [...this.#dlq],
      sightings: this.sightings.saveState(),
    };
  }

  static fromState(state: JobState): Job {
    const job = new Job(state.jobId, state.sessionId);
    job.label = state.label;
    job.movedAtSeconds = state.movedAtSeconds;
    job.lastTimestamp = state.lastTimestamp;
    job.shown = state.shown;
    job.running = state.running;
    job.startedAtSeconds = state.startedAtSeconds;
    job.endedAtSeconds = state.endedAtSeconds;
    job.endHeardSeconds = state.endHeardSeconds;
    job.abandoned = state.abandoned;
    job.announced = state.announced;
    job.totalItems = state.totalItems;
    job.#queuePending = state.queuePending;
    for (const agentId of state.agents) job.#agents.add(agentId);
    for (const agentId of state.succeeded) job.agentEnded(agentId, true);
    for (const agentId of state.failed) job.agentEnded(agentId, false);
    for (const name of state.worktrees) job.#worktrees.add(name);
    for (const [itemId, entry] of state.dlq) {
      job.#dlq.set(itemId, entry);
      if (entry.present) job.#dlqItems++;
    }
    job.sightings.loadState(state.sightings);
    return job;
  }

  #agentsThat(succeeded: boolean): readonly string[] {
    return [...this.#finished].filter(([, hasSucceeded]) => hasSucceeded === succeeded).map(([agentId]) => agentId);
  }
}
