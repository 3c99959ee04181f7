import assert from "node:assert/strict";
import { Pacer, restMs } from "../../../lib/source/pacer.ts";

const FOR_EVER_MS = 3_600_000;

Deno.test("Pacer.wait() ends when woken, also before it began, and the next one then does not", async () => {
  const pacer = new Pacer();
  pacer.wake();
  assert.equal(await pacer.wait(FOR_EVER_MS), true);
  let isOver = false;
  const waiting = pacer.wait(FOR_EVER_MS).then((wasWoken) => {
    isOver = true;
    return wasWoken;
  });
  // Were the first wake still in force, the wait would be over after a turn.
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assert.deepEqual(isOver, false);
  pacer.wake();
  assert.equal(await waiting, true);
});

Deno.test("Pacer.wait() ends by itself, and a wake after that ends the next one", async () => {
  const pacer = new Pacer();
  assert.equal(await pacer.wait(1), false);
  pacer.wake();
  assert.equal(await pacer.wait(FOR_EVER_MS), true);
});

Deno.test("restMs(): looks in vain make the next ones rarer, but not rarer than a second or what is configured", () => {
  assert.deepEqual(restMs(200, 0), 200);
  assert.deepEqual(restMs(200, 49), 200);
  assert.deepEqual(restMs(200, 50), 1_000);
  assert.deepEqual(restMs(10, 1e9), 50);
  assert.deepEqual(restMs(400, 50), 1_000);
  assert.deepEqual(restMs(60_000, 50), 60_000);
});
