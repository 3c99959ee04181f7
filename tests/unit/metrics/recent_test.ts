import assert from "node:assert/strict";
import { Recent, RecentSet } from "../../../lib/metrics/work/recent.ts";

const names = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`);

Deno.test("RecentSet has the last names, and at most twice as many", () => {
  const set = new RecentSet(10);
  for (const name of names(0, 100)) set.add(name);
  assert.ok(names(90, 100).every((name) => set.has(name)));
  assert.ok(!names(0, 80).some((name) => set.has(name)));
});

Deno.test("RecentSet goes on from its state, and refuses what is none", () => {
  const set = new RecentSet(10);
  for (const name of names(0, 15)) set.add(name);
  const other = new RecentSet(10);
  other.loadState(JSON.parse(JSON.stringify(set.saveState())));
  assert.deepEqual(other.saveState(), set.saveState());
  assert.throws(() => other.loadState([["a", true]] as unknown as readonly string[]), /list of names/);
});

Deno.test("Recent has what was set last under the last names", () => {
  const recent = new Recent<number>(10);
  for (const [index, name] of names(0, 100).entries()) recent.set(name, index);
  recent.set("99", 7);
  assert.deepEqual([recent.get("99"), recent.get("95"), recent.get("0"), recent.has("0")], [7, 95, undefined, false]);
  const other = new Recent<number>(10);
  other.loadState(recent.saveState());
  assert.equal(other.get("95"), 95);
});
