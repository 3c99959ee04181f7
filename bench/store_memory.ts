import { BlockDecoder, type LineHandler } from "../lib/event/block_decoder.ts";
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

/** So many blocks of 18 KB would be 90 MB. */
const ALONE = 5_000;

function usedBytes(): number {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

const before = usedBytes();
const recorder = startRecorder({ batchSize: 100, flushIntervalMs: 5000, instance: "bench" }, {
  openWriter: () => ({ write: () => new Promise(() => {}), close: () => Promise.resolve() }),
  now: Date.now,
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
const decoder = new BlockDecoder();
const handler: LineHandler = {
  onRecord: (record) => {
    const startMs = performance.now();
    recorder.offer(record, decoder.line, null);
    offerMs += performance.now() - startMs;
  },
  onRejected: () => {},
};
/** Lines of a type nobody knows: what an event is cut out of. */
const FILLER = new TextEncoder().encode(`\n{"event_type":"x"}`.repeat(1_000));
for (const { text } of eventLines(20 * QUEUE_CAPACITY, Date.UTC(2026, 10, 24))) {
  const line = new TextEncoder().encode(text);
  // The last ones stand alone in a block each, which must not be kept for them.
  const isAlone = ++offers > 20 * QUEUE_CAPACITY - ALONE;
  const block = new Uint8Array(line.length + (isAlone ? FILLER.length : 0));
  block.set(line);
  if (isAlone) block.set(FILLER, line.length);
  decoder.decode(block, null, handler);
  // The lanes take their batches.
  if (offers % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
// deno-lint-ignore no-console -- what a bench is for
console.log(JSON.stringify({
  queued: recorder.queued,
  usedMegabytes: Number(((usedBytes() - before) / 1e6).toFixed(1)),
  offerMicroseconds: Number((offerMs / offers * 1e3).toFixed(2)),
}));
Deno.exit(0);
