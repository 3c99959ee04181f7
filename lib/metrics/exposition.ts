import { Registry } from "prom-client";
import { Slices } from "../runtime/event_loop.ts";
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

/** Part of a family as text. */
interface Piece {
  readonly text: string;
  /** The family's generation when it was rendered. */
  readonly generation: number;
}
interface Rendered {
  readonly series: readonly Series[];
  readonly pieces: readonly Piece[];
  /** Nothing has changed since, when this is the family's generation still. */
  readonly generation: number;
  readonly text: string;
}

/** Series to be rendered for somebody. */
interface Part {
  readonly viewer: Viewer;
  readonly series: readonly Series[];
}

/** A piece has about so many samples, which take a millisecond. */
const SAMPLES_A_PIECE = 500;
/** Longest stretch of rendering before something else may run: lines are read meanwhile. */
const SLICE_MS = 8;

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
 * Renders the ledger through prom-client, family by family and in pieces, and keeps each piece until something in it
 * changes: the cost of a scrape follows what happened since the last one, not what ever happened.
 *
 * Between pieces the event loop goes on. So two series may be of slightly different moments, as those of two programs
 * are; what belongs to one series is of one moment.
 */
export class Exposition {
  readonly #ledger: Ledger;
  readonly #registries: { readonly [F in ExpositionFormat]: Registry };
  readonly #rendered = new Map<string, Rendered>();
  readonly #labels = new WeakMap<Series, Readonly<Record<string, string>>>();
  /** What prom-client is to be given next. */
  #part: Part = { viewer: "person", series: [] };

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
    const slices = new Slices(SLICE_MS);
    for (const family of this.#ledger.families()) {
      if (family.size === 0) continue;
      texts.push(await this.#family(family, format, viewer, slices));
    }
    const body = texts.join("\n");
    return format === "openmetrics" ? `${body}\n# EOF\n` : `${body}\n`;
  }

  async #family(
    family: Family,
    format: ExpositionFormat,
    viewer: Viewer,
    slices: Slices,
  ): Promise<string> {
    const shown = viewer === "scraper" && family.hasFrozen ? "frozen" : "true";
    const key = `${format} ${shown} ${family.row.name}`;
    const before = this.#rendered.get(key);
    const series = family.series();
    if (before?.generation === family.generation) return before.text;

    const { generation } = family;
    const pieceSeries = Math.max(1, Math.floor(SAMPLES_A_PIECE * series.length / family.size));
    const pieces: Piece[] = [];
    for (let start = 0; start < series.length; start += pieceSeries) {
      const part = series.slice(start, start + pieceSeries);
      const known = before?.series === series ? before.pieces[pieces.length] : undefined;
      const isCurrent = known !== undefined && part.every((one) => one.generation <= known.generation);
      pieces.push(isCurrent ? known : await this.#piece(family, format, { viewer, series: part }));
      await slices.pause();
    }
    const text = pieces.map((piece, index) => index === 0 ? piece.text : withoutHead(piece.text)).join("\n");
    this.#rendered.set(key, { series, pieces, generation, text });
    return text;
  }

  async #piece(family: Family, format: ExpositionFormat, part: Part): Promise<Piece> {
    const { generation } = family;
    // prom-client calls get() before it first awaits, so the part cannot be another's.
    this.#part = part;
    return { generation, text: await this.#registries[format].getSingleMetricAsString(family.row.name) };
  }

  #metric(family: Family, format: ExpositionFormat): Promise<unknown> {
    const { name, help, kind } = family.row;
    // OpenMetrics names a counter's family without _total; prom-client puts it back on the samples.
    const familyName = format === "openmetrics" && kind === "counter" ? name.replace(/_total$/, "") : name;
    const values: PromSample[] = [];
    for (const series of this.#part.series) {
      const frozen = this.#part.viewer === "scraper" ? series.frozen : null;
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

/** Without HELP and TYPE, which only a family's first piece has. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf("\n", text.indexOf("\n") + 1) + 1);
}

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
