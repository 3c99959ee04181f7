import assert from "node:assert/strict";
import fc from "fast-check";
import { NameFilter } from "../../lib/metrics/name_filter.ts";
import { TextMap } from "../../lib/metrics/text_map.ts";

/** Few enough to meet again, and of every kind the hash has a case for. */
const key = fc.oneof(fc.nat(40).map((number) => `agent-${number}`), fc.string({ maxLength: 3, unit: "binary" }));
const step = fc.record({ kind: fc.constantFrom("set" as const, "set" as const, "delete" as const), key });

Deno.test("TextMap does what a Map does, whatever is set and deleted in whatever order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const map = new TextMap<number>();
      const plain = new Map<string, number>();
      for (const [index, { kind, key }] of steps.entries()) {
        if (kind === "delete") assert.equal(map.delete(key), plain.delete(key));
        else {
          map.set(key, index);
          plain.set(key, index);
        }
        assert.equal(map.get(key), plain.get(key));
        assert.equal(map.size, plain.size);
      }
      for (const { key } of steps) assert.equal(map.get(key), plain.get(key));
    }),
    { numRuns: 500 },
  );
});

Deno.test("TextMap finds each of many after most were deleted", () => {
  const map = new TextMap<number>();
  for (let number = 0; number < 20_000; number++) {
    map.set(`run ${number}`, number);
    if (number >= 1_000) assert.ok(map.delete(`run ${number - 1_000}`));
  }
  assert.equal(map.size, 1_000);
  for (let number = 18_999; number < 20_000; number++) {
    assert.equal(map.get(`run ${number}`), number < 19_000 ? undefined : number);
  }
});

Deno.test("NameFilter never says of a name that was added that it is new, and of few others that they may not be", () => {
  fc.assert(
    fc.property(fc.array(key), fc.nat(100), (names, room) => {
      const filter = new NameFilter(room);
      for (const name of names) filter.add(name);
      for (const name of names) assert.ok(filter.mayHold(name));
    }),
  );
  const filter = new NameFilter(1_000);
  for (let number = 0; number < 1_000; number++) filter.add(`tool_${number}`);
  let mistaken = 0;
  for (let number = 1_000; number < 11_000; number++) if (filter.mayHold(`tool_${number}`)) mistaken++;
  assert.ok(mistaken < 500, `${mistaken} of 10,000`);
});
