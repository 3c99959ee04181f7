import { decodeLine } from "../../lib/event/decode.ts";
import type { EventRecord } from "../../lib/event/record.ts";
import { BatchWriter, type BatchWriterDeps } from "../../lib/store/batch_writer.ts";
import { PostgresStore, type PostgresStoreOptions } from "../../lib/store/postgres_store.ts";
import { type Recorder, type RecorderOptions, startRecorder } from "../../lib/store/recorder.ts";
import type { UsageMeaning } from "../../lib/store/stored_event.ts";
import type { Sql } from "./postgres_server.ts";

export interface StoreRig extends AsyncDisposable {
  readonly recorder: Recorder;
  /** What the recorder told, in order. */
  readonly told: string[];
  /** Rows written, by table. */
  readonly written: Map<string, number>;
  readonly dropped: () => number;
  offer(record: EventRecord, usage?: UsageMeaning | null): void;
  offerLine(line: object, runId?: string | null): void;
  /** Waits until everything offered is in the database. */
  stored(): Promise<void>;
}

export interface StoreRigOptions {
  readonly store?: Partial<PostgresStoreOptions>;
  readonly recorder?: Partial<RecorderOptions>;
  readonly writer?: Partial<Pick<BatchWriterDeps, "keepPayload" | "random">>;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
}

const STORED_MS = 30_000;

/** A recorder on a real database, with short waits. */
export function openStoreRig(url: string, options: StoreRigOptions = {}): StoreRig {
  const told: string[] = [];
  const written = new Map<string, number>();
  let dropped = 0;
  const now = options.now ?? Date.now;
  const instance = options.store?.instance ?? "rig";
  const store = new PostgresStore(
    { url, passwordFile: null, caFile: null, instance, retentionSeconds: null, ...options.store },
    {
      now,
      events: {
        onMigrated: ({ from, to }) => void told.push(`migrated ${from} to ${to}`),
        onPartitionsDropped: (partitions) => void told.push(`partitions dropped ${partitions.join(",")}`),
        onProblem: (problem) => void told.push(`problem ${problem}`),
      },
    },
  );
  const recorder = startRecorder(
    { batchSize: 100, flushIntervalMs: 50, instance, ...options.recorder },
    {
      // Jitter would only make tests slower.
      openWriter: (events) =>
        new BatchWriter({ store, events, keepPayload: false, random: () => 0.2, ...options.writer }),
      now,
      events: {
        onWritten: (rows) => {
          for (const [table, count] of Object.entries(rows)) written.set(table, (written.get(table) ?? 0) + count);
        },
        onFault: (fault, isNew) => void (isNew && told.push(`fault ${fault.code}: ${fault.message}`)),
        onRecovered: () => void told.push("recovered"),
        onDropped: () => void dropped++,
        onDropWarning: () => void told.push("dropping"),
        onTextLost: () => void told.push("text lost"),
        onSetAside: ({ record }, fault) => void told.push(`set aside ${record.event.type} ${fault.code}`),
        onLeft: (count) => void told.push(`left ${count}`),
        onDefect: (error) => void told.push(`defect ${error instanceof Error ? error.stack : error}`),
      },
    },
  );
  return {
    recorder,
    told,
    written,
    dropped: () => dropped,
    offer: (record, usage = null) => recorder.offer(record, null, usage),
    offerLine: (line, runId = null) => {
      const text = JSON.stringify(line);
      const record = decodeLine(text, runId);
      if ("rejected" in record) throw new TypeError(`Rejected: ${record.rejected} ${record.detail}`);
      recorder.offer(record, new TextEncoder().encode(text), null);
    },
    stored: async () => {
      if (await recorder.stored(recorder.offered, STORED_MS)) return;
      throw new Error(`Not stored in time: ${recorder.problem} ${told.join("; ")}`);
    },
    // What cannot be written now will not be in a moment.
    [Symbol.asyncDispose]: () => recorder.drain(recorder.problem === null ? 5_000 : 0),
  };
}

export const STORE_TABLES = [
  "workflow_executions",
  "step_executions",
  "mapreduce_jobs",
  "agent_executions",
  "dlq_items",
  "claude_usage",
  "events",
] as const;

/** Every row of every table as text, in an order that is its own. */
export async function allRows(sql: Sql): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables: [string, readonly string[]][] = [];
  for (const table of STORE_TABLES) {
    const rows = await sql.unsafe(`SELECT t::text AS row FROM ${table} t ORDER BY 1`);
    tables.push([table, rows.map(({ row }) => String(row))]);
  }
  return Object.fromEntries(tables);
}

export async function countRows(sql: Sql, table: (typeof STORE_TABLES)[number]): Promise<number> {
  const [row] = await sql.unsafe(`SELECT count(*) AS count FROM ${table}`);
  return Number(row?.["count"]);
}
