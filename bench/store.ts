import process from "node:process";
import { eventLines } from "./store_events.ts";
import { startPostgres, type TestDatabase } from "../tests/support/postgres_server.ts";
import { BlockDecoder, type LineHandler } from "../lib/event/block_decoder.ts";
import { Metrics } from "../lib/metrics/metrics.ts";
import { TEST_OPTIONS } from "../tests/support/metrics.ts";
import { QUEUE_CAPACITY, type Recorder, startRecorder } from "../lib/store/recorder.ts";
import { Answering } from "../lib/runtime/answering.ts";
import { WorkerWriter } from "../lib/store/worker_writer.ts";

/*
 * Throughput of the event store: event lines are read, decoded and folded into the metrics, and recorded into all tables
 * of a real server on this machine, with its durability on. Twice the same events; the second time must change nothing.
 *
 *   deno run --allow-all bench/store.ts [EVENTS]
 */

const EVENTS = Number(Deno.args[0] ?? 1_000_000);
/** The event store's own thread begins in it. */
const MAIN = import.meta.resolve("../main.ts");
const NEWLINE = 0x0a;
const BLOCK_BYTES = 64 * 1024;
/** Some more than fit. */
const LINES_PER_BLOCK = 400;
const NOW_MS = Date.UTC(2026, 10, 24);

interface Pass {
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** CPU time of this process. */
  readonly cpuSeconds: number;
}

/** Event lines in a file, as the exporter finds them. */
async function writeLines(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  let block = "";
  for (const { text } of eventLines(EVENTS, NOW_MS)) {
    block += `${text}\n`;
    if (block.length < BLOCK_BYTES) continue;
    await file.write(new TextEncoder().encode(block));
    block = "";
  }
  await file.write(new TextEncoder().encode(block));
}

async function pass(database: TestDatabase, path: string): Promise<Pass> {
  const metrics = new Metrics(TEST_OPTIONS, { onLimit: () => {}, onReaped: () => {} });
  const recorder = recorderOf(database);
  const decoder = new BlockDecoder();
  const handler: LineHandler = {
    onRecord: (record) => {
      metrics.fold.fold(record);
      const { model, workflowName, costUsd } = metrics.work;
      const isUsage = record.event.type === "claude_token_usage";
      recorder.offer(record, decoder.line, isUsage ? { model, workflowName, costUsd } : null);
    },
    onRejected: fail,
  };
  const startedMs = performance.now();
  const cpu = cpuSeconds();
  using file = await Deno.open(path);
  const bytes = new Uint8Array(BLOCK_BYTES);
  let kept = 0;
  for (let read = await file.read(bytes); read !== null; read = await file.read(bytes.subarray(kept))) {
    const length = kept + read;
    const end = bytes.lastIndexOf(NEWLINE, length - 1);
    decoder.decode(bytes.subarray(0, end), null, handler);
    bytes.copyWithin(0, end + 1, length);
    kept = length - end - 1;
    // A file is read faster than rows are written; live events do not come that fast.
    const room = QUEUE_CAPACITY - LINES_PER_BLOCK;
    if (recorder.queued > room) await recorder.stored(recorder.offered - room, 60_000);
  }
  await recorder.stored(recorder.offered, 60_000);
  const seconds = (performance.now() - startedMs) / 1000;
  const used = cpuSeconds() - cpu;
  await recorder.drain(10_000);
  return { eventsPerSecond: Math.round(EVENTS / seconds), seconds, cpuSeconds: used };
}

function fail(problem: unknown): never {
  throw problem instanceof Error ? problem : new Error(JSON.stringify(problem));
}

function recorderOf({ url }: TestDatabase): Recorder {
  const options = {
    url,
    passwordFile: null,
    caFile: null,
    instance: "bench",
    retentionSeconds: null,
    keepPayload: false,
    answering: new Answering().cell,
  };
  return startRecorder({ batchSize: 100, flushIntervalMs: 5000, instance: "bench" }, {
    openWriter: (events) =>
      new WorkerWriter(new Worker(MAIN, { type: "module" }), options, {
        ...events,
        onMigrated: () => {},
        onPartitionsDropped: () => {},
        onProblem: fail,
      }),
    now: Date.now,
    events: {
      onWritten: () => {},
      onFault: fail,
      onRecovered: () => {},
      onDropped: () => fail(new Error("An event was dropped")),
      onDropWarning: () => {},
      onTextLost: () => fail(new Error("A line was lost")),
      onLeft: () => fail(new Error("Events were left")),
      onDefect: fail,
      onSetAside: (_event, fault) => fail(fault),
    },
  });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const TABLES = [
  "workflow_executions",
  "step_executions",
  "mapreduce_jobs",
  "agent_executions",
  "dlq_items",
  "claude_usage",
  "events",
];

/** Number of rows and a digest of all their content, by table. */
async function digest({ sql }: TestDatabase): Promise<Readonly<Record<string, string>>> {
  const digests: [string, string][] = [];
  for (const table of TABLES) {
    const [row] = await sql.unsafe(
      `SELECT count(*) || ' rows, ' || md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) AS digest FROM ${table} t`,
    );
    digests.push([table, String(row?.["digest"])]);
  }
  return Object.fromEntries(digests);
}

await using server = await startPostgres({ settings: ["fsync = on", "shared_buffers = 512MB", "max_wal_size = 4GB"] });
await using database = await server.createDatabase();
const path = await Deno.makeTempFile({ suffix: ".jsonl" });
await writeLines(path);
const first = await pass(database, path);
const rows = await digest(database);
const second = await pass(database, path);
await Deno.remove(path);
const isSame = JSON.stringify(rows) === JSON.stringify(await digest(database));
// deno-lint-ignore no-console -- what a bench is for
console.log(JSON.stringify({ events: EVENTS, first, second, isSameAfterReplay: isSame, rows }, null, 2));
