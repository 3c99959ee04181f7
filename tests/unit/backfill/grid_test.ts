import assert from "node:assert/strict";
import { createStepGrid, windowOf, windowStart } from "../../../lib/backfill/grid.ts";

Deno.test("windowOf() begins windows at even hours of UTC", () => {
  const at = (time: string): number => windowOf(Date.parse(time) / 1000);
  assert.equal(at("2026-11-24T08:00:00Z"), at("2026-11-24T09:59:59.999Z"));
  assert.equal(at("2026-11-24T10:00:00Z"), at("2026-11-24T08:00:00Z") + 1);
  assert.equal(new Date(windowStart(at("2026-11-24T09:30:00Z")) * 1000).toISOString(), "2026-11-24T08:00:00.000Z");
});

Deno.test("createStepGrid() repeats at least every two minutes, whatever the step", () => {
  for (const stepSeconds of [1, 7, 15, 60, 90, 120]) {
    const grid = createStepGrid(stepSeconds);
    const steps = Array.from({ length: 600 }, (_, index) => grid.atOrBefore(1_795_500_000) + index * stepSeconds);
    const repeated = steps.filter((step) => grid.repeats(step));
    const gaps = repeated.slice(1).map((step, index) => step - (repeated[index] ?? 0));
    assert.ok(gaps.every((gap) => gap <= 120 && gap > 120 - stepSeconds), `${stepSeconds}: ${gaps}`);
  }
});

Deno.test("createStepGrid() gives the step at or before a time", () => {
  const grid = createStepGrid(15);
  assert.deepEqual([0, 14.9, 15, 29.999, 30].map(grid.atOrBefore), [0, 0, 15, 15, 30]);
});
