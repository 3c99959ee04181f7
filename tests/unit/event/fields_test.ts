import assert from "node:assert/strict";
import { FieldReader } from "../../../lib/event/fields.ts";

interface Case {
  readonly name: string;
  readonly read: (read: FieldReader) => unknown;
  readonly out: unknown;
  /** The reason of the failure; absent when there is none. */
  readonly rejected?: string;
}

const WRONG = "wrong_field_type";
const MISSING = "missing_field";
const COLOURS = ["red", "green"] as const;

const CASES: readonly Case[] = [
  { name: "text() takes any string", read: (r) => r.text("", "f"), out: "" },
  { name: "text() misses null", read: (r) => r.text(null, "f"), out: "", rejected: MISSING },
  { name: "text() misses what is absent", read: (r) => r.text(undefined, "f"), out: "", rejected: MISSING },
  { name: "text() refuses a number", read: (r) => r.text(1, "f"), out: "", rejected: WRONG },
  { name: "optionalText() takes null", read: (r) => r.optionalText(null, "f"), out: null },
  { name: "optionalText() refuses a list", read: (r) => r.optionalText([], "f"), out: "", rejected: WRONG },
  { name: "count() takes 0", read: (r) => r.count(0, "f"), out: 0 },
  { name: "count() takes 2^53 - 1", read: (r) => r.count(2 ** 53 - 1, "f"), out: 2 ** 53 - 1 },
  { name: "count() refuses 2^53", read: (r) => r.count(2 ** 53, "f"), out: 0, rejected: WRONG },
  { name: "count() refuses -1", read: (r) => r.count(-1, "f"), out: 0, rejected: WRONG },
  { name: "count() refuses 1.5", read: (r) => r.count(1.5, "f"), out: 0, rejected: WRONG },
  { name: "count() refuses NaN", read: (r) => r.count(NaN, "f"), out: 0, rejected: WRONG },
  { name: 'count() refuses "1"', read: (r) => r.count("1", "f"), out: 0, rejected: WRONG },
  { name: "tokens() takes 10^10", read: (r) => r.tokens(1e10, "f"), out: 1e10 },
  { name: "tokens() refuses more", read: (r) => r.tokens(1e10 + 1, "f"), out: 0, rejected: WRONG },
  { name: "tokens() refuses -1", read: (r) => r.tokens(-1, "f"), out: 0, rejected: WRONG },
  { name: "optionalTokens() takes what is absent", read: (r) => r.optionalTokens(null, "f"), out: null },
  { name: "optionalCount() takes what is absent", read: (r) => r.optionalCount(undefined, "f"), out: null },
  { name: "optionalAmount() takes a fraction", read: (r) => r.optionalAmount(0.02, "f"), out: 0.02 },
  { name: "optionalAmount() takes null", read: (r) => r.optionalAmount(null, "f"), out: null },
  { name: "optionalAmount() refuses a debt", read: (r) => r.optionalAmount(-1, "f"), out: null, rejected: WRONG },
  { name: "optionalAmount() refuses infinity", read: (r) => r.optionalAmount(1 / 0, "f"), out: null, rejected: WRONG },
  { name: "flag() takes false", read: (r) => r.flag(false, "f"), out: false },
  { name: "flag() refuses 0", read: (r) => r.flag(0, "f"), out: false, rejected: WRONG },
  { name: "optionalFlag() takes null", read: (r) => r.optionalFlag(null, "f"), out: null },
  { name: "duration() takes seconds", read: (r) => r.duration(1.5, "f"), out: 1.5 },
  { name: "duration() misses null", read: (r) => r.duration(null, "f"), out: 0, rejected: MISSING },
  { name: "duration() refuses a text", read: (r) => r.duration("1s", "f"), out: 0, rejected: WRONG },
  { name: "optionalDuration() takes null", read: (r) => r.optionalDuration(null, "f"), out: null },
  { name: "choice() takes a word of the set", read: (r) => r.choice("green", "f", COLOURS), out: "green" },
  { name: "choice() refuses another", read: (r) => r.choice("blue", "f", COLOURS), out: "red", rejected: WRONG },
  { name: "choice() misses null", read: (r) => r.choice(null, "f", COLOURS), out: "red", rejected: MISSING },
  { name: "optionalChoice() takes null", read: (r) => r.optionalChoice(null, "f", COLOURS), out: null },
  {
    name: "optionalTimestamp() keeps it as written",
    read: (r) => r.optionalTimestamp("2026-11-24T00:00:00.5Z", "f"),
    out: "2026-11-24T00:00:00.5Z",
  },
  { name: "optionalTimestamp() takes null", read: (r) => r.optionalTimestamp(null, "f"), out: null },
  {
    name: "optionalTimestamp() refuses a word",
    read: (r) => r.optionalTimestamp("now", "f"),
    out: null,
    rejected: WRONG,
  },
];
for (const { name, read, out, rejected } of CASES) {
  Deno.test(name, () => {
    const reader = new FieldReader();
    assert.deepEqual(read(reader), out);
    assert.deepEqual(reader.failure, rejected === undefined ? null : { rejected, detail: "f" });
  });
}

Deno.test("FieldReader keeps the first failure", () => {
  const read = new FieldReader();
  read.text("good", "a");
  read.text(1, "b");
  read.text(null, "c");
  assert.deepEqual(read.failure, { rejected: "wrong_field_type", detail: "b" });
});

Deno.test("duration() reads a negative one as 0 and marks it", () => {
  const read = new FieldReader();
  assert.equal(read.duration(1, "a"), 1);
  assert.equal(read.clamped, false);
  assert.equal(read.duration([-1, 0], "b"), 0);
  assert.equal(read.clamped, true);
  assert.equal(read.failure, null);
});
