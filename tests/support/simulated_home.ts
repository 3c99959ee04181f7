import {
  type CheckpointDocument,
  checkpointJson,
  type SessionDocument,
  sessionJson,
  type WorktreeDocument,
  worktreeJson,
} from "./prodigy_documents.ts";
import { ProdigyWriter, type SimulatedClock } from "./prodigy_writer.ts";

export interface SimulatorOptions {
  /** Holds `.prodigy` and `.claude`. */
  readonly homeDirectory: string;
  /** Moved by the caller between the acts. */
  readonly clock: SimulatedClock;
  /** `PRODIGY_HOME`, when it is another directory than `.prodigy` in the home. */
  readonly prodigyHome?: string;
  readonly repository?: string;
  /** See `ProdigyWriter`; `true` unless said otherwise. */
  readonly stampsFiles?: boolean;
}

export interface SimulatedRun {
  readonly session: SessionDocument;
  readonly worktree: WorktreeDocument;
  checkpoint: CheckpointDocument | null;
  readonly workflowPath: string;
  readonly totalSteps: number;
  readonly jobId: string | null;
  readonly agents: Map<number, WorktreeDocument>;
  successes: number;
  /** Steps re-run by `prodigy resume` are not checkpointed. */
  isResumed: boolean;
}

/** The directories of a simulated Prodigy and the runs in them. */
export class SimulatedHome {
  readonly prodigyHome: string;
  readonly homeProdigy: string;
  readonly claudeHome: string;
  readonly repository: string;
  readonly writer: ProdigyWriter;
  readonly #clock: SimulatedClock;
  readonly #runs = new Map<string, SimulatedRun>();
  #made = 0;

  constructor(options: SimulatorOptions) {
    this.homeProdigy = `${options.homeDirectory}/.prodigy`;
    this.prodigyHome = options.prodigyHome ?? this.homeProdigy;
    this.claudeHome = `${options.homeDirectory}/.claude`;
    this.repository = options.repository ?? "demo-app";
    this.writer = new ProdigyWriter(options.clock, { stampsFiles: options.stampsFiles ?? true });
    this.#clock = options.clock;
    for (const name of ["sessions", "state", "events", "dlq"]) this.writer.makeDirectory(`${this.prodigyHome}/${name}`);
    this.writer.makeDirectory(`${this.homeProdigy}/worktrees`);
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  /** `workflow-<millis>`; two made within a millisecond differ here, too. */
  workflowId(): string {
    return `workflow-${this.#clock.nowMs + this.#made++}`;
  }

  forgetRun(runId: string): void {
    this.#runs.delete(runId);
  }

  makeRun(made: {
    readonly id: string;
    readonly name: string;
    readonly workflowPath: string;
    readonly totalSteps: number;
    readonly jobId: string | null;
  }): SimulatedRun {
    const session: SessionDocument = {
      id: made.id,
      status: "Initializing",
      startedAt: this.writer.now,
      updatedAt: this.writer.now,
      completedAt: null,
      metadata: {},
      timings: {},
      error: null,
      workflowName: made.name,
      iterationsCompleted: 0,
      filesChanged: 0,
    };
    const run: SimulatedRun = {
      session,
      worktree: this.newWorktree(made.id, "main"),
      checkpoint: null,
      workflowPath: made.workflowPath,
      totalSteps: made.totalSteps,
      jobId: made.jobId,
      agents: new Map(),
      successes: 0,
      isResumed: false,
    };
    this.#runs.set(made.id, run);
    this.writeSession(run);
    this.writer.atomic(this.worktreePath(run), worktreeJson(run.worktree));
    session.status = "Running";
    this.writeSession(run);
    return run;
  }

  newWorktree(name: string, originalBranch: string): WorktreeDocument {
    const { now } = this.writer;
    return { name, originalBranch, createdAt: now, updatedAt: now, status: "in_progress", interruptedAt: null };
  }

  newCheckpoint(run: SimulatedRun): CheckpointDocument {
    return {
      workflowId: this.workflowId(),
      workflowPath: run.workflowPath,
      totalSteps: run.totalSteps,
      status: "Running",
      steps: [],
      failure: null,
    };
  }

  /** Prodigy first notes the error, which makes the session `Failed` without an end time. */
  fail(run: SimulatedRun, message: string): void {
    Object.assign(run.session, { status: "Failed", error: message });
    this.writeSession(run);
    run.session.completedAt = this.writer.now;
    this.writeSession(run);
  }

  run(runId: string): SimulatedRun {
    const run = this.#runs.get(runId);
    if (run === undefined) throw new Error(`Cannot act on run ${runId} as it was not started here`);
    return run;
  }

  uuid(prefix: string): string {
    this.#made++;
    return `${prefix}00000000-0000-4000-8000-${String(this.#made).padStart(12, "0")}`;
  }

  sessionPath(runId: string): string {
    return `${this.prodigyHome}/sessions/${runId}.json`;
  }
  worktreePath(run: SimulatedRun): string {
    return `${this.homeProdigy}/worktrees/${this.repository}/.metadata/${run.session.id}.json`;
  }
  agentPath(runId: string, name: string): string {
    return `${this.homeProdigy}/worktrees/${runId}/.metadata/${name}.json`;
  }
  dlqPath(runId: string): string {
    const { jobId } = this.run(runId);
    return `${this.prodigyHome}/dlq/${runId}/${jobId}/mapreduce/dlq/${jobId}`;
  }

  removeAgent(runId: string, index: number): void {
    const run = this.run(runId);
    const worktree = run.agents.get(index);
    if (worktree === undefined) throw new Error(`Cannot end agent ${index} of ${runId} as it was not started`);
    run.agents.delete(index);
    this.writer.remove(this.agentPath(runId, worktree.name));
  }

  writeSession(run: SimulatedRun): void {
    run.session.updatedAt = this.writer.now;
    this.writer.inPlace(this.sessionPath(run.session.id), sessionJson(run.session));
  }

  writeCheckpoint(run: SimulatedRun, status: CheckpointDocument["status"]): void {
    if (run.checkpoint === null) return;
    run.checkpoint.status = status;
    const directory = `${this.prodigyHome}/state/${run.session.id}/checkpoints`;
    const json = checkpointJson(run.checkpoint, this.writer.now);
    this.writer.atomic(`${directory}/${run.checkpoint.workflowId}.checkpoint.json`, json);
  }
}
