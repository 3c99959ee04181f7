import type { Series } from "./series.ts";

/** Where a raw combination of label values leads. */
export interface Cell {
  readonly series: Series;
  /** It shares the series with others, which past the budget is "other". */
  readonly isShared: boolean;
  /** It is one of those that share it. */
  readonly isFolded: boolean;
  /** Its part of a shared gauge: what it was last set to. */
  lastSet: number;
}
type Node = Map<string, Cell | Node>;

/** Cells by raw label values, as nested maps: joining the values to a key costs more than two look-ups. */
export class Cells {
  #root: Node = new Map();

  find(a: string | undefined, b: string | undefined, c: string | undefined, d: string | undefined): Cell | undefined {
    let found: Cell | Node | undefined = this.#root.get(a ?? "");
    if (b !== undefined && found instanceof Map) found = found.get(b);
    if (c !== undefined && found instanceof Map) found = found.get(c);
    if (d !== undefined && found instanceof Map) found = found.get(d);
    return found instanceof Map ? undefined : found;
  }

  set(raw: readonly string[], cell: Cell): void {
    let node = this.#root;
    for (const value of raw.slice(0, -1)) {
      let next = node.get(value);
      if (!(next instanceof Map)) node.set(value, next = new Map());
      node = next;
    }
    node.set(raw.at(-1) ?? "", cell);
  }

  delete(raw: readonly string[]): void {
    let node = this.#root;
    for (const value of raw.slice(0, -1)) {
      const next = node.get(value);
      if (!(next instanceof Map)) return;
      node = next;
    }
    node.delete(raw.at(-1) ?? "");
  }

  /** Deletes and gives back the cells that have this raw value in this place. */
  deleteAll(index: number, value: string): readonly Cell[] {
    return deleteIn(this.#root, index, value);
  }

  /** With the raw values that lead to them. */
  *all(): Generator<readonly [raw: readonly string[], cell: Cell]> {
    yield* cellsUnder(this.#root, []);
  }

  clear(): void {
    this.#root = new Map();
  }
}

function deleteIn(node: Node, depth: number, value: string): readonly Cell[] {
  if (depth > 0) {
    return Array.from(node.values(), (next) => next instanceof Map ? deleteIn(next, depth - 1, value) : []).flat();
  }
  const found = node.get(value);
  node.delete(value);
  return found === undefined ? [] : cellsIn(found);
}

function* cellsUnder(node: Node, raw: readonly string[]): Generator<readonly [readonly string[], Cell]> {
  for (const [value, next] of node) {
    if (next instanceof Map) yield* cellsUnder(next, [...raw, value]);
    else yield [[...raw, value], next];
  }
}

function cellsIn(node: Cell | Node): readonly Cell[] {
  return node instanceof Map ? Array.from(node.values(), cellsIn).flat() : [node];
}
