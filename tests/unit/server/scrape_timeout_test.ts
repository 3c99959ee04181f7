import assert from "node:assert/strict";
import { scrapeTimeoutMs, within } from "../../../lib/server/scrape_timeout.ts";

Deno.test("scrapeTimeoutMs() leaves the network its share and believes no nonsense", () => {
  const cases: readonly (readonly [header: string | null, ms: number])[] = [
    ["10", 9500],
    ["2.5", 2000],
    ["0.2", 100],
    [null, 9500],
    ["", 9500],
    ["0", 9500],
    ["-3", 9500],
    ["soon", 9500],
    ["NaN", 9500],
    ["Infinity", 299_500],
    ["1e99", 299_500],
  ];
  for (const [header, ms] of cases) {
    const headers = new Headers(header === null ? {} : { "x-prometheus-scrape-timeout-seconds": header });
    assert.equal(scrapeTimeoutMs(headers), ms, String(header));
  }
});

Deno.test("within() gives the value, the error, or null when it takes too long", async () => {
  assert.equal(await within(Promise.resolve(1), 10_000), 1);
  await assert.rejects(within(Promise.reject(new Error("broken")), 10_000), /broken/);
  const { promise, resolve } = Promise.withResolvers<number>();
  assert.equal(await within(promise, 1), null);
  resolve(1);
});
