import type { Series } from "./series.ts";

/**
 * A family's series in a total order of label values. Series come and go all the time, and sorting all of them anew for
 * each scrape would cost more than rendering them: the new ones are sorted and merged in.
 */
export class SortedSeries {
  #sorted: readonly Series[] = [];
  /** A set, because what comes and goes while nobody scrapes must not be kept. */
  readonly #born = new Set<Series>();
  #hasRemoved = false;

  add(series: Series): void {
    this.#born.add(series);
  }

  /** It must be marked as removed. */
  remove(series: Series): void {
    if (!this.#born.delete(series)) this.#hasRemoved = true;
  }

  /** The same array until a series comes or goes. */
  all(): readonly Series[] {
    if (this.#born.size === 0 && !this.#hasRemoved) return this.#sorted;
    const old = this.#hasRemoved ? this.#sorted.filter(({ isRemoved }) => !isRemoved) : this.#sorted;
    this.#sorted = merge(old, [...this.#born].sort(compareLabels));
    this.#born.clear();
    this.#hasRemoved = false;
    return this.#sorted;
  }
}

function merge(old: readonly Series[], born: readonly Series[]): readonly Series[] {
  if (old.length === 0) return born;
  const merged: Series[] = [];
  let next = 0;
  for (const series of old) {
    for (let one = born[next]; one !== undefined && compareLabels(one, series) < 0; one = born[++next]) {
      merged.push(one);
    }
    merged.push(series);
  }
  return merged.concat(born.slice(next));
}

/** By code units, label by label: the same order everywhere, whatever the locale. */
function compareLabels({ labels: a }: Series, { labels: b }: Series): number {
  for (let index = 0; index < a.length; index++) {
    const left = a[index] ?? "";
    const right = b[index] ?? "";
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
