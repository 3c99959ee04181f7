import { type Cell, Cells } from "./cells.ts";
import type { Exemplar } from "./exemplar.ts";
import { cleanLabelValue, OTHER } from "./label_values.ts";
import { NameFilter } from "./name_filter.ts";
import type { Emit, MetricRow } from "./metric.ts";
import {
  type Amount,
  amountOf,
  assignAmount,
  copyAmount,
  type Part,
  type Series,
  type SeriesState,
  seriesState,
} from "./series.ts";
import { SortedSeries } from "./sorted_series.ts";

/** The total budget and the limit counter, which a family shares with the whole ledger. */
export interface FamilyDeps {
  /** Takes room for so many series, or refuses. */
  readonly reserve: (series: number) => boolean;
  readonly release: (series: number) => void;
  readonly onLimit: (openValues: readonly string[]) => void;
  /** What an observation of this value leads to; `null`: buckets have no exemplars. */
  readonly exemplar: ((value: number) => Exemplar | null) | null;
}

interface Remembered {
  readonly raw: readonly string[];
  readonly cell: Cell;
}

export type FamilyState = readonly SeriesState[];

/** Raw values remembered beyond the series themselves, so that a folded value is found as fast as a shown one. */
const MAX_FOLDED_CELLS = 1024;

/** All series of one metric. */
export class Family {
  readonly row: MetricRow;
  /** Changes whenever anything a scrape shows may have changed; what is rendered can be kept until then. */
  generation = 0;
  /** Number of the last scrape; a series born now is frozen as of it. `null`: not live, nothing is frozen. */
  sequence: number | null = null;
  /** The row's samples arrive here. */
  readonly emit: Emit;

  readonly #deps: FamilyDeps;
  #maxOpenValues: number;
  readonly #series = new Map<string, Series>();
  readonly #sorted = new SortedSeries();
  readonly #frozen = new Set<Series>();
  readonly #buckets: readonly number[];
  /** Places of the open labels. */
  readonly #open: readonly number[];
  /** Combinations of open values that have series of their own. */
  readonly #openKeys = new Set<string>();
  /** Time series in Prometheus's sense that one combination of open values may bring. */
  readonly #siblingSeries: number;
  readonly #cells = new Cells();
  /**
   * The cell of a shared gauge that was remembered last. It goes to the others when the next one comes, unless it has no
   * part of the sum any more: in a flood of workflow names that is true of most.
   */
  #newest: Remembered | null = null;
  #foldedCells = 0;
  /** Values of the only open label that there is a cell or a series for, while new ones come in a flood. */
  #known: NameFilter | null = null;

  constructor(row: MetricRow, deps: FamilyDeps) {
    this.row = row;
    this.#deps = deps;
    this.#maxOpenValues = row.maxOpenValues;
    this.#buckets = row.buckets ?? [];
    this.#open = row.labels.flatMap((label, index) => label.values === undefined ? [index] : []);
    this.emit = this.#createEmit();
    this.#siblingSeries = row.labels.reduce((product, label) => product * (label.values?.length ?? 1), this.#weight);
    if (this.#open.length === 0 && row.kind !== "gauge") this.#createSiblings(this.#labelsOf(""));
  }

  /** Time series in Prometheus's sense: a histogram is one per bucket, +Inf, sum and count. */
  get size(): number {
    return this.#series.size * this.#weight;
  }

  get hasFrozen(): boolean {
    return this.#frozen.size > 0;
  }

  /** In a total order of label values; the same array until a series comes or goes. */
  series(): readonly Series[] {
    return this.#sorted.all();
  }

  /** Makes the only open label's value known: its series start at 0. Past the budget nothing happens, and nothing folds. */
  announce(openValue: string): void {
    if (this.#isFull || this.#openKeys.has(openValue)) return;
    this.#find(this.#labelsOf(openValue));
  }

  remove(label: string, value: string): void {
    const index = this.row.labels.findIndex((one) => one.name === label);
    if (index === -1) return;
    this.#keepNewest();
    for (const cell of this.#cells.deleteAll(index, value)) this.#takeBack(cell);
    const openKeys = new Set<string>();
    for (const [key, series] of this.#series) {
      if (series.labels[index] !== value) continue;
      this.#series.delete(key);
      this.#frozen.delete(series);
      series.isRemoved = true;
      this.#sorted.remove(series);
      openKeys.add(this.#openKey(series.labels));
    }
    if (openKeys.size === 0) return;
    this.#known = null;
    for (const key of openKeys) {
      if (this.#openKeys.delete(key)) this.#deps.release(this.#siblingSeries);
    }
    this.generation++;
  }

  /** From now on; what is shown stays. Values that were folded are judged anew, but for gauges, which cannot be parted. */
  setMaxOpenValues(maxOpenValues: number): void {
    this.#maxOpenValues = maxOpenValues;
    this.#known = null;
    this.forgetFolded();
  }

  forgetFolded(): void {
    if (this.row.kind === "gauge" || this.#foldedCells === 0) return;
    // Only a cache of the way to the series.
    this.#cells.clear();
    this.#foldedCells = 0;
  }

  freeze(sequence: number): void {
    this.sequence = sequence;
    for (const series of this.#series.values()) {
      if (series.frozen === null) this.#freezeSeries(series, copyAmount(series.amount), sequence);
    }
  }

  thaw(sequence: number): void {
    for (const series of this.#frozen) {
      if (series.frozen === null || series.frozen.sequence >= sequence) continue;
      series.frozen = null;
      this.#frozen.delete(series);
      this.generation++;
    }
  }

  hasThawable(sequence: number): boolean {
    if (this.#frozen.size === 0) return false;
    for (const { frozen } of this.#frozen) {
      if (frozen !== null && frozen.sequence < sequence) return true;
    }
    return false;
  }

  isFrozen(label: string, value: string): boolean {
    if (this.#frozen.size === 0) return false;
    const index = this.row.labels.findIndex((one) => one.name === label);
    if (index === -1) return false;
    for (const series of this.#frozen) {
      if (series.labels[index] === value) return true;
    }
    return false;
  }

  saveState(thawBelow: number): FamilyState {
    const parts = this.#parts();
    return Array.from(this.#series.values(), (series) => {
      const state = seriesState(series, thawBelow);
      const own = parts.get(series);
      return own === undefined ? state : { ...state, parts: own };
    });
  }

  loadState(state: FamilyState): void {
    for (const { labels, frozen, parts = [], ...amount } of state) {
      if (labels.length !== this.row.labels.length) continue;
      // Buckets are configurable: a histogram with other bounds cannot be continued.
      if ((amount.counts?.length ?? 0) !== (this.row.kind === "histogram" ? this.#buckets.length + 1 : 0)) continue;
      const series = this.#find(labels);
      if (series === null) continue;
      assignAmount(series.amount, amount);
      this.generation++;
      if (frozen !== undefined) this.#freezeSeries(series, amountOf(frozen), 0);
      for (const [raw, lastSet] of parts) {
        this.#setCell(raw, { series, isShared: true, isFolded: !this.#isOther(raw), lastSet });
      }
    }
  }

  /** Of shared gauges: without them what is set next would be added to what was set before. */
  #parts(): ReadonlyMap<Series, readonly Part[]> {
    const parts = new Map<Series, Part[]>();
    if (this.row.kind !== "gauge") return parts;
    this.#keepNewest();
    for (const [raw, { series, isShared, lastSet }] of this.#cells.all()) {
      if (!isShared || lastSet === 0) continue;
      const own = parts.get(series) ?? [];
      own.push([raw, lastSet]);
      parts.set(series, own);
    }
    return parts;
  }

  get #weight(): number {
    return this.row.kind === "histogram" ? this.#buckets.length + 3 : 1;
  }

  #createEmit(): Emit {
    // NaN or an infinite value would poison a counter for ever; negative increments would break increase().
    switch (this.row.kind) {
      case "counter":
        return (value, a, b, c, d) => {
          if (value > 0 && value < Infinity) this.#add(this.#cell(a, b, c, d), value);
          // Nothing is added, but from now on it is shown.
          else if (value === 0) this.#cell(a, b, c, d);
        };
      case "histogram":
        return (value, a, b, c, d) => {
          if (value >= 0 && value < Infinity) this.#observe(this.#cell(a, b, c, d), value);
        };
      case "gauge":
        return (value, a, b, c, d) => {
          if (!Number.isFinite(value)) return;
          const cell = this.#cell(a, b, c, d);
          this.#set(cell, value);
          // What is 0 has no part of a sum any more.
          if (value !== 0 || !cell.isFolded) return;
          // When it is set again it is judged anew: there may be room by then.
          if (cell === this.#newest?.cell) this.#newest = null;
          else this.#cells.delete(rawLabels(a, b, c, d));
        };
    }
  }

  #cell(a: string | undefined, b: string | undefined, c: string | undefined, d: string | undefined): Cell {
    if (this.#newest !== null && isRaw(this.#newest.raw, a, b, c, d)) return this.#newest.cell;
    if (this.#known === null || this.#known.mayHold(this.#openValue(a, b, c, d))) {
      const cell = this.#cells.find(a, b, c, d);
      if (cell !== undefined && !cell.series.isRemoved) return cell;
    }
    return this.#foldInFlood(a, b, c, d) ?? this.#admit(a, b, c, d);
  }

  /**
   * What `#admit` would come to, at a small part of its cost, once a budget is spent and new values come all the time: of
   * one open label, when "other" has been there before. `null`: something is different.
   */
  #foldInFlood(
    a: string | undefined,
    b: string | undefined,
    c: string | undefined,
    d: string | undefined,
  ): Cell | null {
    const isGauge = this.row.kind === "gauge";
    if (this.#open.length !== 1 || !this.#isFull) return null;
    if (!isGauge && this.#foldedCells < MAX_FOLDED_CELLS) return null;
    const value = cleanLabelValue(this.#openValue(a, b, c, d));
    this.#known ??= this.#createKnown();
    if (value === OTHER || (this.#known.mayHold(value) && this.#openKeys.has(value))) return null;
    const [open] = this.#open;
    const other = this.#cells.find(
      open === 0 ? OTHER : a,
      open === 1 ? OTHER : b,
      open === 2 ? OTHER : c,
      open === 3 ? OTHER : d,
    );
    if (other === undefined || other.series.isRemoved) return null;
    this.#deps.onLimit([value]);
    return isGauge ? this.#rememberPart(rawLabels(a, b, c, d), other) : other;
  }

  /** Of the only open label. */
  #openValue(a: string | undefined, b: string | undefined, c: string | undefined, d: string | undefined): string {
    const [open] = this.#open;
    return (open === 0 ? a : open === 1 ? b : open === 2 ? c : d) ?? "";
  }

  #createKnown(): NameFilter {
    const values = new Set(this.#openKeys);
    for (const [[a, b, c, d]] of this.#cells.all()) values.add(this.#openValue(a, b, c, d));
    const known = new NameFilter(values.size * 2);
    for (const value of values) known.add(value);
    return known;
  }

  #add(cell: Cell, value: number): void {
    cell.series.amount.value += value;
    this.generation++;
  }

  #set(cell: Cell, value: number): void {
    const { series } = cell;
    // A shared gauge is the sum of what its parts were last set to: they must not overwrite each other.
    const next = cell.isShared ? series.amount.value + value - cell.lastSet : value;
    cell.lastSet = value;
    if (next === series.amount.value) return;
    series.amount.value = next;
    this.generation++;
  }

  #observe({ series }: Cell, value: number): void {
    const { amount } = series;
    const counts = amount.counts;
    if (counts === null) return;
    amount.value += value;
    const buckets = this.#buckets;
    let index = 0;
    while (index < buckets.length && value > (buckets[index] ?? Infinity)) index++;
    counts[index] = (counts[index] ?? 0) + 1;
    const exemplar = this.#deps.exemplar?.(value) ?? null;
    if (exemplar !== null) (series.exemplars ??= [])[index] = exemplar;
    this.generation++;
  }

  /** First sight of a raw combination: cleaned, checked against closed sets and budgets, remembered. */
  #admit(a: string | undefined, b: string | undefined, c: string | undefined, d: string | undefined): Cell {
    const raw = rawLabels(a, b, c, d);
    if (raw.length !== this.row.labels.length) {
      throw new TypeError(`Cannot emit ${this.row.name} as it has ${this.row.labels.length} labels: got ${raw.length}`);
    }
    const labels = raw.map((value, index) => this.#labelValue(value, index));
    const series = this.#find(labels);
    if (series === null) return this.#fold(raw, labels);
    const cell: Cell = { series, isShared: this.#isOther(labels), isFolded: false, lastSet: 0 };
    this.#setCell(raw, cell);
    return cell;
  }

  #fold(raw: readonly string[], labels: readonly string[]): Cell {
    this.#deps.onLimit(this.#open.map((index) => labels[index] ?? ""));
    const [a, b, c, d] = raw.map((value, index) => this.#open.includes(index) ? OTHER : value);
    const other = this.#cells.find(a, b, c, d) ?? this.#admit(a, b, c, d);
    if (this.row.kind === "gauge") return this.#rememberPart(raw, other);
    // Of others it is only a cache, and of no use in a flood.
    if (this.#foldedCells < MAX_FOLDED_CELLS) {
      this.#foldedCells++;
      this.#setCell(raw, other);
    }
    return other;
  }

  /** Of a shared gauge: it must be known as long as it has a part of the sum. */
  #rememberPart(raw: readonly string[], { series, isShared }: Cell): Cell {
    this.#keepNewest();
    const cell: Cell = { series, isShared, isFolded: true, lastSet: 0 };
    this.#newest = { raw, cell };
    return cell;
  }

  #setCell(raw: readonly string[], cell: Cell): void {
    this.#cells.set(raw, cell);
    if (this.#known === null) return;
    const [a, b, c, d] = raw;
    if (this.#known.isFull) this.#known = null;
    else this.#known.add(this.#openValue(a, b, c, d));
  }

  #keepNewest(): void {
    if (this.#newest === null) return;
    this.#setCell(this.#newest.raw, this.#newest.cell);
    this.#newest = null;
  }

  #labelValue(raw: string, index: number): string {
    const values = this.row.labels[index]?.values;
    if (values === undefined) return cleanLabelValue(raw);
    return values.includes(raw) ? raw : OTHER;
  }

  /** The series with these labels, made with its siblings when there is room for its open values; `null` when not. */
  #find(labels: readonly string[]): Series | null {
    if (this.#open.length > 0 && !this.#isOther(labels)) {
      const key = this.#openKey(labels);
      if (!this.#openKeys.has(key)) {
        if (!this.#hasRoom()) return null;
        this.#openKeys.add(key);
        this.#known = null;
      }
    }
    return this.#series.get(labels.join("\0")) ?? this.#createSiblings(labels);
  }

  #hasRoom(): boolean {
    return !this.#isFull && this.#deps.reserve(this.#siblingSeries);
  }

  get #isFull(): boolean {
    return this.#openKeys.size >= this.#maxOpenValues;
  }

  /** Starts every combination of the closed sets with these open values at 0. @returns the series with these labels. */
  #createSiblings(labels: readonly string[]): Series {
    // A gauge is not initialised: 0 would be a claim about something nobody told us.
    const combinations = this.row.kind === "gauge" ? [] : this.#siblings(labels);
    for (const combination of combinations) {
      if (!this.#series.has(combination.join("\0"))) this.#create(combination);
    }
    return this.#series.get(labels.join("\0")) ?? this.#create(labels);
  }

  #siblings(labels: readonly string[]): readonly (readonly string[])[] {
    let combinations: readonly (readonly string[])[] = [[]];
    for (const [index, { values }] of this.row.labels.entries()) {
      // "other" of a closed set appears when it first happens: it is no value of its own.
      const shown = values?.filter((value) => value !== OTHER) ?? [labels[index] ?? ""];
      combinations = combinations.flatMap((prefix) => shown.map((value) => [...prefix, value]));
    }
    return combinations;
  }

  #create(labels: readonly string[]): Series {
    const counts = this.row.kind === "histogram" ? new Float64Array(this.#buckets.length + 1) : null;
    const series: Series = {
      labels,
      amount: { value: 0, counts },
      frozen: null,
      exemplars: null,
      stems: { text: null, openmetrics: null },
      isRemoved: false,
    };
    this.#series.set(labels.join("\0"), series);
    this.#sorted.add(series);
    this.generation++;
    if (this.sequence !== null) this.#freezeSeries(series, copyAmount(series.amount), this.sequence);
    return series;
  }

  /** Gauges are never frozen: nobody takes an increase of them. */
  #freezeSeries(series: Series, amount: Amount, sequence: number): void {
    if (this.row.kind === "gauge") return;
    series.frozen = { amount, sequence };
    this.#frozen.add(series);
  }

  /** What is gone has no part in a shared gauge. */
  #takeBack({ series, isShared, lastSet }: Cell): void {
    if (!isShared || this.row.kind !== "gauge") return;
    series.amount.value -= lastSet;
    this.generation++;
  }

  /** Of the only open label's value, and whatever values of the closed ones. */
  #labelsOf(openValue: string): readonly string[] {
    return this.row.labels.map(({ values }) => values?.find((value) => value !== OTHER) ?? openValue);
  }

  #openKey(labels: readonly string[]): string {
    const [first = 0] = this.#open;
    return this.#open.length === 1 ? labels[first] ?? "" : this.#open.map((index) => labels[index]).join("\0");
  }

  #isOther(labels: readonly string[]): boolean {
    return this.#open.length > 0 && this.#open.every((index) => labels[index] === OTHER);
  }
}

function rawLabels(
  a: string | undefined,
  b: string | undefined,
  c: string | undefined,
  d: string | undefined,
): readonly string[] {
  if (d !== undefined) return [a ?? "", b ?? "", c ?? "", d];
  if (c !== undefined) return [a ?? "", b ?? "", c];
  if (b !== undefined) return [a ?? "", b];
  return a === undefined ? [] : [a];
}

function isRaw(
  raw: readonly string[],
  a: string | undefined,
  b: string | undefined,
  c: string | undefined,
  d: string | undefined,
): boolean {
  return raw[0] === a && raw[1] === b && raw[2] === c && raw[3] === d;
}
