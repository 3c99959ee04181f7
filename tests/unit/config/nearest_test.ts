import assert from "node:assert/strict";
import { editDistance, nearest } from "../../../lib/config/nearest.ts";

Deno.test("editDistance() counts insertions, deletions and replacements", () => {
  for (
    const [a, b, distance] of [["", "", 0], ["", "abc", 3], ["kitten", "sitting", 3], ["prot", "port", 2], [
      "a",
      "a",
      0,
    ]] as const
  ) {
    assert.equal(editDistance(a, b), distance, `${a} ${b}`);
    assert.equal(editDistance(b, a), distance, `${b} ${a}`);
  }
});

Deno.test("nearest() names the candidate with the fewest changes", () => {
  assert.equal(nearest("metrics.prot", ["metrics.port", "metrics.path", "log.level"]), "metrics.port");
});

Deno.test("nearest() prefers the same key in another table", () => {
  assert.equal(
    nearest("metrics.batch_size", ["metrics.bind_address", "metrics.postgres.batch_size"]),
    "metrics.postgres.batch_size",
  );
});

Deno.test("nearest() takes no time for a name of a megabyte", () => {
  assert.equal(nearest("a".repeat(1_000_000), ["b", "aa"]), "aa");
});

Deno.test("nearest() of nothing is nothing", () => assert.equal(nearest("a", []), null));
