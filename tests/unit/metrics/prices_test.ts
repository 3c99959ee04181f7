import assert from "node:assert/strict";
import { canonicalModel } from "../../../lib/metrics/model_id.ts";
import { parsePriceOverrides } from "../../../lib/metrics/price_overrides.ts";
import { PRICE_TABLE, type PriceRow } from "../../../lib/metrics/price_table.ts";
import { createPrices, type TokenUsage } from "../../../lib/metrics/prices.ts";

const NOV_2026 = Date.parse("2026-11-24T09:00:00Z") / 1000;
const MILLION = 1_000_000;

function usage(part: Partial<TokenUsage>): TokenUsage {
  return {
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheCreationTokens: 0,
    cacheCreation1hTokens: 0,
    ...part,
  };
}

function near(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

const OWN: PriceRow = {
  modelPrefix: "claude-opus-4-5",
  from: null,
  promptOver: null,
  input: 1,
  output: 2,
  cacheWrite5m: 3,
  cacheWrite1h: 4,
  cacheRead: 5,
  source: "config",
};

Deno.test("estimateUsd() gives the hand-computed cost of each part", () => {
  const table: readonly (readonly [model: string, usage: Partial<TokenUsage>, usd: number])[] = [
    ["claude-sonnet-4-5-20250929", { inputTokens: MILLION }, 3],
    ["claude-sonnet-4-5-20250929", { outputTokens: MILLION }, 15],
    ["claude-sonnet-4-5-20250929", { cacheReadTokens: MILLION }, 0.3],
    ["claude-sonnet-4-5-20250929", { cacheCreationTokens: MILLION }, 3.75],
    ["claude-sonnet-4-5-20250929", { cacheCreationTokens: MILLION, cacheCreation1hTokens: MILLION }, 6],
    // 600,000 for five minutes at 3.75 and 400,000 for an hour at 6.
    ["claude-sonnet-4-5-20250929", { cacheCreationTokens: MILLION, cacheCreation1hTokens: 400_000 }, 4.65],
    // (10 * 3 + 381 * 15 + 29,500 * 0.30 + 1,820 * 3.75) / 1e6
    [
      "claude-sonnet-4-5-20250929",
      { inputTokens: 10, outputTokens: 381, cacheReadTokens: 29_500, cacheCreationTokens: 1_820 },
      0.02142,
    ],
    ["claude-opus-4-1-20250805", { inputTokens: MILLION, outputTokens: MILLION }, 90],
    ["claude-opus-4-20250514", { inputTokens: MILLION }, 15],
    ["claude-opus-4-5-20251101", { inputTokens: MILLION, outputTokens: MILLION }, 30],
    ["claude-3-opus-20240229", { inputTokens: MILLION }, 15],
    ["claude-3-5-haiku-20241022", { inputTokens: MILLION, cacheReadTokens: MILLION }, 0.88],
    ["claude-3-haiku-20240307", { outputTokens: MILLION }, 1.25],
    ["claude-haiku-4-5-20251001", { outputTokens: MILLION }, 5],
    ["claude-opus-5", { outputTokens: MILLION }, 25],
    ["claude-opus-5-5", { outputTokens: MILLION }, 20],
    ["claude-fable-5-1", { cacheReadTokens: MILLION }, 0.25],
    ["claude-mythos-5", { cacheReadTokens: MILLION }, 1],
    ["claude-sonnet-5", { cacheReadTokens: MILLION }, 0.2],
  ];
  for (const [model, part, usd] of table) near(createPrices([]).estimateUsd(model, usage(part), NOV_2026), usd);
});

Deno.test("estimateUsd() takes the price of the day", () => {
  const at = (day: string): number | null =>
    createPrices([]).estimateUsd("claude-sonnet-5-5", usage({ cacheReadTokens: MILLION }), Date.parse(day) / 1000);
  near(at("2026-10-06T23:59:59Z"), 0.2);
  near(at("2026-10-07T00:00:00Z"), 0.1);
});

Deno.test("estimateUsd() takes the price of the prompt's length, cached parts included", () => {
  const cost = (part: Partial<TokenUsage>): number | null =>
    createPrices([]).estimateUsd("claude-haiku-5-5", usage(part), NOV_2026);
  near(cost({ inputTokens: 100_000 }), 0.01);
  // 100,000 * 0.50 + 1 * 0.05 (read), as the prompt has 100,001 tokens.
  near(cost({ inputTokens: 100_000, cacheReadTokens: 1 }), 0.05000005);
});

Deno.test("estimateUsd() is null for what it cannot price", () => {
  for (
    const model of [null, "", "<synthetic>", "gpt-5", "claude-opus-4-9", "claude-opus-45", "claude-haiku-5", "claude"]
  ) {
    assert.equal(createPrices([]).estimateUsd(model, usage({ inputTokens: 1 }), NOV_2026), null, String(model));
  }
});

Deno.test("createPrices() lets the user's row win over a built-in one of the same or a shorter prefix", () => {
  const cost = (own: Partial<PriceRow>, model: string, seconds = NOV_2026): number | null =>
    createPrices([{ ...OWN, ...own }]).estimateUsd(model, usage({ inputTokens: MILLION }), seconds);
  near(cost({}, "claude-opus-4-5-20251101"), 1);
  near(cost({}, "claude-opus-4-6"), 5);
  near(cost({ modelPrefix: "local-model" }, "local-model"), 1);
  near(cost({ modelPrefix: "claude-" }, "claude-opus-4-5"), 5);
  near(cost({ modelPrefix: "claude-" }, "claude-of-tomorrow-9"), 1);
  near(cost({ modelPrefix: "claude-haiku-5-5" }, "claude-haiku-5-5"), 1);
  // Before its first day the built-in row still holds.
  near(cost({ from: "2027-01-01" }, "claude-opus-4-5"), 5);
});

Deno.test("canonicalModel() gives all spellings of a model one name", () => {
  const table: readonly (readonly [string, string])[] = [
    ["claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
    ["claude-sonnet-4-5@20250929", "claude-sonnet-4-5"],
    ["claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"],
    ["claude-sonnet-4-5[1m]", "claude-sonnet-4-5"],
    ["anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"],
    ["us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1"],
    ["global.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"],
    ["arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku"],
    ["anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"],
    ["claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet"],
    ["claude-3-7-sonnet-latest", "claude-3-7-sonnet"],
    ["anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"],
    ["vertex_ai/claude-opus-4-5@20251101", "claude-opus-4-5"],
    ["Claude-Opus-4-5", "claude-opus-4-5"],
    ["claude-opus-5", "claude-opus-5"],
    ["gpt-5-2026", "gpt-5-2026"],
  ];
  for (const [id, name] of table) assert.equal(canonicalModel(id), name);
});

Deno.test("PRICE_TABLE has canonical prefixes, positive rates and no two rows for one case", () => {
  const cases = PRICE_TABLE.map((row) => `${row.modelPrefix} ${row.from} ${row.promptOver}`);
  assert.equal(new Set(cases).size, cases.length);
  for (const row of PRICE_TABLE) {
    assert.equal(canonicalModel(row.modelPrefix), row.modelPrefix);
    assert.ok([row.input, row.output, row.cacheWrite5m, row.cacheWrite1h, row.cacheRead].every((rate) => rate > 0));
  }
});

const RATES = { input: 3, output: 15, cache_write_5m: 3.75, cache_write_1h: 6, cache_read: 0.3 };

Deno.test("parsePriceOverrides() reads rows under any spelling of a model", () => {
  const parsed = parsePriceOverrides({
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0": RATES,
    "claude-next-": [
      { ...RATES, input: 4n, prompt_over: 200_000 },
      { ...RATES, from: "2027-02-01" },
      { ...RATES, from: new Date("2027-03-01T00:00:00Z") },
    ],
  });
  assert.ok(parsed.kind === "rows");
  assert.deepEqual(
    parsed.rows.map((row) => [row.modelPrefix, row.from, row.promptOver, row.input, row.source]),
    [
      ["claude-sonnet-4-5", null, null, 3, "config"],
      ["claude-next-", null, 200_000, 4, "config"],
      ["claude-next-", "2027-02-01", null, 3, "config"],
      ["claude-next-", "2027-03-01", null, 3, "config"],
    ],
  );
  assert.deepEqual(parsePriceOverrides(undefined), { kind: "rows", rows: [] });
});

Deno.test("parsePriceOverrides() names every problem", () => {
  const table: readonly (readonly [unknown, RegExp])[] = [
    ["free", /table/],
    [[RATES], /table/],
    [{ m: 5 }, /input must be/],
    [{ "": RATES }, /start of a model/],
    [{ m: { ...RATES, input: -1 } }, /input must be/],
    [{ m: { ...RATES, output: NaN } }, /output must be/],
    [{ m: { ...RATES, output: "15" } }, /output must be/],
    [{ m: { ...RATES, cache_read: undefined } }, /cache_read must be/],
    [{ m: { ...RATES, from: "2026-02-30" } }, /from must be/],
    [{ m: { ...RATES, from: "soon" } }, /from must be/],
    [{ m: { ...RATES, prompt_over: 1.5 } }, /prompt_over must be/],
    [{ m: { ...RATES, imput: 1 } }, /"imput" is none of/],
    [{ m: Array.from({ length: 1_001 }, () => RATES) }, /at most 1000/],
  ];
  for (const [value, problem] of table) {
    const parsed = parsePriceOverrides(value);
    assert.ok(parsed.kind === "problems", JSON.stringify(value));
    assert.match(parsed.problems.join("\n"), problem);
  }
  const both = parsePriceOverrides({ m: { ...RATES, input: -1, output: -1 } });
  assert.equal(both.kind === "problems" ? both.problems.length : 0, 2);
});
