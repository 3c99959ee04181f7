import type { MetricRow } from "../metrics/metric.ts";
import type { TimedAmount, TimedSeries } from "./window_samples.ts";

export type ExtraLabels = readonly (readonly [name: string, value: string])[];

/**
 * Renders samples with their times as OpenMetrics. Not through prom-client, which knows no times; names, labels and
 * bounds are written as it writes them, so that these series and the scraped ones are the same.
 *
 * @param extra labels Prometheus adds when it scrapes, `job` and `instance`.
 */
export function* renderOpenMetrics(
  families: Iterable<readonly [MetricRow, readonly TimedSeries[]]>,
  extra: ExtraLabels,
): Generator<string> {
  for (const [row, series] of families) {
    const family = row.kind === "counter" ? row.name.replace(/_total$/, "") : row.name;
    yield `# HELP ${family} ${escape(row.help)}\n# TYPE ${family} ${row.kind}\n`;
    for (const one of series) yield* renderSeries(row, one, extra);
  }
  yield "# EOF\n";
}

function* renderSeries(row: MetricRow, { labels, samples }: TimedSeries, extra: ExtraLabels): Generator<string> {
  const named = row.labels.map(({ name }, index) => [name, labels[index] ?? ""] as const);
  const all = [...named, ...extra];
  if (row.kind !== "histogram") {
    yield renderPoints(`${row.name}${labelText(all)}`, samples, ({ value }) => value);
    return;
  }
  for (const [index, bound] of [...row.buckets ?? [], Infinity].entries()) {
    const le = bound === Infinity ? "+Inf" : String(bound);
    yield renderPoints(
      `${row.name}_bucket${labelText([["le", le], ...all])}`,
      samples,
      (sample) => observations(sample, index),
    );
  }
  yield renderPoints(`${row.name}_sum${labelText(all)}`, samples, ({ value }) => value);
  yield renderPoints(`${row.name}_count${labelText(all)}`, samples, (sample) => observations(sample, Infinity));
}

function renderPoints(
  name: string,
  samples: readonly TimedAmount[],
  valueOf: (sample: TimedAmount) => number,
): string {
  return samples.map((sample) => `${name} ${valueOf(sample)} ${Number(sample.atSeconds.toFixed(3))}\n`).join("");
}

/** Observations in the buckets up to this one. */
function observations({ counts }: TimedAmount, lastIndex: number): number {
  return counts?.reduce((sum, count, index) => index <= lastIndex ? sum + count : sum, 0) ?? 0;
}

function labelText(labels: ExtraLabels): string {
  return labels.length === 0 ? "" : `{${labels.map(([name, value]) => `${name}="${escape(value)}"`).join(",")}}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
