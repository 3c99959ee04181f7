import { type Capture, captured } from "./capture.ts";
import { DayBook, type DayBookState } from "./day_book.ts";
import { type Exemplar, exemplarLabels } from "./exemplar.ts";
import { Exposition } from "./exposition.ts";
import { Fold } from "./fold.ts";
import { foldMcpTool } from "./label_values.ts";
import { Ledger, type LedgerState } from "./ledger.ts";
import type { MetricRow } from "./metric.ts";
import type { Prices } from "./prices.ts";
import { Scrapers, type ScrapersState } from "./scrapers.ts";
import { MAX_JOBS } from "./table/mapreduce.ts";
import { METRIC_TABLE } from "./table/table.ts";
import type { JobLabelMode } from "./work/job_label.ts";
import { OpenWork, type OpenWorkState } from "./work/open_work.ts";
import type { Day } from "./work/today.ts";
import { Upkeep, type UpkeepOptions } from "./work/upkeep.ts";

/** How many series and open label values there may be. */
export interface Budgets {
  readonly maxSeries: number;
  readonly maxWorkflowNames: number;
  readonly maxToolNames: number;
  readonly maxModels: number;
}

export interface MetricsOptions extends UpkeepOptions, Budgets {
  readonly jobLabelMode: JobLabelMode;
  readonly jobLabelLength: number;
  readonly foldMcpTools: boolean;
  readonly prices: Prices;
  /** Upper bounds by metric, instead of those in the table. */
  readonly buckets: Readonly<Record<string, readonly number[]>>;
  /** Whether buckets of durations tell the last event they counted, in OpenMetrics. */
  readonly exemplars: boolean;
  /** The day a moment is in, Unix seconds. */
  readonly dayAt: (atSeconds: number) => Day;
}

export interface MetricsEvents {
  readonly onLimit: (metric: string, openValues: readonly string[]) => void;
  readonly onReaped: (kind: "run" | "job", count: number) => void;
}

/** What a snapshot keeps of the metrics. */
export interface MetricsState {
  readonly ledger: LedgerState;
  readonly work: OpenWorkState;
  readonly scrapers: ScrapersState;
  readonly dayBook: DayBookState;
}

/** The metrics side of the exporter, put together: events go into `fold`, scrapes come out of `exposition`. */
export class Metrics {
  readonly ledger: Ledger;
  readonly work: OpenWork;
  readonly dayBook: DayBook;
  readonly fold: Fold;
  readonly exposition: Exposition;
  readonly scrapers = new Scrapers();
  readonly upkeep: Upkeep;

  constructor(options: MetricsOptions, events: MetricsEvents) {
    const rows = METRIC_TABLE.map((row) => configureRow(row, options));
    this.ledger = new Ledger({
      rows,
      maxSeries: options.maxSeries,
      onLimit: events.onLimit,
      exemplar: options.exemplars ? (value) => this.#exemplar(value) : null,
    });
    this.work = new OpenWork({
      jobLabelMode: options.jobLabelMode,
      jobLabelLength: options.jobLabelLength,
      maxJobLabels: MAX_JOBS,
      estimateUsd: (event, model, atSeconds) => options.prices.estimateUsd(model, event, atSeconds),
    });
    this.dayBook = new DayBook(this.work, options.dayAt);
    this.fold = new Fold(rows, this.ledger, this.work, this.dayBook);
    this.exposition = new Exposition(this.ledger);
    this.upkeep = new Upkeep({ ...this, onReaped: events.onReaped }, options);
    this.fold.onFolded = () => this.upkeep.makeRoom();
  }

  /**
   * From now on increments are live: a series shows what it shows now until scrapers have seen that.
   * What was counted before is history, and no scraper is made to believe it happened today.
   */
  goLive(): void {
    this.ledger.freeze(this.scrapers.sequence);
    this.work.live = true;
  }

  #exemplar(value: number): Exemplar | null {
    const { record, eventAtSeconds: atSeconds } = this.work;
    const labels = record === null ? null : exemplarLabels(record);
    return labels === null ? null : { labels, value, atSeconds };
  }

  /** From now on; nothing that is shown goes. */
  setBudgets(budgets: Budgets): void {
    this.ledger.setMaxSeries(budgets.maxSeries);
    for (const family of this.ledger.families()) {
      const maxOpenValues = maxOpenValuesOf(family.row, budgets);
      if (maxOpenValues !== null) family.setMaxOpenValues(maxOpenValues);
    }
  }

  /** To be called right before the exposition is rendered. Returns the rendering's number. */
  beginRendering(): number {
    const rendering = this.scrapers.begin();
    this.ledger.sequence = rendering;
    this.work.sequence = rendering;
    return rendering;
  }

  /**
   * To be called for each answer.
   * @param scraper what tells one Prometheus from another; `null` for anyone else.
   * @param rendering number of what it is shown, which others may be shown as well.
   */
  noteScrape(scraper: string | null, nowMs: number, rendering: number): void {
    if (scraper === null) this.scrapers.sawAnonymous(rendering);
    else this.scrapers.saw(scraper, nowMs, rendering);
  }

  /** Number to pass to `capture`, and to `ledger.thaw` once that is on disk. */
  thawable(nowMs: number): number {
    return this.scrapers.seenOnceSince(nowMs);
  }

  /** Nothing may be folded meanwhile; scrapes may be answered. */
  *capture(thawBelow: number): Capture<MetricsState> {
    // First, so that it knows of no scrape that comes meanwhile.
    const scrapers = this.scrapers.saveState();
    const dayBook = this.dayBook.saveState();
    const ledger = yield* this.ledger.capture(thawBelow);
    const work = yield* this.work.capture();
    return { ledger, work, scrapers, dayBook };
  }

  /** All of `capture` at once. */
  saveState(thawBelow: number): MetricsState {
    return captured(this.capture(thawBelow));
  }

  /** Goes on where a snapshot ended: live from the first line, so that what was written meanwhile is shown as an increase. */
  loadState(state: MetricsState, nowMs: number): void {
    this.ledger.loadState(state.ledger);
    this.work.loadState(state.work);
    this.scrapers.loadState(state.scrapers, nowMs);
    this.dayBook.loadState(state.dayBook);
    this.ledger.sequence = this.scrapers.sequence;
    this.work.live = true;
  }
}

/** Budgets of open label sets and buckets are options; so is the folding of MCP tool names. */
function configureRow(tableRow: MetricRow, options: MetricsOptions): MetricRow {
  const buckets = options.buckets[tableRow.name];
  const row = buckets === undefined ? tableRow : { ...tableRow, buckets };
  const maxOpenValues = maxOpenValuesOf(row, options) ?? row.maxOpenValues;
  if (row.name !== "prodigy_claude_tool_invocations_total" || !options.foldMcpTools) return { ...row, maxOpenValues };
  return {
    ...row,
    maxOpenValues,
    from: { claude_tool_invoked: (event, _facts, emit) => emit(1, foldMcpTool(event.toolName)) },
  };
}

/** `null`: no budget that can be configured. */
function maxOpenValuesOf({ labels }: MetricRow, budgets: Budgets): number | null {
  const byLabel: Readonly<Record<string, number>> = {
    workflow_name: budgets.maxWorkflowNames,
    tool_name: budgets.maxToolNames,
    model: budgets.maxModels,
  };
  return labels.map(({ name }) => byLabel[name]).find((budget) => budget !== undefined) ?? null;
}
