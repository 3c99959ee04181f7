import type { Event, EventType } from "../event/event.ts";
import type { EventRecord } from "../event/record.ts";
import type { Ledger } from "./ledger.ts";
import type { Emit, MetricRow, Samples } from "./metric.ts";
import type { Facts } from "./work/facts.ts";
import type { Job } from "./work/job.ts";
import type { OpenWork } from "./work/open_work.ts";
import type { Verdict } from "./work/precedence.ts";

type Run = (event: Event, facts: Facts, emit: Emit) => void;
interface Step {
  readonly run: Run;
  readonly emit: Emit;
}
interface Plan {
  readonly gauges: readonly Step[];
  readonly others: readonly Step[];
}
const EMPTY_PLAN: Plan = { gauges: [], others: [] };

/** Turns events into samples: the metric table, arranged by event type once instead of searched for every line. */
export class Fold {
  readonly #work: OpenWork;
  readonly #plans = new Map<EventType, Plan>();
  readonly #ledger: Ledger;

  constructor(rows: readonly MetricRow[], ledger: Ledger, work: OpenWork) {
    this.#ledger = ledger;
    this.#work = work;
    for (const row of rows) this.#plan(row);
    work.onJobShown = (job) => this.#showJob(job);
    work.onWorkflowNamed = (name) => ledger.announce("workflow_name", name);
  }

  /** Whether any metric is fed by events of this type. */
  feeds(type: EventType): boolean {
    return this.#plans.has(type);
  }

  /** Applies the event to the open work and adds what it means. */
  fold(record: EventRecord): Verdict {
    const { event } = record;
    const verdict = this.#work.apply(record);
    if (verdict === "drop") return verdict;
    const plan = this.#plans.get(event.type) ?? EMPTY_PLAN;
    for (const { run, emit } of plan.gauges) run(event, this.#work, emit);
    if (verdict === "count") { for (const { run, emit } of plan.others) run(event, this.#work, emit); }
    return verdict;
  }

  #plan(row: MetricRow): void {
    const { emit } = this.#ledger.family(row.name);
    for (const [type, samples] of Object.entries(row.from) as [EventType, Samples<EventType>][]) {
      // A row's function takes exactly the events of the type it is listed under; that link is lost in the map.
      const step: Step = { run: samples as unknown as Run, emit };
      const plan = this.#plans.get(type) ?? EMPTY_PLAN;
      this.#plans.set(
        type,
        row.kind === "gauge"
          ? { ...plan, gauges: [...plan.gauges, step] }
          : { ...plan, others: [...plan.others, step] },
      );
    }
  }

  #showJob(job: Job): void {
    this.#ledger.announce("job_id", job.label);
    const info = this.#ledger.family("prodigy_mapreduce_job_info");
    info.remove("job_id", job.label);
    info.emit(1, job.label, job.jobId, job.sessionId);
  }
}
