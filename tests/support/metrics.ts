import { Metrics, type MetricsOptions } from "../../lib/metrics/metrics.ts";
import { createPrices } from "../../lib/metrics/prices.ts";

export interface TestMetrics {
  readonly metrics: Metrics;
  readonly limitHits: string[];
  readonly reaped: string[];
  /** Value of a counter or gauge, sum of a histogram; `undefined` when there is no such series. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** All series of a metric as `label=value,… amount`, in order. */
  series(name: string): readonly string[];
}

export const TEST_OPTIONS: MetricsOptions = {
  jobLabelMode: "auto",
  jobLabelLength: 8,
  maxSeries: 20_000,
  maxWorkflowNames: 200,
  maxToolNames: 200,
  maxModels: 50,
  foldMcpTools: true,
  prices: createPrices([]),
  buckets: {},
  idleLimitSeconds: 12 * 3600,
  finishedHoldSeconds: 300,
  unscrapedLimitSeconds: 3600,
  dlqLimitSeconds: 7 * 86_400,
  exemplars: false,
  dayAt: (atSeconds) => {
    const beginsSeconds = Math.floor(atSeconds / 86_400) * 86_400;
    return { beginsSeconds, endsSeconds: beginsSeconds + 86_400 };
  },
};

export function createTestMetrics(options: Partial<MetricsOptions> = {}): TestMetrics {
  const limitHits: string[] = [];
  const reaped: string[] = [];
  const metrics = new Metrics({ ...TEST_OPTIONS, ...options }, {
    onLimit: (metric, values) => limitHits.push(`${metric} ${values.join(",")}`),
    onReaped: (kind, count) => reaped.push(`${kind} ${count}`),
  });
  return {
    metrics,
    limitHits,
    reaped,
    value(name, labels = {}): number | undefined {
      const family = metrics.ledger.family(name);
      const wanted = Object.entries(labels);
      const found = family.series().filter((series) =>
        wanted.every(([label, value]) =>
          series.labels[family.row.labels.findIndex((one) => one.name === label)] === value
        )
      );
      if (found.length > 1) throw new TypeError(`${name}${JSON.stringify(labels)} names ${found.length} series`);
      return found[0]?.amount.value;
    },
    series(name): readonly string[] {
      const family = metrics.ledger.family(name);
      return family.series().map(({ labels, amount }) =>
        `${labels.map((value, index) => `${family.row.labels[index]?.name}=${value}`).join(",")} ${amount.value}`
      );
    },
  };
}
