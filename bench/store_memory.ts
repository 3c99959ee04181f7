import { decodeLine } from "../lib/event/decode.ts";
import { QUEUE_CAPACITY, startRecorder } from "../lib/store/recorder.ts";
import { eventLines } from "./store_events.ts";

/*
 * Memory of a full queue: a recorder whose database never answers, offered twenty times as many events as it holds.
 *
 *   deno run --allow-all --v8-flags=--expose-gc bench/store_memory.ts
 */

declare global {
  var gc: () => void;
}

function usedBytes(): number {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

const before = usedBytes();
const recorder = startRecorder({ batchSize: 100, flushIntervalMs: 5000, keepPayload: false, instance: "bench" }, {
  store: { write: () => new Promise(() => {}), close: () => Promise.resolve() },
  now: Date.now,
  random: Math.random,
  events: {
    onWritten: () => {},
    onFault: () => {},
    onRecovered: () => {},
    onDropped: () => {},
    onDropWarning: () => {},
    onTextLost: () => {},
    onLeft: () => {},
    onDefect: () => {},
    onSetAside: () => {},
  },
});
let offerMs = 0;
let offers = 0;
for (const { text, runId } of eventLines(20 * QUEUE_CAPACITY, Date.UTC(2026, 10, 24))) {
  const record = decodeLine(text, runId);
  if ("rejected" in record) throw new Error(record.rejected);
  const startMs = performance.now();
  recorder.offer(record, text, null);
  offerMs += performance.now() - startMs;
  // The lanes take their batches.
  if (++offers % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
// deno-lint-ignore no-console -- what a bench is for
console.log(JSON.stringify({
  queued: recorder.queued,
  usedMegabytes: Number(((usedBytes() - before) / 1e6).toFixed(1)),
  offerMicroseconds: Number((offerMs / offers * 1e3).toFixed(2)),
}));
Deno.exit(0);
