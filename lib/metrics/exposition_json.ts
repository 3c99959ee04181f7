import type { Family } from "./family.ts";
import type { Series } from "./series.ts";
import type { Ledger } from "./ledger.ts";
import type { MetricKind } from "./metric.ts";

/** One series: `value` of a counter or gauge; `count`, `sum` and cumulative `buckets` of a histogram. */
export interface JsonSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly count?: number;
  readonly sum?: number;
  /** Observations at or below `le`, which is written as in the text format. */
  readonly buckets?: readonly { readonly le: string; readonly count: number }[];
}

export interface JsonFamily {
  readonly name: string;
  readonly type: MetricKind;
  readonly help: string;
  readonly samples: readonly JsonSample[];
}

export interface JsonExposition {
  readonly families: readonly JsonFamily[];
}

/** What `/metrics/json` and `once --format json` answer: families in order of name, true amounts. A stable shape. */
export function expositionJson(ledger: Ledger): JsonExposition {
  const families = [...ledger.families()].filter((family) => family.size > 0).map((family) => ({
    name: family.row.name,
    type: family.row.kind,
    help: family.row.help,
    samples: family.series().map((series) => jsonSample(family, series)),
  }));
  return { families };
}

function jsonSample({ row }: Family, { labels, amount }: Series): JsonSample {
  const named = Object.fromEntries(row.labels.map(({ name }, index) => [name, labels[index] ?? ""]));
  if (amount.counts === null) return { labels: named, value: amount.value };
  let count = 0;
  const buckets = Array.from(amount.counts, (inBucket, index) => {
    count += inBucket;
    return { le: String(row.buckets?.[index] ?? "+Inf"), count };
  });
  return { labels: named, count, sum: amount.value, buckets };
}
