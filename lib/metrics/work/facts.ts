/**
 * A MapReduce job as the metric rows see it, after the event at hand was applied; or the sums of all jobs past the
 * budget, under the label they share.
 */
export interface JobFacts {
  /** Value of the job_id label. */
  readonly label: string;
  readonly jobId: string;
  readonly sessionId: string;
  /** Jobs under this label that run now. */
  readonly runningCount: number;
  readonly totalItems: number | null;
  readonly agentsRunning: number;
  readonly worktrees: number;
  readonly dlqItems: number;
  /** `null` while neither a queue depth nor a total is known. */
  readonly pendingItems: number | null;
  /** Whether this event ended the job (a second end event does not). */
  readonly endedNow: boolean;
}

/** What the open work knows when an event is turned into samples. */
export interface Facts {
  /** The job of the event at hand. */
  readonly job: JobFacts;
  /** Name of the run the event belongs to: the event's own, else the run's, else "unknown". */
  readonly workflowName: string;
  /** Runs in progress under `workflowName`. */
  readonly activeRuns: number;
  /** The name the run had before this event named it better, or `null`; its gauge must be set anew. */
  readonly formerWorkflowName: string | null;
  /** Runs in progress under `formerWorkflowName`. */
  readonly formerActiveRuns: number;
  /** Model of a usage event: its own, else the one its Claude session was started with, else "unknown". */
  readonly model: string;
  /**
   * USD this event adds: stated by the vendor, else by the price table; `null` when the model has no price. For the end
   * of a Claude session, what its stated cost exceeds the cost already counted for it.
   */
  readonly costUsd: number | null;
}
