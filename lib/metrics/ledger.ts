import type { Capture } from "./capture.ts";
import type { MetricRow } from "./metric.ts";
import { cleanLabelValue } from "./label_values.ts";
import { Family, type FamilyDeps, type FamilyState } from "./family.ts";

export interface LedgerOptions {
  readonly rows: readonly MetricRow[];
  /** Series over all metrics; past it every new combination folds into "other". Closed sets do not count. */
  readonly maxSeries: number;
  /** Told once per value that was folded away; must be cheap and never throw. */
  readonly onLimit: (metric: string, openValues: readonly string[]) => void;
  readonly exemplar: FamilyDeps["exemplar"];
}

export type LedgerState = Readonly<Record<string, FamilyState>>;

/**
 * All series of all metrics: the one place numbers live. Restorable, guarded against unbounded labels, and cheap
 * enough to be written for every line; prom-client only renders what is here.
 */
export class Ledger {
  readonly #families = new Map<string, Family>();
  /** Counters and histograms by the one open label they have. */
  readonly #byOnlyOpenLabel = new Map<string, Family[]>();
  readonly #onLimit: LedgerOptions["onLimit"];
  #openSeries = 0;
  #maxSeries: number;

  constructor(options: LedgerOptions) {
    this.#onLimit = options.onLimit;
    this.#maxSeries = options.maxSeries;
    const sorted = options.rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const row of sorted) {
      const family = new Family(row, {
        reserve: (series) => {
          if (this.#openSeries + series > this.#maxSeries) return false;
          this.#openSeries += series;
          return true;
        },
        release: (series) => {
          this.#openSeries -= series;
        },
        onLimit: (values) => options.onLimit(row.name, values),
        exemplar: options.exemplar,
      });
      this.#families.set(row.name, family);
      const open = row.labels.filter(({ values }) => values === undefined);
      const [label] = open;
      if (label === undefined || open.length > 1 || row.kind === "gauge") continue;
      this.#byOnlyOpenLabel.set(label.name, [...this.#byOnlyOpenLabel.get(label.name) ?? [], family]);
    }
  }

  /** @throws {TypeError} when no such metric is in the table: a typo in our own code. */
  family(name: string): Family {
    const family = this.#families.get(name);
    if (family === undefined) throw new TypeError(`Cannot find metric "${name}" as it is not in the metric table`);
    return family;
  }

  /** From now on; series that are there stay. */
  setMaxSeries(maxSeries: number): void {
    this.#maxSeries = maxSeries;
    for (const family of this.#families.values()) family.forgetFolded();
  }

  /** Tells of a value that was folded before it came here. */
  noteFolded(metric: string, value: string): void {
    this.#onLimit(metric, [value]);
  }

  /** In order of name. */
  families(): IterableIterator<Family> {
    return this.#families.values();
  }

  seriesCount(): number {
    let count = 0;
    for (const family of this.#families.values()) count += family.size;
    return count;
  }

  /** Series held by open label values, the ones `maxSeries` bounds. */
  get openSeriesCount(): number {
    return this.#openSeries;
  }

  /**
   * Makes a value of an open label known, so that every counter and histogram labelled by it (and else only by closed
   * sets) starts at 0: `increase()` never sees the first value of a series.
   */
  announce(label: string, value: string): void {
    const labelValue = cleanLabelValue(value);
    for (const family of this.#byOnlyOpenLabel.get(label) ?? []) family.announce(labelValue);
  }

  /** Removes every series whose `label` has this value, but for the metrics named in `except`. */
  remove(label: string, value: string, except: readonly string[] = []): void {
    for (const [name, family] of this.#families) {
      if (!except.includes(name)) family.remove(label, value);
    }
  }

  /**
   * From now on a series keeps showing what it shows now (a new one 0) to scrapers until `thaw` says they saw it.
   * @param sequence number of the last scrape answered.
   */
  freeze(sequence: number): void {
    for (const family of this.#families.values()) family.freeze(sequence);
  }

  /**
   * Shows the true value of all series frozen before scrape number `sequence`. Only after a snapshot saved with the same
   * number is on disk: else a crash would bring the older value back, and a counter would be seen to fall.
   */
  thaw(sequence: number): void {
    for (const family of this.#families.values()) family.thaw(sequence);
  }

  /** Whether `thaw(sequence)` would change what scrapers are shown. */
  hasThawable(sequence: number): boolean {
    for (const family of this.#families.values()) {
      if (family.hasThawable(sequence)) return true;
    }
    return false;
  }

  /** Scrape numbers for series born later; see `freeze`. */
  set sequence(sequence: number) {
    for (const family of this.#families.values()) family.sequence = sequence;
  }

  /** Whether a series with this label value still shows an older value to some scraper. */
  isFrozen(label: string, value: string): boolean {
    for (const family of this.#families.values()) {
      if (family.isFrozen(label, value)) return true;
    }
    return false;
  }

  /** @param thawBelow as if `thaw` had been called with it. */
  *capture(thawBelow: number): Capture<LedgerState> {
    const state: Record<string, FamilyState> = {};
    for (const [name, family] of this.#families) {
      state[name] = family.saveState(thawBelow);
      yield;
    }
    return state;
  }

  /** Metrics that are no longer in the table, and series whose labels changed, are left out. */
  loadState(state: LedgerState): void {
    for (const [name, familyState] of Object.entries(state)) this.#families.get(name)?.loadState(familyState);
  }
}
