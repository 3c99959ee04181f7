import assert from "node:assert/strict";
import { NameTable } from "../../../lib/event/name_table.ts";

Deno.test("NameTable.find() finds every name and no other", () => {
  const table = new NameTable([["a", 1], ["b", 2], ["abc", 3]]);
  const found = ["a", "b", "abc", "c", "", "ab", "abcd", "toString"].map((name) => table.find(name));
  assert.deepEqual(found, [1, 2, 3, undefined, undefined, undefined, undefined, undefined]);
});
