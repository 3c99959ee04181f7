import assert from "node:assert/strict";
import { backoffMs } from "../../../lib/store/backoff.ts";

const OPTIONS = { firstMs: 250, capMs: 30_000 };

Deno.test("backoffMs() doubles up to the cap", () => {
  const longest = [1, 2, 3, 7, 8, 1000].map((failures) => backoffMs(failures, 1, OPTIONS));
  assert.deepEqual(longest, [250, 500, 1000, 16_000, 30_000, 30_000]);
});

Deno.test("backoffMs() has full jitter", () => {
  assert.equal(backoffMs(3, 0, OPTIONS), 0);
  assert.equal(backoffMs(3, 0.5, OPTIONS), 500);
});
