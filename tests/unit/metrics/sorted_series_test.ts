import assert from "node:assert/strict";
import fc from "fast-check";
import type { Series } from "../../../lib/metrics/series.ts";
import { SortedSeries } from "../../../lib/metrics/sorted_series.ts";

function series(...labels: readonly string[]): Series {
  return {
    labels,
    amount: { value: 0, counts: null },
    frozen: null,
    exemplars: null,
    stems: { text: null, openmetrics: null },
    isRemoved: false,
  };
}

function shown(sorted: SortedSeries): readonly string[] {
  return sorted.all().map(({ labels }) => labels.join("/"));
}

Deno.test("SortedSeries.all() is in order of labels, whatever came first", () => {
  const sorted = new SortedSeries();
  for (const labels of [["b", "1"], ["a", "2"], ["a", "1"]]) sorted.add(series(...labels));
  assert.deepEqual(shown(sorted), ["a/1", "a/2", "b/1"]);
  sorted.add(series("a", "15"));
  assert.deepEqual(shown(sorted), ["a/1", "a/15", "a/2", "b/1"]);
});

Deno.test("SortedSeries.all() is the same array until a series comes or goes", () => {
  const sorted = new SortedSeries();
  const one = series("a");
  sorted.add(one);
  const before = sorted.all();
  assert.equal(sorted.all(), before);
  one.isRemoved = true;
  sorted.remove(one);
  assert.deepEqual(sorted.all(), []);
});

Deno.test("SortedSeries agrees with sorting all of them", () => {
  const step = fc.tuple(fc.boolean(), fc.string({ maxLength: 2 }), fc.boolean());
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const sorted = new SortedSeries();
    const alive = new Map<string, Series>();
    for (const [isBirth, label, isLookedAt] of steps) {
      const known = alive.get(label);
      if (isBirth && known === undefined) {
        const born = series(label);
        alive.set(label, born);
        sorted.add(born);
      } else if (known !== undefined) {
        alive.delete(label);
        known.isRemoved = true;
        sorted.remove(known);
      }
      if (isLookedAt) assert.deepEqual(shown(sorted), [...alive.keys()].sort());
    }
    assert.deepEqual(shown(sorted), [...alive.keys()].sort());
  }));
});
