import type { Amount } from "../metrics/series.ts";
import type { MetricRow } from "../metrics/metric.ts";
import { windowOf } from "./grid.ts";

/** What a series counted at a time. A histogram's `counts` are per bucket. */
export interface TimedAmount {
  readonly atSeconds: number;
  readonly value: number;
  readonly counts: Float64Array | null;
}

export interface TimedSeries {
  readonly labels: readonly string[];
  readonly samples: readonly TimedAmount[];
}

interface GrowingSeries extends TimedSeries {
  readonly samples: TimedAmount[];
}
interface Family {
  readonly row: MetricRow;
  readonly series: Map<string, GrowingSeries>;
}

/** Samples by window, metric and series: held until their window is written, then let go. */
export class WindowSamples {
  readonly #windows = new Map<number, Map<string, Family>>();

  /** To be called in order of time for each series. */
  add(row: MetricRow, labels: readonly string[], atSeconds: number, amount: Amount): void {
    const index = windowOf(atSeconds);
    const families = this.#windows.get(index) ?? new Map<string, Family>();
    this.#windows.set(index, families);
    const family = families.get(row.name) ?? { row, series: new Map<string, GrowingSeries>() };
    families.set(row.name, family);
    const key = labels.join("\0");
    const series = family.series.get(key) ?? { labels, samples: [] };
    family.series.set(key, series);
    series.samples.push({ atSeconds, value: amount.value, counts: amount.counts });
  }

  /** Takes the windows before this one out, in order: nothing comes into them any more. */
  *takeBefore(
    index: number,
  ): Generator<
    { readonly index: number; readonly families: readonly (readonly [MetricRow, readonly TimedSeries[]])[] }
  > {
    for (const taken of [...this.#windows.keys()].filter((one) => one < index).sort((a, b) => a - b)) {
      const families = [...this.#windows.get(taken)?.values() ?? []].sort((a, b) => a.row.name < b.row.name ? -1 : 1);
      this.#windows.delete(taken);
      yield { index: taken, families: families.map(({ row, series }) => [row, [...series.values()]] as const) };
    }
  }
}
