import assert from "node:assert/strict";
import fc from "fast-check";
import { SeenIds } from "../../lib/event/seen_ids.ts";
import { captured } from "../../lib/metrics/capture.ts";

/** What the window promises, with sets. */
class PlainWindow {
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(readonly capacity: number) {}

  add(id: string): boolean {
    if (this.#young.has(id)) return false;
    const isNew = !this.#old.has(id);
    if (this.#young.size === this.capacity) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(id);
    return isNew;
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  loadedInto(capacity: number): PlainWindow {
    const loaded = new PlainWindow(capacity);
    for (const id of [...this.#old, ...this.#young]) loaded.add(id);
    return loaded;
  }
}

const id = fc.nat(60).map((number) => `id-${number}`);
const capacity = fc.constantFrom(1, 2, 3, 7, 16, 33);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("add" as const), id }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("has" as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), capacity }) },
);

Deno.test("SeenIds tells what sets tell, whatever is added, asked and loaded in whatever order", () => {
  fc.assert(
    fc.property(capacity, fc.array(step, { maxLength: 300 }), (first, steps) => {
      let seen = new SeenIds(first);
      let plain = new PlainWindow(first);
      for (const one of steps) {
        if (one.kind === "add") assert.equal(seen.add(one.id), plain.add(one.id), one.id);
        else if (one.kind === "has") assert.equal(seen.has(one.id), plain.has(one.id), one.id);
        else {
          seen = SeenIds.load(captured(seen.capture()), one.capacity);
          plain = plain.loadedInto(one.capacity);
        }
      }
    }),
    { numRuns: 500 },
  );
});
