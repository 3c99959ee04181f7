import type { Exemplar } from "./exemplar.ts";
import { cleanLabelValue, OTHER } from "./label_values.ts";
import type { Emit, MetricRow } from "./metric.ts";

/** What one series counts. A histogram's `counts` are per bucket (not cumulative), the last one is +Inf. */
export interface Amount {
  value: number;
  readonly counts: Float64Array | null;
}

export interface Series {
  readonly labels: readonly string[];
  readonly amount: Amount;
  /** What scrapers are still shown, and since which scrape; `null` once the true amount may be shown. */
  frozen: { readonly amount: Amount; readonly sequence: number } | null;
  /** The last event of each bucket, as far as there is one; `null` while there is none. */
  exemplars: (Exemplar | undefined)[] | null;
}

/** The total budget and the limit counter, which a family shares with the whole ledger. */
export interface FamilyDeps {
  /** Takes room for so many series, or refuses. */
  readonly reserve: (series: number) => boolean;
  readonly release: (series: number) => void;
  readonly onLimit: (openValues: readonly string[]) => void;
  /** What an observation of this value leads to; `null`: buckets have no exemplars. */
  readonly exemplar: ((value: number) => Exemplar | null) | null;
}

interface SeriesState {
  readonly labels: readonly string[];
  readonly value: number;
  readonly counts?: readonly number[];
  readonly frozen?: { readonly value: number; readonly counts?: readonly number[] };
}
export type FamilyState = readonly SeriesState[];

/** Where a raw combination of label values leads. `lastSet` is this combination's share of a folded gauge. */
interface Cell {
  readonly series: Series;
  readonly folded: boolean;
  lastSet: number;
}
type Node = Map<string, Cell | Node>;

/** Raw values remembered beyond the series themselves, so that a folded value is found as fast as a shown one. */
const MAX_FOLDED_CELLS = 4096;

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
  readonly #frozen = new Set<Series>();
  readonly #buckets: readonly number[];
  readonly #closedOnly: boolean;
  /** Time series in Prometheus's sense that one combination of open values may bring. */
  readonly #siblingSeries: number;
  #cells: Node = new Map();
  #foldedCells = 0;
  #openCombinations = 0;
  #sorted: readonly Series[] | null = null;

  constructor(row: MetricRow, deps: FamilyDeps) {
    this.row = row;
    this.#deps = deps;
    this.#maxOpenValues = row.maxOpenValues;
    this.#buckets = row.buckets ?? [];
    this.#closedOnly = row.labels.every((label) => label.values !== undefined);
    this.emit = this.#createEmit();
    this.#siblingSeries = row.labels.reduce((product, label) => product * (label.values?.length ?? 1), this.#weight);
    if (this.#closedOnly && row.kind !== "gauge") this.#admitSiblings([]);
  }

  /** Time series in Prometheus's sense: a histogram is one per bucket, +Inf, sum and count. */
  get size(): number {
    return this.#series.size * this.#weight;
  }

  get hasFrozen(): boolean {
    return this.#frozen.size > 0;
  }

  /** In a total order of label values, which only changes when a series comes or goes. */
  series(): readonly Series[] {
    return this.#sorted ??= [...this.#series.values()].sort((a, b) => compareLabels(a.labels, b.labels));
  }

  /** Makes the only open label's value known: its series start at 0. Refused past the budget; nothing is folded then. */
  announce(openValue: string): void {
    this.#find([openValue], true);
  }

  remove(label: string, value: string): void {
    const index = this.row.labels.findIndex((one) => one.name === label);
    if (index === -1) return;
    this.#forgetCells(index, value);
    let removed = 0;
    const combinations = new Set<string>();
    for (const [key, series] of this.#series) {
      if (series.labels[index] !== value) continue;
      this.#series.delete(key);
      this.#frozen.delete(series);
      combinations.add(this.#openKey(series.labels));
      removed++;
    }
    if (removed === 0) return;
    this.#openCombinations -= combinations.size;
    this.#deps.release(combinations.size * this.#siblingSeries);
    this.#sorted = null;
    this.generation++;
  }

  /** From now on; what is shown stays. Values that were folded are judged anew, but for gauges, which cannot be parted. */
  setMaxOpenValues(maxOpenValues: number): void {
    this.#maxOpenValues = maxOpenValues;
    this.forgetFolded();
  }

  forgetFolded(): void {
    if (this.row.kind === "gauge" || this.#foldedCells === 0) return;
    // Only a cache of the way to the series.
    this.#cells = new Map();
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
    return Array.from(this.#series.values(), ({ labels, amount, frozen }) => ({
      labels,
      ...amountState(amount),
      ...(frozen === null || frozen.sequence < thawBelow ? {} : { frozen: amountState(frozen.amount) }),
    }));
  }

  loadState(state: FamilyState): void {
    for (const { labels, value, counts, frozen } of state) {
      if (labels.length !== this.row.labels.length) continue;
      // Buckets are configurable: a histogram with other bounds cannot be continued.
      if ((counts?.length ?? 0) !== (this.row.kind === "histogram" ? this.#buckets.length + 1 : 0)) continue;
      const { series, folded } = this.#find(labels.filter((_, index) => !this.#isClosed(index)), false, labels);
      if (folded) continue;
      assignAmount(series.amount, value, counts);
      if (frozen !== undefined) this.#freezeSeries(series, amountOf(frozen.value, frozen.counts), 0);
    }
    this.generation++;
  }

  get #weight(): number {
    return this.row.kind === "histogram" ? this.#buckets.length + 3 : 1;
  }

  #createEmit(): Emit {
    const { kind } = this.row;
    const write = kind === "counter" ? this.#add : kind === "gauge" ? this.#set : this.#observe;
    return (value, a, b, c, d) => {
      // NaN or an infinite value would poison a counter for ever; negative increments would break increase().
      if (!Number.isFinite(value) || (kind !== "gauge" && value < 0)) return;
      write.call(this, this.#cell(a, b, c, d), value);
    };
  }

  #add(cell: Cell, value: number): void {
    if (value === 0) return;
    cell.series.amount.value += value;
    this.generation++;
  }

  #set(cell: Cell, value: number): void {
    // A folded gauge is the sum of what its combinations were last set to: they must not overwrite each other.
    const next = cell.folded ? cell.series.amount.value + value - cell.lastSet : value;
    cell.lastSet = value;
    if (next === cell.series.amount.value) return;
    cell.series.amount.value = next;
    this.generation++;
  }

  #observe(cell: Cell, value: number): void {
    const { series } = cell;
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

  /** The way of every sample: nested maps by raw value, since joining a key costs more than two look-ups. */
  #cell(a: string | undefined, b: string | undefined, c: string | undefined, d: string | undefined): Cell {
    let found: Cell | Node | undefined = this.#cells;
    if (a !== undefined) found = (found as Node).get(a);
    else found = (found as Node).get("");
    if (b !== undefined && found instanceof Map) found = found.get(b);
    if (c !== undefined && found instanceof Map) found = found.get(c);
    if (d !== undefined && found instanceof Map) found = found.get(d);
    if (found !== undefined && !(found instanceof Map)) return found;
    return this.#admit([a, b, c, d].filter((value) => value !== undefined));
  }

  /** First sight of a raw combination: cleaned, checked against closed sets and budgets, remembered. */
  #admit(raw: readonly string[]): Cell {
    if (raw.length !== this.row.labels.length) {
      throw new TypeError(`Cannot emit ${this.row.name} as it has ${this.row.labels.length} labels: got ${raw.length}`);
    }
    const labels = raw.map((value, index) => {
      const values = this.row.labels[index]?.values;
      if (values === undefined) return cleanLabelValue(value);
      return values.includes(value) ? value : OTHER;
    });
    const open = labels.filter((_, index) => !this.#isClosed(index));
    const found = this.#find(open, false, labels);
    const cell: Cell = { series: found.series, folded: found.folded, lastSet: 0 };
    // A folded gauge needs its cell for ever (its share); other folded cells are only a cache.
    if (found.folded && this.row.kind !== "gauge") {
      if (this.#foldedCells >= MAX_FOLDED_CELLS) return cell;
      this.#foldedCells++;
    }
    this.#remember(raw, cell);
    return cell;
  }

  /** The series for these open values, admitted with all their closed siblings, or the folded one. */
  #find(
    open: readonly string[],
    announcing: boolean,
    labels: readonly string[] | null = null,
  ): { readonly series: Series; readonly folded: boolean } {
    const probe = labels ??
      this.row.labels.map((label, index) => this.#isClosed(index) ? first(label.values) : open[0] ?? "");
    const known = this.#series.get(probe.join("\0"));
    if (known !== undefined) return { series: known, folded: false };
    const isOther = open.length > 0 && open.every((value) => value === OTHER);
    if (!isOther && open.length > 0) {
      if (this.#openCombinations >= this.#maxOpenValues || !this.#deps.reserve(this.#siblingSeries)) {
        this.#deps.onLimit(open);
        const folded = probe.map((value, index) => this.#isClosed(index) ? value : OTHER);
        return { series: this.#find(open.map(() => OTHER), announcing, folded).series, folded: true };
      }
      this.#openCombinations++;
    }
    this.#admitSiblings(open);
    const series = this.#series.get(probe.join("\0")) ?? this.#create(probe);
    return { series, folded: false };
  }

  /** Every combination of the closed sets with these open values starts at 0. */
  #admitSiblings(open: readonly string[]): void {
    let combinations: string[][] = [[]];
    let next = 0;
    for (const label of this.row.labels) {
      const values = label.values ?? [open[next++] ?? ""];
      // "other" of a closed set appears when it first happens: it is no value of its own.
      const shown = label.values === undefined ? values : values.filter((value) => value !== OTHER);
      combinations = combinations.flatMap((prefix) => shown.map((value) => [...prefix, value]));
    }
    // A gauge is not initialised: 0 would be a claim about something nobody told us.
    if (this.row.kind === "gauge") return;
    for (const labels of combinations) {
      if (!this.#series.has(labels.join("\0"))) this.#create(labels);
    }
  }

  #create(labels: readonly string[]): Series {
    const counts = this.row.kind === "histogram" ? new Float64Array(this.#buckets.length + 1) : null;
    const series: Series = { labels, amount: { value: 0, counts }, frozen: null, exemplars: null };
    this.#series.set(labels.join("\0"), series);
    if (this.sequence !== null) this.#freezeSeries(series, copyAmount(series.amount), this.sequence);
    this.#sorted = null;
    this.generation++;
    return series;
  }

  /** Gauges are never frozen: nobody takes an increase of them. */
  #freezeSeries(series: Series, amount: Amount, sequence: number): void {
    if (this.row.kind === "gauge") return;
    series.frozen = { amount, sequence };
    this.#frozen.add(series);
  }

  #remember(raw: readonly string[], cell: Cell): void {
    let node = this.#cells;
    const path = raw.length === 0 ? [""] : raw;
    for (const value of path.slice(0, -1)) {
      let next = node.get(value);
      if (!(next instanceof Map)) node.set(value, next = new Map());
      node = next;
    }
    node.set(path.at(-1) ?? "", cell);
  }

  /** Cells are by raw value: all that lead to the removed label value go, and take their share of a folded gauge along. */
  #forgetCells(index: number, value: string): void {
    const drop = (node: Node, depth: number): void => {
      for (const [raw, next] of node) {
        if (next instanceof Map) {
          drop(next, depth + 1);
          if (next.size === 0) node.delete(raw);
          continue;
        }
        const isIt = next.folded ? raw === value && depth === index : next.series.labels[index] === value;
        if (!isIt) continue;
        if (next.folded && this.row.kind === "gauge") {
          next.series.amount.value -= next.lastSet;
          this.generation++;
        }
        node.delete(raw);
      }
    };
    drop(this.#cells, 0);
  }

  #isClosed(index: number): boolean {
    return this.row.labels[index]?.values !== undefined;
  }

  #openKey(labels: readonly string[]): string {
    return labels.filter((_, index) => !this.#isClosed(index)).join("\0");
  }
}

function first(values: readonly string[] | undefined): string {
  return values?.find((value) => value !== OTHER) ?? OTHER;
}

function copyAmount(amount: Amount): Amount {
  return { value: amount.value, counts: amount.counts === null ? null : amount.counts.slice() };
}

function amountOf(value: number, counts: readonly number[] | undefined): Amount {
  return { value, counts: counts === undefined ? null : Float64Array.from(counts) };
}

function assignAmount(amount: Amount, value: number, counts: readonly number[] | undefined): void {
  amount.value = value;
  if (counts !== undefined) amount.counts?.set(counts);
}

function amountState(amount: Amount): { readonly value: number; readonly counts?: readonly number[] } {
  return amount.counts === null ? { value: amount.value } : { value: amount.value, counts: Array.from(amount.counts) };
}

/** By code units, label by label: the same order everywhere, whatever the locale. */
function compareLabels(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < a.length; index++) {
    const left = a[index] ?? "";
    const right = b[index] ?? "";
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
