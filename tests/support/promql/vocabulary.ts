import type { MetricRow } from "../../../lib/metrics/metric.ts";
import { COUNT, FLAG, multiply, type Unit, unitOfName } from "./unit.ts";

/** One name that a query can ask for. */
export interface SeriesFacts {
  readonly kind: "counter" | "gauge";
  /** Each label with the values it can have; `null`: any. */
  readonly labels: ReadonlyMap<string, readonly string[] | null>;
  readonly unit: Unit;
  /** Unit of what a histogram observed, for its buckets. */
  readonly observed?: Unit;
}

export type Vocabulary = ReadonlyMap<string, SeriesFacts>;

/** Prometheus puts these on everything it scrapes. */
const TARGET_LABELS: readonly (readonly [string, null])[] = [["job", null], ["instance", null]];

/** All names the exporter serves, and `up`. Recording rules are added by whoever has analysed them. */
export function createVocabulary(rows: readonly MetricRow[]): Map<string, SeriesFacts> {
  const vocabulary = new Map<string, SeriesFacts>([
    ["up", { kind: "gauge", labels: new Map(TARGET_LABELS), unit: FLAG }],
  ]);
  for (const { name, kind, labels: own } of rows) {
    const labels = new Map<string, readonly string[] | null>([
      ...TARGET_LABELS,
      ...own.map((label) => [label.name, label.values ?? null] as const),
    ]);
    if (kind !== "histogram") {
      vocabulary.set(name, { kind, labels, unit: unitOfName(name) });
      continue;
    }
    const observed = unitOfName(name);
    // So many observations of so many seconds: divided by their number it is seconds again.
    vocabulary.set(`${name}_sum`, { kind: "counter", labels, unit: multiply(observed, COUNT, 1) });
    vocabulary.set(`${name}_count`, { kind: "counter", labels, unit: unitOfName(`${name}_count`) });
    vocabulary.set(`${name}_bucket`, {
      kind: "counter",
      // How a bound is written depends on the format of the scrape ("60", "60.0"), so only +Inf can be named.
      labels: new Map([...labels, ["le", ["+Inf"]]]),
      unit: unitOfName(`${name}_bucket`),
      observed,
    });
  }
  return vocabulary;
}
