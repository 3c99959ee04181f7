import assert from "node:assert/strict";
import { Today } from "../../../lib/metrics/work/today.ts";
import type { ClaudeTokenUsage } from "../../../lib/event/event.ts";
import { tokenUsage } from "../../support/event_records.ts";
import { TEST_OPTIONS } from "../../support/metrics.ts";

const DAY = 86_400;
const USED = tokenUsage({
  inputTokens: 1,
  outputTokens: 2,
  cacheReadTokens: 3,
  cacheCreationTokens: 4,
}) as ClaudeTokenUsage;
const PRICED = { model: "claude-x", costUsd: 0.5 };

Deno.test("Today adds up what happened on the present day only", () => {
  const today = new Today(TEST_OPTIONS.dayAt);
  const nowSeconds = 10 * DAY + 3600;
  for (const atSeconds of [9 * DAY, 10 * DAY - 0.1, 10 * DAY, 10 * DAY + 3000, 11 * DAY]) {
    today.addUsage(USED, PRICED, atSeconds, nowSeconds);
  }
  const { inputTokens, outputTokens, cacheTokens, costUsd } = today.at(nowSeconds, nowSeconds) ?? assert.fail();
  assert.deepEqual({ inputTokens, outputTokens, cacheTokens, costUsd }, {
    inputTokens: 2,
    outputTokens: 4,
    cacheTokens: 14,
    costUsd: 1,
  });
});

Deno.test("Today begins anew at midnight, also when nothing happens", () => {
  const today = new Today(TEST_OPTIONS.dayAt);
  today.addUsage(USED, { model: "m", costUsd: null }, DAY - 1, DAY - 1);
  assert.deepEqual(today.unpricedModels(), ["m"]);
  assert.equal(today.at(DAY, DAY)?.inputTokens, 0);
  assert.deepEqual(today.unpricedModels(), []);
});

Deno.test("Today tells no cost while nothing had a price, and names few models without one", () => {
  const today = new Today(TEST_OPTIONS.dayAt);
  for (let index = 0; index < 100; index++) today.addUsage(USED, { model: `m${index}`, costUsd: null }, 1, 1);
  assert.equal(today.at(1, 1)?.costUsd, null);
  assert.deepEqual(today.unpricedModels(), ["m0", "m1", "m2", "m3", "m4"]);
});

Deno.test("Today goes on where it was saved, on the same day", () => {
  const before = new Today(TEST_OPTIONS.dayAt);
  before.addUsage(USED, PRICED, 1, 1);
  const state = JSON.parse(JSON.stringify(before.saveState()));
  const after = new Today(TEST_OPTIONS.dayAt);
  after.loadState(state);
  after.addUsage(USED, PRICED, 2, 2);
  assert.equal(after.at(2, 2)?.costUsd, 1);
  const nextDay = new Today(TEST_OPTIONS.dayAt);
  nextDay.loadState(state);
  assert.equal(nextDay.at(DAY, DAY)?.costUsd, null);
});
