import assert from "node:assert/strict";
import { Answering } from "../../../lib/runtime/answering.ts";
import { giveWay } from "../../../lib/runtime/event_loop.ts";
import { until } from "../../support/deadline.ts";

const LATE = 60_000;

/** What another thread says that works for `answering`. */
function startWork(answering: Answering, waitMs: number): Disposable & { readonly said: readonly string[] } {
  const said: string[] = [];
  const worker = new Worker(new URL("answering_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => void said.push(data);
  worker.postMessage({ cell: answering.cell, waitMs });
  return { said, [Symbol.dispose]: () => worker.terminate() };
}

Deno.test("another thread stops while this one answers, and goes on when it has", async () => {
  const answering = new Answering();
  answering.begin();
  using work = startWork(answering, LATE);
  await until("it waits", () => work.said.length > 0);
  for (let turn = 0; turn < 100; turn++) await giveWay();
  assert.deepEqual(work.said, ["waits"]);
  answering.end();
  await until("it goes on", () => work.said.length > 1);
});

Deno.test("another thread stops no longer than told", async () => {
  const answering = new Answering();
  answering.begin();
  using work = startWork(answering, 1);
  await until("it goes on", () => work.said.length > 1);
});

Deno.test("another thread does not stop when nobody asks", async () => {
  using work = startWork(new Answering(), LATE);
  await until("it goes on", () => work.said.length > 1);
});
