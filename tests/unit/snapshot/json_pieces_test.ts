import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonPieces } from "../../../lib/snapshot/json_pieces.ts";

/** As a job with many agents. */
const LARGE = { id: "job", agents: Array.from({ length: 1_000 }, (_, index) => `agent_${index}`) };

const CASES: readonly { readonly name: string; readonly value: unknown }[] = [
  { name: "nothing", value: null },
  { name: "an empty array", value: [] },
  { name: "an empty object", value: {} },
  { name: "an array of many groups", value: Array.from({ length: 1001 }, (_, index) => ({ index })) },
  { name: "an array of exactly one group", value: Array.from({ length: 200 }, (_, index) => index) },
  { name: "large elements among small ones", value: [LARGE, 1, LARGE, LARGE, ...Array(300).keys(), LARGE] },
  { name: "what JSON leaves out", value: { a: undefined, b: [undefined, () => {}], c: { d: undefined } } },
  { name: "what is no number", value: [NaN, Infinity, { x: NaN }] },
];
for (const { name, value } of CASES) {
  Deno.test(`jsonPieces() gives ${name} as JSON.stringify does`, () => {
    assert.equal([...jsonPieces(value)].join(""), JSON.stringify(value));
  });
}

Deno.test("jsonPieces() gives any value as JSON.stringify does", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.equal([...jsonPieces(value)].join(""), JSON.stringify(value));
  }));
});

Deno.test("jsonPieces() takes large elements apart", () => {
  const longest = Math.max(...[...jsonPieces([LARGE, 1, LARGE])].map((piece) => piece.length));
  assert.ok(longest < JSON.stringify(LARGE).length / 3, `${longest} characters`);
});

Deno.test("jsonPieces() gives many elements in pieces", () => {
  assert.ok([...jsonPieces({ series: Array.from({ length: 10_000 }, (_, index) => index) })].length >= 50);
});
