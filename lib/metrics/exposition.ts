import { Registry } from "prom-client";
import type { Exemplar } from "./exemplar.ts";
import type { Family } from "./family.ts";
import type { Amount, Series } from "./series.ts";
import type { Ledger } from "./ledger.ts";

export type ExpositionFormat = "text" | "openmetrics";
/**
 * Who is asking. A `scraper` is shown new series at their first amount until it has seen them, so that `increase()`
 * misses nothing; anyone else is shown what is true now.
 */
export type Viewer = "scraper" | "person";

export const CONTENT_TYPES: { readonly [F in ExpositionFormat]: string } = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

interface Rendered {
  readonly generation: number;
  readonly text: string;
}

/** One sample in prom-client's shape; `sharedLabels` are escaped once per object and then remembered by it. */
interface PromSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly metricName: string;
  readonly exemplar?: PromExemplar;
}

interface PromExemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

/**
 * Renders the ledger through prom-client, family by family, and keeps each family's text until it changes: the cost of
 * a scrape follows what happened since the last one, not what ever happened.
 */
export class Exposition {
  readonly #ledger: Ledger;
  readonly #registries: { readonly [F in ExpositionFormat]: Registry };
  readonly #rendered = new Map<string, Rendered>();
  readonly #labels = new WeakMap<Series, Readonly<Record<string, string>>>();
  #viewer: Viewer = "person";

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#registries = { text: new Registry(), openmetrics: new Registry() };
    // prom-client's types want its own classes; its registry needs `name`, `type`, `help` and `get()` only.
    this.#registries.openmetrics.setContentType(
      Registry.OPENMETRICS_CONTENT_TYPE as unknown as typeof Registry.PROMETHEUS_CONTENT_TYPE,
    );
    for (const family of ledger.families()) {
      for (const format of ["text", "openmetrics"] as const) {
        const metric = { name: family.row.name, get: () => this.#metric(family, format) };
        this.#registries[format].registerMetric(metric as unknown as Parameters<Registry["registerMetric"]>[0]);
      }
    }
  }

  /** All families, in order of name, series in order of label values. */
  async render(format: ExpositionFormat, viewer: Viewer): Promise<string> {
    const texts: string[] = [];
    for (const family of this.#ledger.families()) {
      if (family.size === 0) continue;
      texts.push(await this.#family(family, format, viewer));
    }
    const body = texts.join("\n");
    return format === "openmetrics" ? `${body}\n# EOF\n` : `${body}\n`;
  }

  async #family(family: Family, format: ExpositionFormat, viewer: Viewer): Promise<string> {
    const shown = viewer === "scraper" && family.hasFrozen ? "frozen" : "true";
    const key = `${format} ${shown} ${family.row.name}`;
    const known = this.#rendered.get(key);
    const { generation } = family;
    if (known !== undefined && known.generation === generation) return known.text;
    // prom-client calls get() before it first awaits, so the viewer cannot be another's.
    this.#viewer = viewer;
    const text = await this.#registries[format].getSingleMetricAsString(family.row.name);
    this.#rendered.set(key, { generation, text });
    return text;
  }

  #metric(family: Family, format: ExpositionFormat): Promise<unknown> {
    const { name, help, kind } = family.row;
    // OpenMetrics names a counter's family without _total; prom-client puts it back on the samples.
    const familyName = format === "openmetrics" && kind === "counter" ? name.replace(/_total$/, "") : name;
    const values: PromSample[] = [];
    for (const series of family.series()) {
      const frozen = this.#viewer === "scraper" ? series.frozen : null;
      const amount = frozen?.amount ?? series.amount;
      const sharedLabels = this.#labelsOf(series, family);
      if (amount.counts === null) {
        values.push({ metricName: familyName, labels: NO_LABELS, sharedLabels, value: amount.value });
      } else {
        // What a frozen amount counts is not what the exemplars are of.
        const exemplars = frozen === null ? series.exemplars ?? [] : [];
        pushHistogram(values, familyName, family.row.buckets ?? [], amount, sharedLabels, exemplars);
      }
    }
    return Promise.resolve({ name: familyName, help, type: kind, values });
  }

  #labelsOf(series: Series, family: Family): Readonly<Record<string, string>> {
    let labels = this.#labels.get(series);
    if (labels === undefined) {
      labels = Object.fromEntries(family.row.labels.map(({ name }, index) => [name, series.labels[index] ?? ""]));
      this.#labels.set(series, labels);
    }
    return labels;
  }
}

const NO_LABELS = {};

function pushHistogram(
  values: PromSample[],
  name: string,
  buckets: readonly number[],
  amount: Amount,
  sharedLabels: Readonly<Record<string, string>>,
  exemplars: readonly (Exemplar | undefined)[],
): void {
  let cumulative = 0;
  for (let index = 0; index <= buckets.length; index++) {
    cumulative += amount.counts?.[index] ?? 0;
    const bound = buckets[index];
    const le = bound === undefined ? "+Inf" : String(bound);
    const sample = { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: cumulative };
    const exemplar = exemplars[index];
    // The text format has none: prom-client leaves them out there.
    values.push(exemplar === undefined ? sample : { ...sample, exemplar: promExemplar(exemplar) });
  }
  values.push({ metricName: `${name}_sum`, labels: NO_LABELS, sharedLabels, value: amount.value });
  values.push({ metricName: `${name}_count`, labels: NO_LABELS, sharedLabels, value: cumulative });
}

function promExemplar({ labels, value, atSeconds }: Exemplar): PromExemplar {
  return { labelSet: labels, value, timestamp: atSeconds };
}
