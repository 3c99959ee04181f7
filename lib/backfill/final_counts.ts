import type { Family } from "../metrics/family.ts";
import type { Amount } from "../metrics/series.ts";
import type { Ledger } from "../metrics/ledger.ts";

interface Finals {
  readonly amounts: ReadonlyMap<string, Amount>;
  readonly isZero: boolean;
}

/** What a starting exporter counts: the end that the past must lead to. */
export class FinalCounts {
  readonly ledger: Ledger;
  readonly #families = new Map<string, Finals>();

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  /**
   * Whether a series' past tells anything: not that of a metric, or a single histogram, that never counted. Most are
   * of that kind, and the running exporter shows them at 0 anyway. But a 0 beside other counts is a fact.
   */
  tells({ row }: Family, labels: readonly string[]): boolean {
    // Of finished jobs the end holds nothing.
    if (row.kind === "gauge" || row.labels.some(({ name }) => name === "job_id")) return true;
    const { isZero, amounts } = this.#of(row.name);
    if (row.kind === "counter") return !isZero;
    const amount = amounts.get(labels.join("\0"));
    return amount === undefined || !isZeroAmount(amount);
  }

  /**
   * Sums of fractions depend on the order of adding, which is another one in order of time: a last digit more than the
   * running exporter has would look like a counter that was reset.
   */
  atMost({ row }: Family, labels: readonly string[], amount: Amount): Amount {
    const limit = row.kind === "gauge" ? undefined : this.#of(row.name).amounts.get(labels.join("\0"));
    if (limit === undefined) return amount;
    const { value, counts: limits } = limit;
    const counts = limits === null ? null : amount.counts?.map((count, index) => Math.min(count, limits[index] ?? 0));
    return { value: Math.min(amount.value, value), counts: counts ?? null };
  }

  #of(name: string): Finals {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const amounts = new Map(this.ledger.family(name).series().map(({ labels, amount }) => [labels.join("\0"), amount]));
    const finals = { amounts, isZero: [...amounts.values()].every(isZeroAmount) };
    this.#families.set(name, finals);
    return finals;
  }
}

function isZeroAmount({ value, counts }: Amount): boolean {
  return value === 0 && (counts === null || counts.every((count) => count === 0));
}
