import assert from "node:assert/strict";
import {
  isBefore,
  isNear,
  monthOf,
  monthOfPartition,
  nextMonth,
  partitionName,
  startOf,
} from "../../../lib/store/months.ts";

const NOW_MS = Date.UTC(2026, 10, 24);

Deno.test("monthOf() counts in UTC", () => {
  assert.deepEqual(monthOf(Date.UTC(2026, 10, 1) * 1000), { year: 2026, month: 11 });
  assert.deepEqual(monthOf(Date.UTC(2026, 10, 1) * 1000 - 1), { year: 2026, month: 10 });
});

Deno.test("nextMonth() goes over the year", () => {
  assert.deepEqual(nextMonth({ year: 2026, month: 12 }), { year: 2027, month: 1 });
  assert.equal(startOf(nextMonth({ year: 2026, month: 8 })), "2026-09-01 00:00:00+00");
});

Deno.test("monthOfPartition() reads what partitionName() wrote, and nothing else", () => {
  assert.equal(partitionName({ year: 2026, month: 3 }), "events_2026_03");
  assert.deepEqual(monthOfPartition("events_2026_03"), { year: 2026, month: 3 });
  for (const name of ["events_default", "events_2026_13", "events_2026_3", "x_events_2026_03"]) {
    assert.equal(monthOfPartition(name), null);
  }
});

const NEAR: readonly { readonly month: readonly [number, number]; readonly near: boolean }[] = [
  { month: [2026, 12], near: true },
  { month: [2027, 1], near: false },
  { month: [2016, 11], near: true },
  { month: [2016, 10], near: false },
];
for (const { month: [year, month], near } of NEAR) {
  Deno.test(`isNear() gives ${year}-${month} ${near ? "a" : "no"} partition of its own`, () => {
    assert.equal(isNear({ year, month }, NOW_MS), near);
  });
}

Deno.test("isBefore() holds for a month that is over", () => {
  const limit = Date.UTC(2026, 10, 1) * 1000;
  assert.equal(isBefore({ year: 2026, month: 10 }, limit), true);
  assert.equal(isBefore({ year: 2026, month: 11 }, limit), false);
  assert.equal(isBefore({ year: 2026, month: 10 }, limit - 1), false);
});
