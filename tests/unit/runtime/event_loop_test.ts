import assert from "node:assert/strict";
import { BurstPace } from "../../../lib/runtime/burst_pace.ts";
import { giveWay, NOBODY_ASKS } from "../../../lib/runtime/event_loop.ts";
import { until } from "../../support/deadline.ts";

/** Asked again and again while the process does nothing but work; true when it was answered before the deadline. */
async function isAnsweredBetweenSlices(rest: () => Promise<void>, slices: number): Promise<boolean> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("here"));
  let isAnswered = false;
  const asked = fetch(`http://127.0.0.1:${server.addr.port}/`).then(async (response) => {
    await response.text();
    isAnswered = true;
  });
  for (let slice = 0; slice < slices && !isAnswered; slice++) {
    const untilMs = performance.now() + 1;
    while (performance.now() < untilMs);
    await rest();
  }
  const before = isAnswered;
  await asked;
  return before;
}

Deno.test("giveWay() lets a request be answered between slices of work", async () => {
  // Connecting, asking, answering and reading take some looks at the sockets each.
  assert.equal(await isAnsweredBetweenSlices(giveWay, 100), true);
});

Deno.test("BurstPace lets a request be answered between slices, in a burst and when that lasts", async () => {
  const pace = new BurstPace(NOBODY_ASKS);
  assert.equal(await isAnsweredBetweenSlices(() => pace.rest(), 100), true);
  const burst = (): Promise<void> => {
    pace.begin();
    return pace.rest();
  };
  assert.equal(await isAnsweredBetweenSlices(burst, 100), true);
});

Deno.test("BurstPace works in shorter slices until a burst ends or has lasted too long", async () => {
  const pace = new BurstPace(NOBODY_ASKS);
  const longMs = pace.sliceMs;
  pace.begin();
  assert.ok(pace.sliceMs < longMs);
  await until("slices are long again", () => pace.sliceMs === longMs);
  pace.begin();
  assert.ok(pace.sliceMs < longMs);
  pace.end();
  assert.equal(pace.sliceMs, longMs);
});

Deno.test("BurstPace waits for those who ask", async () => {
  const waits: number[] = [];
  const pace = new BurstPace((timeoutMs) => Promise.resolve(waits.push(timeoutMs)));
  await pace.rest();
  pace.begin();
  await pace.rest();
  assert.equal(waits.length, 2);
});
