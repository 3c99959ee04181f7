import assert from "node:assert/strict";
import { SmallMap } from "../../../lib/metrics/work/small_map.ts";
import { Random } from "../../../bench/random.ts";

const NAMES = ["", "a", "b", "c"] as const;

Deno.test("SmallMap does what a Map does, with one entry and with more", () => {
  const random = new Random(7);
  for (let round = 0; round < 500; round++) {
    const map = new SmallMap<number>();
    const plain = new Map<string, number>();
    for (let step = 0; step < 12; step++) {
      const name = random.pick(NAMES);
      if (random.below(3) === 0) {
        map.delete(name);
        plain.delete(name);
      } else {
        map.set(name, step);
        plain.set(name, step);
      }
      assert.deepEqual([...map], [...plain]);
      assert.equal(map.size, plain.size);
      for (const one of NAMES) assert.equal(map.get(one), plain.get(one));
    }
  }
});

Deno.test("SmallMap may lose entries while it is walked through", () => {
  for (const names of [["a"], ["a", "b", "c"]]) {
    const map = new SmallMap<number>();
    for (const name of names) map.set(name, 1);
    for (const [name] of map) map.delete(name);
    assert.equal(map.size, 0);
  }
});
