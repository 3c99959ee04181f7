import assert from "node:assert/strict";
import { Occurrences } from "../../../lib/store/occurrences.ts";

Deno.test("Occurrences.next() numbers equal contents", () => {
  const occurrences = new Occurrences();
  assert.deepEqual(["a", "b", "a", "a", "b"].map((content) => occurrences.next(content)), [0, 0, 1, 2, 1]);
});

Deno.test("Occurrences.loadState() goes on where saveState() was, so that what is read again gets the same numbers", () => {
  const before = new Occurrences();
  for (const content of ["a", "a", "b"]) before.next(content);
  const state: unknown = JSON.parse(JSON.stringify(before.saveState()));
  const told = ["a", "b", "c"].map((content) => before.next(content));
  const after = new Occurrences();
  after.loadState(state);
  assert.deepEqual(["a", "b", "c"].map((content) => after.next(content)), told);
});

Deno.test("Occurrences remembers a bounded number, the newest", () => {
  const occurrences = new Occurrences();
  for (let i = 0; i < 50_000; i++) occurrences.next(`content ${i}`);
  assert.ok(occurrences.saveState().length <= 16_384);
  assert.equal(occurrences.next("content 49999"), 1);
  assert.equal(occurrences.next("content 0"), 0);
});

for (const state of [null, {}, [["a", 1]], [[1]], [[1, 2, 3]], [[1.5, 2]]]) {
  Deno.test(`Occurrences.loadState() refuses ${JSON.stringify(state)}`, () => {
    assert.throws(() => new Occurrences().loadState(state), TypeError);
  });
}
