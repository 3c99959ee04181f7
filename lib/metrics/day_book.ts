import type { EventOf, EventType } from "../event/event.ts";
import type { Job } from "./work/job.ts";
import type { OpenWork } from "./work/open_work.ts";
import { type RecentEnd, RecentEnds } from "./work/recent_ends.ts";
import { type Day, Today, type TodayState } from "./work/today.ts";

export interface DayBookState {
  readonly today: TodayState;
  readonly ends: readonly RecentEnd[];
}

type Notes = { readonly [T in EventType]?: (event: EventOf<T>) => void };

/** What a person asks of the last hours and no metric tells: today's sums, and which runs ended last. */
export class DayBook {
  readonly ends = new RecentEnds();
  readonly today: Today;
  readonly #work: OpenWork;

  constructor(work: OpenWork, dayAt: (atSeconds: number) => Day) {
    this.#work = work;
    this.today = new Today(dayAt);
  }

  /** What an event that counts adds. */
  readonly counted: Notes = {
    agent_completed: () => this.#addToday("agentsSucceeded"),
    agent_failed: () => this.#addToday("agentsFailed"),
    workflow_completed: (event) => {
      if (event.status !== "cancelled") this.#addToday(event.status === "success" ? "runsSucceeded" : "runsFailed");
      this.ends.add({
        kind: "workflow",
        id: event.workflowId,
        name: this.#work.workflowName,
        outcome: event.status === "success" ? "completed" : event.status === "failed" ? "failed" : "interrupted",
        endedAtSeconds: this.#work.eventAtSeconds,
        durationSeconds: event.durationSeconds,
      });
    },
    job_completed: (event) => this.#jobEnded("completed", event.durationSeconds),
    job_failed: (event) => this.#jobEnded("failed", event.durationSeconds),
    claude_token_usage: (event) => {
      const { model, costUsd, eventAtSeconds, nowSeconds } = this.#work;
      this.today.addUsage(event, { model, costUsd }, eventAtSeconds, nowSeconds);
    },
    claude_tokens_unpriced: () => {
      const { model, eventAtSeconds, nowSeconds } = this.#work;
      this.today.addCost({ model, costUsd: null }, eventAtSeconds, nowSeconds);
    },
    claude_session_completed: () => {
      const { model, costUsd, eventAtSeconds, nowSeconds } = this.#work;
      if (costUsd !== null) this.today.addCost({ model, costUsd }, eventAtSeconds, nowSeconds);
    },
  };

  /** What an event adds that no counter counts: work given up never ended. */
  readonly uncounted: Notes = {
    work_abandoned: ({ jobId }) => {
      const { ownJob: job, record, runs } = this.#work;
      if (jobId !== null) {
        if (job.endedNow) this.ends.add(endOf(job, "interrupted", job.movedAtSeconds, null));
        return;
      }
      const run = runs.get(record?.runId ?? "");
      if (run === undefined) return;
      this.ends.add({
        kind: "workflow",
        id: run.id,
        name: this.#work.workflowName,
        outcome: "interrupted",
        endedAtSeconds: run.movedAtSeconds,
        durationSeconds: null,
      });
    },
  };

  saveState(): DayBookState {
    return { today: this.today.saveState(), ends: this.ends.saveState() };
  }

  loadState({ today, ends }: DayBookState): void {
    this.today.loadState(today);
    this.ends.loadState(ends);
  }

  #addToday(what: "agentsSucceeded" | "agentsFailed" | "runsSucceeded" | "runsFailed"): void {
    const counts = this.today.at(this.#work.eventAtSeconds, this.#work.nowSeconds);
    if (counts !== null) counts[what]++;
  }

  #jobEnded(outcome: "completed" | "failed", toldSeconds: number | null): void {
    const { ownJob: job, eventAtSeconds } = this.#work;
    if (!job.endedNow) return;
    const sinceStart = job.startedAtSeconds === null ? null : Math.max(0, eventAtSeconds - job.startedAtSeconds);
    this.ends.add(endOf(job, outcome, eventAtSeconds, toldSeconds ?? sinceStart));
  }
}

function endOf(
  job: Job,
  outcome: RecentEnd["outcome"],
  endedAtSeconds: number,
  durationSeconds: number | null,
): RecentEnd {
  return { kind: "job", id: job.key, name: job.label, outcome, endedAtSeconds, durationSeconds };
}
