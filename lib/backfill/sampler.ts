import type { Family } from "../metrics/family.ts";
import type { Amount, Series } from "../metrics/series.ts";
import type { Ledger } from "../metrics/ledger.ts";
import type { MetricRow } from "../metrics/metric.ts";
import type { FinalCounts } from "./final_counts.ts";
import type { WindowSamples } from "./window_samples.ts";

/** Whether a series is shown, by the `job_id` it has. */
export type JobsShown = (label: string, metric: string) => boolean;

/** What was last written of a series. */
interface Track {
  amount: Amount;
  atSeconds: number;
}

const OF_THE_EXPORTER = /^(prodigy_exporter|process)_/;

/** The exporter's own metrics have no past: it did not run. */
export function hasPast(row: MetricRow): boolean {
  return !OF_THE_EXPORTER.test(row.name);
}

/**
 * Decides which samples are written. A change is written at its step, with the value before it one step earlier: so
 * graphs show a step where it happened, and `increase()` sees a series' first increment. Else a series is repeated.
 */
export class Sampler {
  readonly #samples: WindowSamples;
  readonly #stepSeconds: number;
  readonly #final: FinalCounts;
  readonly #tracks = new Map<string, Track>();
  readonly #generations = new Map<Family, number>();
  #isFirst = true;

  /** @param final the counts a running exporter has at the end; no counter is written above them. */
  constructor(samples: WindowSamples, stepSeconds: number, final: FinalCounts) {
    this.#samples = samples;
    this.#stepSeconds = stepSeconds;
    this.#final = final;
  }

  /** Writes what `ledger` counts at a step. @param repeats also what did not change. */
  sample(ledger: Ledger, atSeconds: number, repeats: boolean, jobsShown: JobsShown): void {
    for (const family of ledger.families()) {
      if (!hasPast(family.row)) continue;
      if (!repeats && this.#generations.get(family) === family.generation) continue;
      this.#generations.set(family, family.generation);
      for (const { labels, amount } of this.#shownSeries(family, jobsShown)) {
        this.#write(family.row, labels, atSeconds, this.#final.atMost(family, labels, amount), repeats);
      }
    }
    this.#isFirst = false;
  }

  /** Writes the final counts as the last samples. */
  finish(atSeconds: number, jobsShown: JobsShown): void {
    for (const family of this.#final.ledger.families()) {
      if (!hasPast(family.row)) continue;
      for (const { labels, amount } of this.#shownSeries(family, jobsShown)) {
        this.#write(family.row, labels, atSeconds, amount, true);
      }
    }
  }

  #shownSeries(family: Family, jobsShown: JobsShown): readonly Series[] {
    const { row } = family;
    const jobIndex = row.labels.findIndex(({ name }) => name === "job_id");
    return family.series().filter(({ labels }) =>
      this.#final.tells(family, labels) && (jobIndex === -1 || jobsShown(labels[jobIndex] ?? "", row.name))
    );
  }

  #write(row: MetricRow, labels: readonly string[], atSeconds: number, amount: Amount, repeats: boolean): void {
    const key = `${row.name}\0${labels.join("\0")}`;
    const track = this.#tracks.get(key);
    if (track !== undefined && isSame(track.amount, amount)) {
      if (!repeats) return;
      track.atSeconds = atSeconds;
      this.#samples.add(row, labels, atSeconds, track.amount);
      return;
    }
    const beforeSeconds = atSeconds - this.#stepSeconds;
    const before = track?.amount ?? (row.kind === "gauge" || this.#isFirst ? null : zeroOf(amount));
    if (before !== null && (track === undefined || track.atSeconds < beforeSeconds)) {
      this.#samples.add(row, labels, beforeSeconds, before);
    }
    const copy = copyOf(amount);
    this.#samples.add(row, labels, atSeconds, copy);
    this.#tracks.set(key, { amount: copy, atSeconds });
  }
}

function isSame(a: Amount, b: Amount): boolean {
  if (a.value !== b.value) return false;
  return a.counts === null || a.counts.every((count, index) => count === b.counts?.[index]);
}

function copyOf(amount: Amount): Amount {
  return { value: amount.value, counts: amount.counts?.slice() ?? null };
}

function zeroOf({ counts }: Amount): Amount {
  return { value: 0, counts: counts === null ? null : new Float64Array(counts.length) };
}
