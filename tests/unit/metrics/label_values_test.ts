import assert from "node:assert/strict";
import fc from "fast-check";
import { cleanLabelValue, foldMcpTool } from "../../../lib/metrics/label_values.ts";

const CASES: readonly { readonly name: string; readonly value: string; readonly clean: string }[] = [
  { name: "keeps an ordinary name", value: "fix-lint", clean: "fix-lint" },
  { name: "keeps quotes, commas and backslashes", value: 'a "b", c\\d', clean: 'a "b", c\\d' },
  { name: "replaces control characters", value: "a\nb\u0000c", clean: "a b c" },
  { name: "replaces lone surrogates", value: "a\ud800", clean: "a\ufffd" },
  { name: "names what is empty", value: "", clean: "unnamed" },
  { name: "names what is only blank", value: " \t\n", clean: "unnamed" },
  { name: "cuts long values", value: "x".repeat(500), clean: "x".repeat(119) + "…" },
];
for (const { name, value, clean } of CASES) {
  Deno.test(`cleanLabelValue() ${name}`, () => assert.equal(cleanLabelValue(value), clean));
}

Deno.test("cleanLabelValue() names what is empty also when it is asked about first", async () => {
  const first: typeof import("../../../lib/metrics/label_values.ts") = await import(
    `${import.meta.resolve("../../../lib/metrics/label_values.ts")}?first`
  );
  assert.equal(first.cleanLabelValue(""), "unnamed");
});

Deno.test("cleanLabelValue() gives a stable, well-formed, bounded value for any string", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (value) => {
    const clean = cleanLabelValue(value);
    assert.ok(clean.isWellFormed() && clean.length >= 1 && clean.length <= 120);
    assert.equal(cleanLabelValue(clean), clean);
  }));
});

Deno.test("foldMcpTool() folds to the server and leaves other tools alone", () => {
  const folded = ["mcp__github__create_issue", "mcp__github", "Read", "mcp__a__b__c"].map(foldMcpTool);
  assert.deepEqual(folded, ["mcp__github", "mcp__github", "Read", "mcp__a"]);
});
