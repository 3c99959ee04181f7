import assert from "node:assert/strict";
import { shown, shownName } from "../../../lib/config/problem.ts";

const CASES: readonly (readonly [string, unknown, string])[] = [
  ["a number", 3, "3"],
  ["not a number", NaN, "NaN"],
  ["text, quoted", 'a "b"\n\u001b', '"a \\"b\\"\\n\\u001b"'],
  ["long text, cut", "x".repeat(81), `"${"x".repeat(80)}…"`],
  ["a URL without its password", "postgresql://u:p@ss@h/db", '"postgresql://…@h/db"'],
  ["a list", [1, "a"], '[1, "a"]'],
  ["a long list in words", Array(21).fill(1), "a long or nested list"],
  ["a nested list in words", [[1]], "a long or nested list"],
  ["a table in words", { a: 1 }, "a table"],
  ["a date in words", new Date(0), "a date or time"],
];
for (const [name, raw, out] of CASES) {
  Deno.test(`shown() gives ${name}`, () => assert.equal(shown(raw), out));
}

Deno.test("shownName() quotes only what is no plain name", () => {
  assert.equal(shownName("--metrics-port"), "--metrics-port");
  assert.equal(shownName("a b"), '"a b"');
  assert.equal(shownName(""), '""');
});
