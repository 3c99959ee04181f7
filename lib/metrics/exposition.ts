import { Slices, steadyPace } from "../runtime/event_loop.ts";
import type { Exemplar } from "./exemplar.ts";
import type { Family } from "./family.ts";
import type { Ledger } from "./ledger.ts";
import type { MetricRow } from "./metric.ts";
import { type ExpositionFormat, type LineLabels, PromLines } from "./prom_lines.ts";
import type { Series } from "./series.ts";

/**
 * Who is asking. A `scraper` is shown new series at their first amount until it has seen them, so that `increase()`
 * misses nothing; anyone else is shown what is true now.
 */
export type Viewer = "scraper" | "person";

interface Rendered {
  /** The family's generation then: nothing has changed since when it is that still. */
  readonly generation: number;
  readonly text: string;
}

/** Lines written at one time, which take prom-client half a millisecond. */
const LINES_A_PIECE = 500;
/** Of rendering. In between lines are read. */
const PACE = steadyPace(8);

/**
 * Renders the ledger family by family and keeps each until something in it changes. prom-client writes a line once, up to
 * its value; from then on only values are put in, which takes a tenth of the time and leaves little to collect.
 *
 * In between the event loop goes on. So two series may be of slightly different moments, as those of two programs are;
 * what belongs to one series is of one moment.
 */
export class Exposition {
  readonly #ledger: Ledger;
  readonly #lines = new PromLines();
  readonly #rendered = new Map<string, Rendered>();
  /** HELP and TYPE, by format and name. */
  readonly #heads = new Map<string, string>();
  readonly #exemplars = new WeakMap<Exemplar, string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** All families, in order of name, series in order of label values. */
  async render(format: ExpositionFormat, viewer: Viewer): Promise<string> {
    return (await this.pieces(format, viewer)).join("");
  }

  /** The same in pieces, those of families that have not changed being the same texts as before. */
  async pieces(format: ExpositionFormat, viewer: Viewer): Promise<readonly string[]> {
    const pieces: string[] = [];
    const slices = new Slices(PACE);
    for (const family of this.#ledger.families()) {
      if (family.size > 0) pieces.push(await this.#family(family, format, viewer, slices), "\n");
    }
    if (format === "openmetrics") pieces.push("# EOF\n");
    return pieces;
  }

  async #family(family: Family, format: ExpositionFormat, viewer: Viewer, slices: Slices): Promise<string> {
    const { row, generation } = family;
    const key = `${format} ${viewer === "scraper" && family.hasFrozen ? "frozen" : "true"} ${row.name}`;
    const before = this.#rendered.get(key);
    if (before?.generation === generation) return before.text;

    let text = await this.#head(row, format);
    const series = family.series();
    const seriesAPiece = Math.max(1, Math.floor(LINES_A_PIECE * series.length / family.size));
    for (let start = 0; start < series.length; start += seriesAPiece) {
      const piece = series.slice(start, start + seriesAPiece);
      await this.#prepare(row, format, piece);
      for (const one of piece) text += this.#series(one, format, viewer);
      await slices.pause();
    }
    this.#rendered.set(key, { generation, text });
    return text;
  }

  async #head(row: MetricRow, format: ExpositionFormat): Promise<string> {
    const key = `${format} ${row.name}`;
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    const head = await this.#lines.head(format, row);
    this.#heads.set(key, head);
    return head;
  }

  /** Has what does not change of each series written, where it is not yet. */
  async #prepare(row: MetricRow, format: ExpositionFormat, piece: readonly Series[]): Promise<void> {
    const fresh = piece.filter(({ stems }) => stems[format] === null);
    if (fresh.length > 0) {
      const lines = fresh.map((series) => linesOf(row, series));
      const stems = await this.#lines.stems(format, row, lines.flat());
      let at = 0;
      for (const [index, { length }] of lines.entries()) {
        const series = fresh[index] as Series; // as many as lines
        series.stems[format] = stems.slice(at, at += length);
      }
    }
    if (format !== "openmetrics") return;
    const unknown = piece.flatMap(({ exemplars }) => exemplars ?? [])
      .filter((exemplar) => exemplar !== undefined).filter((exemplar) => !this.#exemplars.has(exemplar));
    if (unknown.length === 0) return;
    const written = await this.#lines.exemplars(unknown);
    for (const [index, exemplar] of unknown.entries()) this.#exemplars.set(exemplar, written[index] ?? "");
  }

  /** Its lines, each after a line break. */
  #series({ stems, amount: trueAmount, frozen, exemplars }: Series, format: ExpositionFormat, viewer: Viewer): string {
    const shown = viewer === "scraper" ? frozen : null;
    const { value, counts } = shown?.amount ?? trueAmount;
    const own = stems[format] ?? [];
    // Not one template: joining three texts at once costs more than joining two, twice.
    let text = "";
    if (counts === null) {
      text += own[0];
      return text + value;
    }
    let cumulative = 0;
    for (let index = 0; index < counts.length; index++) {
      cumulative += counts[index] ?? 0;
      text += own[index];
      text += cumulative;
      // What a frozen amount counts is not what the exemplars are of. One that just came is shown the next time.
      const exemplar = exemplars === null || shown !== null ? undefined : exemplars[index];
      if (exemplar !== undefined && format === "openmetrics") text += this.#exemplars.get(exemplar) ?? "";
    }
    text += own[counts.length];
    text += value;
    text += own[counts.length + 1];
    return text + cumulative;
  }
}

/** A series' lines: one, or a histogram's. */
function linesOf({ labels: names, buckets = [] }: MetricRow, { labels, amount }: Series): readonly LineLabels[] {
  const named = Object.fromEntries(names.map(({ name }, index) => [name, labels[index] ?? ""]));
  if (amount.counts === null) return [{ suffix: "", labels: named }];
  const bounds = [...buckets.map(String), "+Inf"];
  return [
    ...bounds.map((le) => ({ suffix: "_bucket", labels: { le, ...named } })),
    { suffix: "_sum", labels: named },
    { suffix: "_count", labels: named },
  ];
}
