import { type Query, WRITER_LOCK } from "./connection.ts";
import { foldRows } from "./fold_rows.ts";
import { agentKeyOf, dlqKeyOf, Rows, stepGroupOf } from "./rows.ts";
import type { StepRow } from "./step_rows.ts";
import type { StoredEvent } from "./stored_event.ts";
import {
  arrayLiteral,
  insertSql,
  parametersOf,
  readRow,
  selectSql,
  type Table,
  unnestSql,
  upsertSql,
  valueSql,
} from "./table_sql.ts";
import { AGENTS, DLQ, type EventRow, EVENTS, JOBS, STEPS, USAGE, WORKFLOWS } from "./tables.ts";

/** Rows written, by table. */
export type Written = Readonly<Record<string, number>>;

/** Events with what writing them begins with, made before it is their turn. */
export interface PreparedEvents {
  readonly events: readonly StoredEvent[];
  readonly inserts: readonly Insert[];
}
interface Insert {
  readonly sql: string;
  readonly parameters: readonly string[];
}

export function prepareEvents(events: readonly StoredEvent[], instance: string): PreparedEvents {
  return { events, inserts: insertsOf(events, instance) };
}

/**
 * Writes events and all that follows from them, within a transaction. An event that `events` holds already is passed
 * over with everything it would change: it was counted in when it was first written.
 *
 * @param expiredBeforeMicros events older than that get no row of their own, `null`: all do
 */
export async function writeEvents(
  query: Query,
  { events, inserts }: PreparedEvents,
  options: { readonly instance: string; readonly expiredBeforeMicros: number | null },
): Promise<Written> {
  const limit = options.expiredBeforeMicros ?? -Infinity;
  const kept = events.filter(({ atMicros }) => atMicros >= limit);
  const added = new Set<string>();
  for (const { sql, parameters } of kept.length === events.length ? inserts : insertsOf(kept, options.instance)) {
    // It looks for what others have written, so none may be writing it now.
    if (sql === INSERT_UNLESS_KNOWN) await query(LOCK_WRITERS);
    for (const { id } of await query(sql, parameters)) added.add(String(id));
  }
  const news = events.filter(({ id, atMicros }) => added.has(id) || atMicros < limit);
  if (news.length === 0) return { events: 0 };

  await query(LOCK_WRITERS);
  const touched = new Rows(options.instance);
  foldRows(news, touched);
  const rows = new Rows(options.instance);
  await load(query, touched, rows);
  foldRows(news, rows);
  return { events: added.size, ...await save(query, rows) };
}

function insertsOf(events: readonly StoredEvent[], instance: string): readonly Insert[] {
  // In the order of their ids, so that two writers of the same events wait for one another only one way.
  const sorted = events.toSorted((a, b) => a.id < b.id ? -1 : 1);
  const fixed = sorted.filter(({ isTimeFixed }) => isTimeFixed);
  const others = sorted.filter(({ isTimeFixed }) => !isTimeFixed);
  return ([[INSERT_FIXED, fixed], [INSERT_UNLESS_KNOWN, others]] as const)
    .filter(([, some]) => some.length > 0)
    .map(([sql, some]) => ({ sql, parameters: parametersOf(EVENTS, some.map((one) => rowOf(one, instance))) }));
}

/** Held to the transaction's end; taken twice it is the same. */
const LOCK_WRITERS = `SELECT pg_advisory_xact_lock(${WRITER_LOCK})`;

const INSERT_FIXED = `${insertSql(EVENTS)} RETURNING id`;

/**
 * For events whose time is when they were read: the key (id, time) does not recognise them. The lateral look-up probes
 * the key's index of each partition, where NOT EXISTS could be planned as a scan of them all.
 */
const INSERT_UNLESS_KNOWN = `INSERT INTO events (${EVENTS.columns.map(({ name }) => `"${name}"`).join(", ")})
SELECT ${EVENTS.columns.map(valueSql).join(", ")}
FROM ${unnestSql(EVENTS.columns)}
LEFT JOIN LATERAL (SELECT true AS is_known FROM events known WHERE known.id = x.id LIMIT 1) known ON true
WHERE known.is_known IS NULL
ON CONFLICT DO NOTHING
RETURNING id`;

function rowOf(stored: StoredEvent, instance: string): EventRow {
  const { id, atMicros, runId, jobKey, agentId, correlationId, record, details } = stored;
  const { origin, event: { type } } = record;
  return { id, atMicros, type, runId, jobKey, agentId, correlationId, origin, instance, payload: details.payload };
}

/** Brings the rows with the keys of `touched` into `rows`. */
async function load(query: Query, touched: Rows, rows: Rows): Promise<void> {
  const some = async <R>(table: Table<R>, condition: string, ...keys: (readonly string[])[]): Promise<readonly R[]> => {
    if (keys[0]?.length === 0) return [];
    const found = await query(selectSql(table, condition), keys.map(arrayLiteral));
    return found.map((raw) => readRow(table, raw));
  };
  const items = [...touched.dlq.values()];
  const groups = [...touched.steps.keys()].map((group) => group.split(" "));
  const [workflows, jobs, agents, dlq, steps] = await Promise.all([
    some(WORKFLOWS, "id = ANY ($1::uuid[])", ids(touched.workflows)),
    some(JOBS, "job_id = ANY ($1::text[])", [...touched.jobs.keys()]),
    some(AGENTS, "id = ANY ($1::uuid[])", ids(touched.agents)),
    some(
      DLQ,
      "(job_id, item_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
      items.map(({ jobKey }) => jobKey),
      items.map(({ itemId }) => itemId),
    ),
    some(
      STEPS,
      "workflow_execution_id = ANY ($1::uuid[]) AND step_index = ANY ($2::bigint[])",
      [...new Set(groups.map(([run = ""]) => run))],
      [...new Set(groups.map(([, index = ""]) => index))],
    ),
  ]);
  for (const row of workflows) rows.workflows.set(row.workflowId, row);
  for (const row of jobs) rows.jobs.set(row.key, row);
  for (const row of agents) rows.agents.set(agentKeyOf(row.jobKey, row.agentId), row);
  for (const row of dlq) rows.dlq.set(dlqKeyOf(row.jobKey, row.itemId), row);
  for (const [group, some] of Map.groupBy(steps, groupOf)) rows.steps.set(group, some);
}

function groupOf({ workflowExecutionId, stepIndex }: StepRow): string {
  return stepGroupOf(workflowExecutionId, stepIndex);
}

function ids(rows: ReadonlyMap<string, { readonly id: string }>): readonly string[] {
  return Array.from(rows.values(), ({ id }) => id);
}

/** Writes what changed; what others refer to comes first. */
async function save(query: Query, rows: Rows): Promise<Written> {
  const changed = <R extends object>(all: Iterable<R>): readonly R[] =>
    [...all].filter((row) => (rows.changed as ReadonlySet<object>).has(row));
  const steps: readonly StepRow[] = changed([...rows.steps.values()].flat());
  const writes = [
    upsertOf(WORKFLOWS, changed(rows.workflows.values())),
    upsertOf(JOBS, changed(rows.jobs.values())),
    upsertOf(STEPS, steps),
    upsertOf(AGENTS, changed(rows.agents.values())),
    upsertOf(DLQ, changed(rows.dlq.values())),
    writeOf(USAGE, insertSql(USAGE), rows.usage),
  ].filter(({ count }) => count > 0);
  const keys = arrayLiteral([...rows.recount]);
  const recounts = rows.recount.size === 0 ? [] : [RECOUNT_ITEMS, RECOUNT_DLQ];
  // All at once, so that none waits for the answer to another.
  await Promise.all([
    ...writes.map(({ sql, parameters }) => query(sql, parameters)),
    ...recounts.map((sql) => query(sql, [keys])),
  ]);
  return Object.fromEntries(writes.map(({ table, count }) => [table, count]));
}

interface Write {
  readonly table: string;
  readonly count: number;
  readonly sql: string;
  readonly parameters: readonly string[];
}

function upsertOf<R>(table: Table<R>, rows: readonly R[]): Write {
  return writeOf(table, upsertSql(table), rows);
}

function writeOf<R>(table: Table<R>, sql: string, rows: readonly R[]): Write {
  return { table: table.name, count: rows.length, sql, parameters: parametersOf(table, rows) };
}

const RECOUNT_ITEMS = `UPDATE mapreduce_jobs job
SET successful_items = agents.successful, failed_items = agents.failed
FROM (
  SELECT job_id, count(*) FILTER (WHERE status = 'success') AS successful,
    count(*) FILTER (WHERE status = 'failed') AS failed
  FROM agent_executions WHERE job_id = ANY ($1::text[]) GROUP BY job_id
) agents
WHERE job.job_id = agents.job_id AND NOT job.are_items_stated`;

const RECOUNT_DLQ = `UPDATE mapreduce_jobs job
SET dlq_items = items.present
FROM (
  SELECT job_id, count(*) FILTER (WHERE is_present) AS present
  FROM dlq_items WHERE job_id = ANY ($1::text[]) GROUP BY job_id
) items
WHERE job.job_id = items.job_id`;
