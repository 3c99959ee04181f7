import type { Event, EventType } from "../event/event.ts";
import type { EventRecord } from "../event/record.ts";
import type { DayBook } from "./day_book.ts";
import { cleanLabelValue, UNKNOWN } from "./label_values.ts";
import type { Ledger } from "./ledger.ts";
import type { Emit, MetricRow } from "./metric.ts";
import type { Facts, JobFacts } from "./work/facts.ts";
import { Job } from "./work/job.ts";
import type { OpenWork } from "./work/open_work.ts";
import type { Verdict } from "./work/precedence.ts";

type Run = (event: Event, facts: Facts, emit: Emit) => void;
interface Step {
  readonly run: Run;
  readonly emit: Emit;
}
interface Plan {
  /** What an event means even when what it tells was counted before. */
  readonly always: readonly Step[];
  readonly counted: readonly Step[];
}
const EMPTY_PLAN: Plan = { always: [], counted: [] };
const NO_EMIT: Emit = () => {};
/** Stands for all metrics by job: a job past the budget is folded in all of them. */
const JOBS_METRIC = "prodigy_mapreduce_jobs_active";
const NO_FACTS: Facts = {
  job: new Job("", null),
  workflowName: UNKNOWN,
  activeRuns: 0,
  formerWorkflowName: null,
  formerActiveRuns: 0,
  model: UNKNOWN,
  costUsd: null,
};

/** Turns events into samples: the metric table, arranged by event type once instead of searched for every line. */
export class Fold {
  /** Called when an event was folded, and the facts speak of it no longer. */
  onFolded: () => void = () => {};
  readonly #work: OpenWork;
  readonly #plans = new Map<EventType, Plan>();
  readonly #ledger: Ledger;

  constructor(rows: readonly MetricRow[], ledger: Ledger, work: OpenWork, dayBook: DayBook) {
    this.#ledger = ledger;
    this.#work = work;
    for (const row of rows) this.#planRow(row);
    this.#plan("always", dayBook.uncounted, NO_EMIT);
    this.#plan("counted", dayBook.counted, NO_EMIT);
    work.onJobShown = (job) => this.announceJob(job);
    work.onWorkflowNamed = (name) => ledger.announce("workflow_name", name);
  }

  /** Whether any metric is fed by events of this type. */
  feeds(type: EventType): boolean {
    return this.#plans.has(type);
  }

  /**
   * Applies the event to the open work and adds what it means.
   * @param atSeconds what the record's timestamp says, when that is known already
   */
  fold(record: EventRecord, atSeconds: number | null = null): Verdict {
    const verdict = this.#apply(record, atSeconds);
    this.onFolded();
    return verdict;
  }

  /** Makes the series of a job's label known. */
  announceJob(job: Job): void {
    if (job.isFolded) {
      this.#ledger.noteFolded(JOBS_METRIC, cleanLabelValue(job.jobId));
      return;
    }
    this.#ledger.announce("job_id", job.label);
    const info = this.#ledger.family("prodigy_mapreduce_job_info");
    if (job.hasInfo) info.remove("job_id", job.label);
    job.hasInfo = true;
    info.emit(1, job.label, job.jobId, job.sessionId);
  }

  /** Sets all gauges of a job, or of all folded ones, to what they are now: as if it had just been started. */
  setJobGauges(job: JobFacts): void {
    const event: Event = { type: "job_started", jobId: job.jobId, totalItems: job.totalItems };
    for (const { run, emit } of this.#plans.get(event.type)?.always ?? []) run(event, { ...NO_FACTS, job }, emit);
  }

  #apply(record: EventRecord, atSeconds: number | null): Verdict {
    const { event } = record;
    const verdict = this.#work.apply(record, atSeconds);
    if (verdict === "drop") return verdict;
    const plan = this.#plans.get(event.type) ?? EMPTY_PLAN;
    for (const { run, emit } of plan.always) run(event, this.#work, emit);
    if (verdict === "count") { for (const { run, emit } of plan.counted) run(event, this.#work, emit); }
    return verdict;
  }

  #planRow(row: MetricRow): void {
    const isAlways = row.kind === "gauge" || row.isToldByLinesOnly === true;
    this.#plan(isAlways ? "always" : "counted", row.from, this.#ledger.family(row.name).emit);
  }

  #plan(part: keyof Plan, byType: Readonly<Record<string, unknown>>, emit: Emit): void {
    // The functions take exactly the events of the type they are listed under; that link is lost in the map.
    for (const [type, run] of Object.entries(byType) as [EventType, Run][]) {
      const plan = this.#plans.get(type) ?? EMPTY_PLAN;
      this.#plans.set(type, { ...plan, [part]: [...plan[part], { run, emit }] });
    }
  }
}
