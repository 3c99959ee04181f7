import type { Registry } from "prom-client";
// Not from the package's index, which also loads what it pushes and clusters with: that would be half of a start.
import registry from "prom-client/lib/registry.js";
import type { Exemplar } from "./exemplar.ts";
import type { MetricRow } from "./metric.ts";

const PromRegistry: typeof Registry = registry;

export type ExpositionFormat = "text" | "openmetrics";

export const CONTENT_TYPES: { readonly [F in ExpositionFormat]: string } = {
  text: PromRegistry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: PromRegistry.OPENMETRICS_CONTENT_TYPE,
};

/** A line to be written. */
export interface LineLabels {
  /** Appended to the family's name: `_bucket`, `_sum`, `_count` or nothing. */
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the registries hold; `get` gives what is to be written next. */
const NEXT = "next";
/** What a line has for its value, to be replaced. */
const NO_VALUE = "0";

interface PromMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly PromSample[];
}
interface PromSample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number;
  };
}

/** Has prom-client write all of an exposition that does not change from scrape to scrape: everything but the values. */
export class PromLines {
  readonly #registries: { readonly [F in ExpositionFormat]: Registry };
  #next: PromMetric = { name: NEXT, help: "", type: "gauge", values: [] };

  constructor() {
    this.#registries = { text: new PromRegistry(), openmetrics: new PromRegistry() };
    // prom-client's types want its own classes; its registry needs `name` and `get()` only.
    this.#registries.openmetrics.setContentType(
      PromRegistry.OPENMETRICS_CONTENT_TYPE as unknown as typeof Registry.PROMETHEUS_CONTENT_TYPE,
    );
    const metric = { name: NEXT, get: () => Promise.resolve(this.#next) };
    for (const registry of Object.values(this.#registries)) {
      registry.registerMetric(metric as unknown as Parameters<Registry["registerMetric"]>[0]);
    }
  }

  /** HELP and TYPE. */
  head(format: ExpositionFormat, row: MetricRow): Promise<string> {
    return this.#write(format, row, []);
  }

  /** Each line from the break before it up to its value. */
  async stems(
    format: ExpositionFormat,
    row: MetricRow,
    lines: readonly LineLabels[],
  ): Promise<readonly string[]> {
    const name = nameIn(format, row);
    const samples = lines.map(({ suffix, labels }) => ({ metricName: `${name}${suffix}`, labels, value: 0 }));
    return cutLines(await this.#write(format, row, samples), 0, NO_VALUE.length);
  }

  /** What follows the value of a line that has an exemplar; in OpenMetrics only. */
  async exemplars(exemplars: readonly Exemplar[]): Promise<readonly string[]> {
    const row = { name: NEXT, help: "", kind: "histogram" } as const;
    const samples = exemplars.map(({ labels, value, atSeconds }) => ({
      metricName: NEXT,
      labels: {},
      value: 0,
      exemplar: { labelSet: labels, value, timestamp: atSeconds },
    }));
    return cutLines(await this.#write("openmetrics", row, samples), `\n${NEXT} ${NO_VALUE}`.length, 0);
  }

  async #write(
    format: ExpositionFormat,
    row: Pick<MetricRow, "name" | "help" | "kind">,
    values: readonly PromSample[],
  ): Promise<string> {
    // prom-client calls get() before it first awaits, so this cannot be another's.
    this.#next = { name: nameIn(format, row), help: row.help, type: row.kind, values };
    return await this.#registries[format].getSingleMetricAsString(NEXT);
  }
}

/** Pieces of the lines after HELP and TYPE, with the break before each. No break is left within: they are escaped. */
function cutLines(text: string, fromStart: number, fromEnd: number): readonly string[] {
  const pieces: string[] = [];
  let start = text.indexOf("\n", text.indexOf("\n") + 1);
  while (start !== -1) {
    const next = text.indexOf("\n", start + 1);
    pieces.push(text.slice(start + fromStart, (next === -1 ? text.length : next) - fromEnd));
    start = next;
  }
  return pieces;
}

/** OpenMetrics names a counter's family without _total; prom-client puts it back on the samples. */
function nameIn(format: ExpositionFormat, { name, kind }: Pick<MetricRow, "name" | "kind">): string {
  return format === "openmetrics" && kind === "counter" ? name.replace(/_total$/, "") : name;
}
