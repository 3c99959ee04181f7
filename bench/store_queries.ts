import { migrateDatabase } from "../lib/store/postgres_store.ts";
import { startPostgres } from "../tests/support/postgres_server.ts";

/*
 * The documented queries on five million events and what belongs to them, spread over half a year: time of the second
 * run, and the indexes that EXPLAIN shows.
 *
 *   deno run --allow-all bench/store_queries.ts [EVENTS]
 */

const EVENTS = Number(Deno.args[0] ?? 5_000_000);
const DOC = await Deno.readTextFile(new URL("../docs/postgres-metrics.md", import.meta.url));
const SECTION = DOC.slice(DOC.indexOf("\n## Queries\n")).split(/\n## /)[1] ?? "";
const QUERIES = [...SECTION.matchAll(/([^\n]*):\n\n```sql\n(.*?);\n```/gs)];

const SPAN = "interval '180 days'";
/** As many rows of each kind as a busy installation has for that many events. */
const FILL = [
  `INSERT INTO workflow_executions
  SELECT gen_random_uuid(), 'workflow-' || i % 40, now() - ${SPAN} * random(), now(), (ARRAY['success','success','success','failed'])[1 + i % 4],
    (random() * 3600000)::bigint, 8, i % 3, NULL, 'session-' || i, 'bench', true, now()
  FROM generate_series(1, ${EVENTS / 50}) i`,
  `INSERT INTO step_executions
  SELECT gen_random_uuid(), id, step, (ARRAY['claude','shell','test'])[1 + step % 3], 'shell: cargo test --all ' || step, started_at,
    started_at, 'success', (random() * 60000)::bigint, false, NULL, 1, 'bench', true
  FROM workflow_executions, generate_series(0, 7) step`,
  `INSERT INTO mapreduce_jobs
  SELECT workflow_id || '/mapreduce-1', id, started_at, completed_at, 500, 490, 10, 5, 'success', 'bench', true, true, now()
  FROM workflow_executions WHERE failed_steps = 0 LIMIT ${EVENTS / 500}`,
  `INSERT INTO agent_executions
  SELECT gen_random_uuid(), job_id, 'agent_' || n, started_at, started_at, 'success', (random() * 600000)::bigint, 1, NULL, NULL, 'bench',
    true, now()
  FROM mapreduce_jobs, generate_series(1, 100) n`,
  `INSERT INTO dlq_items
  SELECT job_id, 'item_' || n, n < 4, started_at, NULL, 'signature-' || n % 3, 1, 'bench' FROM mapreduce_jobs, generate_series(1, 5) n`,
  `CREATE TEMP TABLE runs AS SELECT id, row_number() OVER () AS n FROM workflow_executions; CREATE INDEX ON runs (n)`,
  `INSERT INTO claude_usage
  SELECT gen_random_uuid(), now() - ${SPAN} * (i / ${EVENTS / 5}.0), runs.id, NULL, NULL, NULL,
    (ARRAY['claude-sonnet-4-5','claude-opus-4-5','claude-haiku-4-5'])[1 + i % 3], 1000, 500, 20000, 100, random() / 10, 'bench'
  FROM generate_series(1, ${EVENTS / 5}) i JOIN runs ON n = 1 + i % ${EVENTS / 50}`,
  `CREATE TEMP TABLE jobs AS SELECT job_id, row_number() OVER () AS n FROM mapreduce_jobs; CREATE INDEX ON jobs (n)`,
  `INSERT INTO events
  SELECT gen_random_uuid(), now() - ${SPAN} * (i / ${EVENTS}.0),
    (ARRAY['claude_tool_invoked','agent_started','agent_completed','claude_token_usage','agent_progress'])[1 + i % 5],
    NULL, job_id, 'agent_' || i % 100, NULL, 'line', 'bench', jsonb_build_object('tool_name', 'Tool' || i % 9, 'event_type', 'x')
  FROM generate_series(1, ${EVENTS}) i JOIN jobs ON n = 1 + i % ${EVENTS / 500}`,
];

await using server = await startPostgres({
  settings: ["shared_buffers = 1GB", "work_mem = 64MB", "max_wal_size = 8GB", "random_page_cost = 1.1"],
});
await using database = await server.createDatabase();
const { sql } = database;
await migrateDatabase({ url: database.url, passwordFile: null, caFile: null });
for (let back = 7; back >= 0; back--) {
  await sql.unsafe(`DO $$ DECLARE start date := date_trunc('month', now()) - interval '${back} months'; BEGIN
    EXECUTE format('CREATE TABLE %I PARTITION OF events FOR VALUES FROM (%L) TO (%L)', to_char(start, '"events_"YYYY_MM'),
      start::timestamptz, (start + interval '1 month')::timestamptz); END $$`);
}
for (const statement of FILL) await sql.unsafe(statement);
await sql.unsafe("VACUUM ANALYZE");

const results: unknown[] = [];
for (const [, title, query = ""] of QUERIES) {
  await sql.unsafe(query);
  const startMs = performance.now();
  const rows = await sql.unsafe(query);
  const ms = Math.round(performance.now() - startMs);
  const [plan] = await sql.unsafe(`EXPLAIN (FORMAT JSON) ${query}`);
  const text = JSON.stringify(plan?.["QUERY PLAN"]);
  const indexes = new Set(Array.from(text.matchAll(/"Index Name":"([^"]*)"/g), ([, name]) => name));
  const scans = new Set(
    Array.from(text.matchAll(/"Node Type":"Seq Scan".*?"Relation Name":"([^"]*)"/g), ([, name]) => name),
  );
  results.push({ title, ms, rows: rows.length, indexes: [...indexes], scans: [...scans] });
}
const [size] = await sql.unsafe("SELECT pg_size_pretty(pg_database_size(current_database())) AS size");
const [counts] = await sql.unsafe(
  `SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM claude_usage) AS usage,
  (SELECT count(*) FROM step_executions) AS steps, (SELECT count(*) FROM agent_executions) AS agents`,
);
// deno-lint-ignore no-console -- what a bench is for
console.log(JSON.stringify({ rows: counts, size: size?.["size"], results }, null, 1));
