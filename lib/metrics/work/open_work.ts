import type { ClaudeTokenUsage, Event, EventOf, EventType } from "../../event/event.ts";
import type { EventRecord, Origin } from "../../event/record.ts";
import { parseTimestampSeconds } from "../../event/timestamp.ts";
import { isUnseenAgent } from "../../event/unseen_agent.ts";
import type { Capture } from "../capture.ts";
import { UNKNOWN, UNNAMED } from "../label_values.ts";
import { ClaudeSessions, type ClaudeSessionsState } from "./claude_sessions.ts";
import type { Facts, JobFacts } from "./facts.ts";
import { Job, type JobState } from "./job.ts";
import type { JobLabelMode } from "./job_label.ts";
import { Jobs } from "./jobs.ts";
import type { FactKind, Verdict } from "./precedence.ts";
import { type Run, Runs, type RunState } from "./runs.ts";

export interface OpenWorkOptions {
  readonly jobLabelMode: JobLabelMode;
  readonly jobLabelLength: number;
  readonly maxJobLabels: number;
  /** USD by the price table for tokens used at `atSeconds` (Unix time); `null` for a model without a price. */
  readonly estimateUsd: (event: ClaudeTokenUsage, model: string, atSeconds: number) => number | null;
}

export interface OpenWorkState {
  readonly jobs: readonly JobState[];
  readonly runs: readonly RunState[];
  readonly claudeSessions: ClaudeSessionsState;
  readonly isPoolTold?: boolean;
}

type Apply<T extends EventType> = (event: EventOf<T>, record: EventRecord) => Verdict;

/** An empty name is known to be empty: array-format workflow files have none. */
function workflowNameOf(name: string): string {
  return name === "" ? UNNAMED : name;
}

/** The last moment a `Date` can hold. */
const MAX_DATE_MS = 8.64e15;

/** Of all unseen agents: any will do. */
const UNSEEN_AGENT_KEY = "agent:";

function factKey(fact: string, of: string): string {
  return isUnseenAgent(of) ? UNSEEN_AGENT_KEY : `${fact}:${of}`;
}

/** The exporter's own event that gives up a run, or with a job id a job. */
export function abandoned(runId: string | null, jobId: string | null, repository: string | null = null): EventRecord {
  return {
    id: null,
    timestamp: null,
    correlationId: null,
    runId,
    repository,
    origin: "exporter",
    event: { type: "work_abandoned", jobId },
    durationClamped: false,
  };
}

/** Stands in where an event speaks of no job; its label is never emitted. */
const NO_JOB = new Job("", null);

/**
 * Everything that is going on: jobs with their agents, runs, Claude sessions. Applies each event first, so that the
 * metric table then reads gauges off sets (which repeated events cannot drive up) instead of adding and subtracting.
 */
export class OpenWork implements Facts {
  readonly jobs: Jobs;
  readonly runs = new Runs();
  readonly claudeSessions = new ClaudeSessions();

  /** Unix seconds; advanced by the pipeline once per batch. */
  nowSeconds = 0;
  /** Number of the last scrape; advanced by the exposition. */
  sequence = 0;
  /** Off while history is read: what was written long ago then counts as having moved long ago. */
  live = false;
  /** Told when a job's label comes into use: its series must start at 0. */
  onJobShown: (job: Job) => void = () => {};
  /** Told when a workflow's name is first heard of by a start. */
  onWorkflowNamed: (name: string) => void = () => {};
  /** Told of a run or job that is given up, as an event of the time it last moved; `null`: nobody wants to know. */
  onAbandoned: ((record: EventRecord) => void) | null = null;

  /** Whether an event told the size of the worktree pool: what lies on disk says less. */
  #isPoolTold = false;
  #job: Job = NO_JOB;
  #workflowName = UNKNOWN;
  #formerWorkflowName: string | null = null;
  #model: string | null = null;
  #costUsd: number | null = null;
  #record: EventRecord | null = null;
  /** Of the record at hand, `null` without; `undefined` while nobody asked. */
  #recordAtSeconds: number | null | undefined = undefined;
  readonly #options: OpenWorkOptions;

  constructor(options: OpenWorkOptions) {
    this.#options = options;
    this.jobs = new Jobs({
      labelMode: options.jobLabelMode,
      labelLength: options.jobLabelLength,
      maxLabels: options.maxJobLabels,
    });
  }

  get job(): JobFacts {
    return this.#job.isFolded ? this.jobs.folded : this.#job;
  }
  /** The job of the event at hand, folded or not. */
  get ownJob(): Job {
    return this.#job;
  }
  get workflowName(): string {
    return this.#workflowName;
  }
  get activeRuns(): number {
    return this.runs.activeCount(this.#workflowName);
  }
  get formerWorkflowName(): string | null {
    return this.#formerWorkflowName;
  }
  get formerActiveRuns(): number {
    return this.#formerWorkflowName === null ? 0 : this.runs.activeCount(this.#formerWorkflowName);
  }
  get model(): string {
    return this.#model ?? UNKNOWN;
  }

  get costUsd(): number | null {
    return this.#costUsd;
  }
  /** The record at hand; `null` before the first. */
  get record(): EventRecord | null {
    return this.#record;
  }
  /** When the event at hand happened, Unix seconds: now, when it does not say. */
  get eventAtSeconds(): number {
    return this.#atSeconds() ?? this.nowSeconds;
  }

  /**
   * Applies the event and says what may be counted of it. The facts then speak of this event.
   * @param atSeconds what the record's timestamp says, when that is known already
   */
  apply(record: EventRecord, atSeconds: number | null = null): Verdict {
    const { event } = record;
    this.#record = record;
    this.#recordAtSeconds = atSeconds ?? undefined;
    this.#job = NO_JOB;
    this.#formerWorkflowName = null;
    // The functions take exactly the events of the type they are listed under; that link is lost in the map.
    return (this.#applyByType.get(event.type) as (event: Event, record: EventRecord) => Verdict)(event, record);
  }

  /** Nothing will ever end the job: any sign of life revives it. */
  abandon(job: Job, origin: Origin = "exporter"): void {
    if (job.running && this.onAbandoned !== null) {
      const { session: runId, repository, jobId } = job;
      this.#tellAbandoned({ ...abandoned(runId, jobId, repository), origin }, job);
    }
    job.end(null, this.sequence, this.nowSeconds);
    job.abandoned = true;
  }

  *capture(): Capture<OpenWorkState> {
    const jobs = yield* this.jobs.capture();
    const runs = yield* this.runs.capture();
    const claudeSessions = yield* this.claudeSessions.capture();
    return { jobs, runs, claudeSessions, isPoolTold: this.#isPoolTold };
  }

  loadState(state: OpenWorkState): void {
    this.jobs.loadState(state.jobs);
    this.runs.loadState(state.runs);
    this.claudeSessions.loadState(state.claudeSessions);
    this.#isPoolTold = state.isPoolTold ?? false;
  }

  readonly #apply: { readonly [T in EventType]: Apply<T> } = {
    job_started: (event, record) => this.#onJobStart(event.jobId, record, event.totalItems),
    job_resumed: (event, record) => this.#onJobStart(event.jobId, record, null),
    job_paused: (event, record) => this.#onJob(event.jobId, record, "lifecycle", null, () => {}),
    job_completed: (event, record) => this.#onJobEnd(event.jobId, record),
    job_failed: (event, record) => this.#onJobEnd(event.jobId, record),
    queue_depth_changed: (event, record) =>
      this.#onJob(event.jobId, record, "lifecycle", null, (job) => job.queueDepth(event)),
    memory_pressure: (event, record) => this.#onJob(event.jobId, record, "lifecycle", null, () => {}),
    agent_started: (event, record) =>
      this.#onJob(event.jobId, record, "agents", null, (job) => job.agentStarted(event.agentId)),
    agent_progress: (event, record) => this.#onJob(event.jobId, record, "agents", null, () => {}),
    agent_completed: (event, record) =>
      this.#onJob(event.jobId, record, "agents", "agent", (job) => job.agentEnded(event.agentId, true), event.agentId),
    agent_failed: (event, record) =>
      this.#onJob(event.jobId, record, "agents", "agent", (job) => job.agentEnded(event.agentId, false), event.agentId),
    agent_retrying: (event, record) => this.#onJob(event.jobId, record, "agents", null, () => {}),
    checkpoint_created: (event, record) => {
      if (event.jobId !== null) return this.#onJob(event.jobId, record, "checkpoints", "checkpoint", () => {});
      if (record.runId === null) return "count";
      return this.runs.find(record.runId).sightings.judge(record.origin, "checkpoints", "checkpoint:");
    },
    checkpoint_loaded: (event, record) => this.#onJob(event.jobId, record, "checkpoints", null, () => {}),
    checkpoint_failed: (event, record) => this.#onJob(event.jobId, record, "checkpoints", null, () => {}),
    worktree_created: (event, record) =>
      this.#onJob(event.jobId, record, "worktrees", null, (job) => job.worktreeCreated(event.worktreeName)),
    worktree_merged: (event, record) => this.#onJob(event.jobId, record, "worktrees", null, () => {}),
    worktree_cleaned: (event, record) =>
      this.#onJob(event.jobId, record, "worktrees", null, (job) => job.worktreeCleaned(event.worktreeName)),
    dlq_item_added: (event, record) =>
      this.#onJob(
        event.jobId,
        record,
        "dlq",
        "dlq",
        (job) => job.dlq(event.itemId, true, this.eventAtSeconds),
        event.itemId,
      ),
    dlq_item_removed: (event, record) =>
      this.#onJob(
        event.jobId,
        record,
        "dlq",
        null,
        (job) => job.dlq(event.itemId, false, this.eventAtSeconds),
      ),
    dlq_items_reprocessed: (event, record) => this.#onJob(event.jobId, record, "dlq", null, () => {}),
    dlq_items_evicted: (event, record) => this.#onJob(event.jobId, record, "dlq", null, () => {}),
    dlq_analysis_generated: (event, record) => this.#onJob(event.jobId, record, "dlq", null, () => {}),

    claude_tool_invoked: (event, record) => this.claudeSessions.judgeTool(record.origin, event.toolId),
    claude_token_usage: (event, record) => {
      this.#model = event.model ?? this.claudeSessions.modelOf(record.correlationId);
      this.#workflowName = event.workflowName ?? this.#runName(record.runId) ?? UNKNOWN;
      this.#costUsd = event.costUsd ?? this.#estimateUsd(event);
      const verdict = this.claudeSessions.judge(record.origin, "usage", record.correlationId);
      if (verdict === "count" && this.#costUsd !== null) {
        this.claudeSessions.charge(record.correlationId ?? event.agentId, this.#costUsd);
      }
      return verdict;
    },
    claude_tokens_unpriced: (event, record) => {
      this.#model = event.model;
      return this.claudeSessions.judge(record.origin, "usage", record.correlationId);
    },
    claude_session_started: (event, record) => {
      this.claudeSessions.started(record.origin, event.sessionId, record.correlationId, event.model);
      return "count";
    },
    claude_message: () => "count",
    claude_session_completed: (event, record) => {
      this.#model = event.model ?? this.claudeSessions.modelOf(record.correlationId);
      this.#workflowName = this.#runName(record.runId) ?? UNKNOWN;
      const verdict = this.claudeSessions.judgeSession(record.origin, "end", event.sessionId);
      this.#costUsd = verdict === "count" && event.costUsd !== null
        ? this.claudeSessions.settle([event.sessionId, record.correlationId ?? event.agentId], event.costUsd)
        : null;
      return verdict;
    },
    claude_error: (_event, record) => this.claudeSessions.judge(record.origin, "error", record.correlationId),

    workflow_started: (event, record) => {
      const run = this.runs.find(event.workflowId);
      const verdict = run.sightings.judge(record.origin, "lifecycle", null);
      if (verdict === "drop") return verdict;
      this.#touch(run, record);
      const atSeconds = this.#atSeconds();
      // Late news of a run that has ended, as when its lines are spread over several sources.
      const isStale = atSeconds !== null && run.endedAtSeconds !== null && atSeconds <= run.endedAtSeconds;
      if (!run.active && !isStale) {
        run.startedAtSeconds = atSeconds ?? this.nowSeconds;
        run.stepsDone = 0;
      }
      run.totalSteps = event.totalSteps ?? run.totalSteps;
      this.#setRun(run, workflowNameOf(event.workflowName), run.active || !isStale);
      return verdict;
    },
    workflow_completed: (event, record) => {
      const run = this.runs.find(event.workflowId);
      const verdict = run.sightings.judge(record.origin, "lifecycle", "end");
      if (verdict === "drop") return verdict;
      this.#touch(run, record);
      run.endedAtSeconds = Math.max(run.endedAtSeconds ?? -Infinity, this.eventAtSeconds);
      this.#setRun(run, workflowNameOf(event.workflowName), false);
      return verdict;
    },
    step_started: (event, record) => this.#onStep(event.workflowId, null, record, null),
    step_completed: (event, record) => {
      const verdict = this.#onStep(event.workflowId, event.workflowName, record, event.stepIndex);
      const run = this.runs.get(event.workflowId);
      if (verdict === "count" && run !== undefined) run.stepsDone++;
      return verdict;
    },
    step_validated: () => "count",
    worktree_pool_changed: (_event, { origin }) => {
      if (origin === "state") return this.#isPoolTold ? "drop" : "count";
      this.#isPoolTold = true;
      return "count";
    },

    work_seen: (event, record) => {
      const work = event.jobId !== null
        ? this.jobs.find(event.jobId, record.runId, record.repository)
        : record.runId !== null
        ? this.runs.get(record.runId)
        : undefined;
      if (work !== undefined) {
        work.movedAtSeconds = Math.max(work.movedAtSeconds, event.atSeconds);
        work.toldAtSeconds = Math.max(work.toldAtSeconds, event.atSeconds);
      }
      return "drop";
    },
    work_abandoned: (event, record) => {
      if (event.jobId !== null) {
        return this.#onJob(event.jobId, record, "lifecycle", null, (job) => this.abandon(job, record.origin));
      }
      const run = record.runId === null ? undefined : this.runs.get(record.runId);
      if (run === undefined) return "drop";
      const verdict = run.sightings.judge(record.origin, "lifecycle", null);
      if (verdict === "drop") return verdict;
      if (run.active) this.#tellAbandoned(record, run);
      this.#setRun(run, run.name, false);
      return verdict;
    },
  };

  /** A map is looked into three times as fast as an object, by names that come in any order. */
  readonly #applyByType: ReadonlyMap<EventType, unknown> = new Map(
    Object.entries(this.#apply) as [EventType, unknown][],
  );

  #onJob(
    jobId: string,
    record: EventRecord,
    kind: FactKind,
    fact: "agent" | "dlq" | "checkpoint" | "end" | null,
    change: (job: Job) => void,
    factOf = "",
  ): Verdict {
    const job = this.jobs.find(jobId, record.runId, record.repository);
    this.#job = job;
    const { sightings } = job;
    const needsKey = fact !== null && sightings.needsKey(record.origin);
    let verdict = sightings.judge(record.origin, kind, needsKey ? factKey(fact, factOf) : null);
    if (verdict === "drop") return verdict;
    // A success the state readers could not attribute to an agent is the same fact as a line that can.
    if (verdict === "count" && needsKey && record.origin === "line" && record.event.type === "agent_completed") {
      if (sightings.consume(UNSEEN_AGENT_KEY)) verdict = "gauges_only";
    }
    this.#touch(job, record);
    if (!job.shown) this.jobs.show(job);
    if (!job.announced) {
      job.announced = true;
      this.onJobShown(job);
    }
    job.endedNow = false;
    const { isFolded } = job;
    if (isFolded) this.jobs.folded.changing(job);
    if (job.abandoned && kind === "agents") job.revive();
    change(job);
    if (isFolded) this.jobs.folded.changed(job);
    return verdict;
  }

  #estimateUsd(event: ClaudeTokenUsage): number | null {
    if (this.#model === null) return null;
    return this.#options.estimateUsd(event, this.#model, this.eventAtSeconds);
  }

  #runName(runId: string | null): string | null {
    return runId === null ? null : this.runs.get(runId)?.name ?? null;
  }

  #onJobStart(jobId: string, record: EventRecord, totalItems: number | null): Verdict {
    const start = (job: Job): void => job.start(this.#atSeconds(), totalItems, this.nowSeconds);
    return this.#onJob(jobId, record, "lifecycle", null, start);
  }

  #onJobEnd(jobId: string, record: EventRecord): Verdict {
    return this.#onJob(
      jobId,
      record,
      "lifecycle",
      "end",
      (job) => job.end(this.#atSeconds(), this.sequence, this.nowSeconds),
    );
  }

  /** @param stepIndex `null`: repeating it is harmless. */
  #onStep(workflowId: string, workflowName: string | null, record: EventRecord, stepIndex: number | null): Verdict {
    const run = this.runs.find(workflowId);
    const { sightings } = run;
    const needsKey = stepIndex !== null && sightings.needsKey(record.origin);
    const verdict = sightings.judge(record.origin, "steps", needsKey ? `step:${stepIndex}` : null);
    if (verdict === "drop") return verdict;
    this.#touch(run, record);
    this.#workflowName = workflowName ?? run.name ?? UNKNOWN;
    return verdict;
  }

  /** Names the run and sets whether it is active; the gauge of a name it had before must be set, too. */
  #setRun(run: Run, name: string | null, active: boolean): void {
    const former = run.active && run.name !== null && run.name !== name ? run.name : null;
    this.runs.update(run, name, active);
    this.#workflowName = name ?? UNKNOWN;
    this.#formerWorkflowName = former;
    if (active && name !== null) this.onWorkflowNamed(name);
  }

  #tellAbandoned(record: EventRecord, { toldAtSeconds, movedAtSeconds }: Job | Run): void {
    if (this.onAbandoned === null) return;
    const atSeconds = toldAtSeconds === 0 ? movedAtSeconds : toldAtSeconds;
    // Not before what it last said of itself, whose time may be finer.
    const atMs = Math.min(Math.ceil(atSeconds * 1000), MAX_DATE_MS);
    this.onAbandoned({ ...record, timestamp: atSeconds === 0 ? null : new Date(atMs).toISOString() });
  }

  /** When it last moved: what is read as history moved when it says. */
  #touch(work: Job | Run, record: EventRecord): void {
    if (record.event.type === "work_abandoned") return;
    const atSeconds = this.#atSeconds() ?? 0;
    work.toldAtSeconds = Math.max(work.toldAtSeconds, atSeconds);
    work.movedAtSeconds = this.live ? this.nowSeconds : Math.max(work.movedAtSeconds, atSeconds);
  }

  #atSeconds(): number | null {
    if (this.#recordAtSeconds === undefined) {
      const timestamp = this.#record?.timestamp ?? null;
      this.#recordAtSeconds = timestamp === null ? null : parseTimestampSeconds(timestamp);
    }
    return this.#recordAtSeconds;
  }
}
