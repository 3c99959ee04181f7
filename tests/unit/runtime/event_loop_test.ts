import assert from "node:assert/strict";
import { giveWay } from "../../../lib/runtime/event_loop.ts";

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
