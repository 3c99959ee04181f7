/** What the page shows of the work itself; asked for whenever somebody looks, so it must be cheap. */
export interface Overview {
  /** Workflow runs that have begun and not ended, longest first. */
  readonly workflows: readonly RunningWorkflow[];
  /** MapReduce jobs that have begun and not ended, longest first. */
  readonly jobs: readonly JobProgress[];
  /** Agents of all jobs that run now. */
  readonly agentsRunning: number;
  readonly today: Outcomes;
  /** The last workflow runs and jobs that ended, newest first. */
  readonly recentEnds: readonly EndedRun[];
  readonly sources: readonly SourceState[];
  /** `null` when nothing was used. */
  readonly usageToday: Usage | null;
}

export interface RunningWorkflow {
  readonly name: string;
  /** What tells this run from others of its name. */
  readonly runLabel: string;
  readonly elapsedSeconds: number | null;
  readonly stepsDone: number | null;
  readonly stepsTotal: number | null;
}

export interface JobProgress {
  /** The job_id label. */
  readonly label: string;
  readonly elapsedSeconds: number | null;
  /** Items to work on; `null` when it is not known how many. */
  readonly total: number | null;
  readonly done: number;
  readonly failed: number;
  /** Items in the dead-letter queue now. */
  readonly dlq: number;
  readonly agentsRunning: number;
}

/** What ended since midnight, in the exporter's time zone. */
export interface Outcomes {
  readonly agentsSucceeded: number;
  readonly agentsFailed: number;
  readonly runsSucceeded: number;
  readonly runsFailed: number;
}

export interface EndedRun {
  readonly kind: "workflow" | "job";
  readonly name: string;
  readonly outcome: "completed" | "failed" | "interrupted";
  /** Unix time in milliseconds. */
  readonly endedAtMs: number;
  readonly durationSeconds: number | null;
}

export interface SourceState {
  readonly name: string;
  /** `null` when all is well. */
  readonly problem: string | null;
  readonly behindBytes: number;
  /** For how long there has been something to read. */
  readonly behindSeconds: number;
  readonly rejectedLines: number;
}

/** Claude usage since midnight, in the exporter's time zone. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Read from and written to the prompt cache. */
  readonly cacheTokens: number;
  /** An estimate; `null` when no model has a price. */
  readonly costUsd: number | null;
  /** Models whose tokens are not in the cost. */
  readonly unpricedModels: readonly string[];
  /** Date of the prices, as `YYYY-MM`. */
  readonly pricesOf: string;
}
