import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { type EventLine, eventLines } from "./store_events.ts";
import { startPostgres, type TestDatabase } from "../tests/support/postgres_server.ts";
import { decodeLine } from "../lib/event/decode.ts";
import { Metrics } from "../lib/metrics/metrics.ts";
import { TEST_OPTIONS } from "../tests/support/metrics.ts";
import { PostgresStore } from "../lib/store/postgres_store.ts";
import { QUEUE_CAPACITY, type Recorder, startRecorder } from "../lib/store/recorder.ts";

/*
 * Throughput of the event store: events are decoded and folded into the metrics, and recorded into all tables of a real
 * server on this machine, with its durability on. Twice the same events; the second time must change nothing.
 *
 *   deno run --allow-all bench/store.ts [EVENTS]
 */

const EVENTS = Number(Deno.args[0] ?? 1_000_000);
const SLICE = 100;
const NOW_MS = Date.UTC(2026, 10, 24);

interface Pass {
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** CPU time of this process. */
  readonly cpuSeconds: number;
}

async function pass(database: TestDatabase): Promise<Pass> {
  const metrics = new Metrics(TEST_OPTIONS, { onLimit: () => {}, onReaped: () => {} });
  const recorder = recorderOf(database);
  const startedMs = performance.now();
  const cpu = cpuSeconds();
  let count = 0;
  for (const line of eventLines(EVENTS, NOW_MS)) {
    fold(line, metrics, recorder);
    // As the pipeline does: the event loop gets its turn, and answers arrive while the database works.
    if (++count % SLICE === 0) await setImmediate();
    // A file is read faster than rows are written; live events do not come that fast.
    if (recorder.queued > QUEUE_CAPACITY - SLICE) {
      await recorder.stored(recorder.offered - QUEUE_CAPACITY + 10 * SLICE, 60_000);
    }
  }
  await recorder.stored(recorder.offered, 60_000);
  const seconds = (performance.now() - startedMs) / 1000;
  const used = cpuSeconds() - cpu;
  await recorder.drain(10_000);
  return { eventsPerSecond: Math.round(EVENTS / seconds), seconds, cpuSeconds: used };
}

function fold({ text, runId }: EventLine, metrics: Metrics, recorder: Recorder): void {
  const record = decodeLine(text, runId);
  if ("rejected" in record) throw new Error(`A line was rejected: ${record.rejected} ${record.detail}`);
  metrics.fold.fold(record);
  const { model, workflowName, costUsd } = metrics.work;
  recorder.offer(record, text, record.event.type === "claude_token_usage" ? { model, workflowName, costUsd } : null);
}

function recorderOf({ url }: TestDatabase): Recorder {
  const fail = (error: unknown): never => {
    throw error;
  };
  const store = new PostgresStore(
    { url, passwordFile: null, caFile: null, instance: "bench", retentionSeconds: null },
    { now: () => NOW_MS, onMigrated: () => {}, onDropped: () => {}, onProblem: fail },
  );
  return startRecorder({ batchSize: 100, flushIntervalMs: 5000, keepPayload: false, instance: "bench" }, {
    store,
    now: Date.now,
    random: Math.random,
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
const first = await pass(database);
const rows = await digest(database);
const second = await pass(database);
const isSame = JSON.stringify(rows) === JSON.stringify(await digest(database));
// deno-lint-ignore no-console -- what a bench is for
console.log(JSON.stringify({ events: EVENTS, first, second, isSameAfterReplay: isSame, rows }, null, 2));
