import assert from "node:assert/strict";
import { connect, POSTGRES_MISSING, type PostgresServer, type Sql, startPostgres } from "../support/postgres_server.ts";
import { openStoreRig } from "../support/store_rig.ts";
import { migrateDatabase } from "../../lib/store/postgres_store.ts";
import { eventLines } from "../../bench/store_events.ts";

const DOC = await Deno.readTextFile(new URL("../../docs/postgres-metrics.md", import.meta.url));

/** The SQL of a section, with the line before each block. */
function blocks(section: string): readonly { readonly title: string; readonly sql: string }[] {
  const start = DOC.indexOf(`\n## ${section}\n`);
  assert.ok(start >= 0, section);
  const text = DOC.slice(start + 1).split(/\n## /)[0] ?? "";
  return [...text.matchAll(/([^\n]*):\n\n```sql\n(.*?)```/gs)].map(([, title = "", sql = ""]) => ({ title, sql }));
}

/** Tables that a plan reads from end to end. */
function scanned(plan: unknown): readonly string[] {
  if (typeof plan !== "object" || plan === null) return [];
  const node = plan as Readonly<Record<string, unknown>>;
  const own = node["Node Type"] === "Seq Scan" ? [String(node["Relation Name"])] : [];
  return [...own, ...Object.values(node).flatMap(scanned)];
}

function indexes(plan: unknown): readonly string[] {
  if (typeof plan !== "object" || plan === null) return [];
  const node = plan as Readonly<Record<string, unknown>>;
  const own = typeof node["Index Name"] === "string" ? [node["Index Name"]] : [];
  return [...own, ...Object.values(node).flatMap(indexes)];
}

/** With so few rows the planner would rightly read them all; asked not to, it shows whether an index would serve. */
async function planOf(sql: Sql, query: string): Promise<unknown> {
  await sql.unsafe("SET enable_seqscan = off");
  const [row] = await sql.unsafe(`EXPLAIN (FORMAT JSON) ${query}`);
  await sql.unsafe("RESET enable_seqscan");
  return row?.["QUERY PLAN"];
}

/** Half a year of events, up to now. */
async function fill(url: string): Promise<void> {
  await using rig = openStoreRig(url);
  for (const { text, runId } of eventLines(6_000, Date.now(), 15)) rig.offerLine(JSON.parse(text), runId);
  await rig.stored();
}

type Test = (server: PostgresServer, sql: Sql, url: string) => Promise<void>;
const tests: (readonly [name: string, test: Test])[] = [
  ...blocks("Queries").map(({ title, sql: query }): readonly [string, Test] => [
    `the documented query "${title}" gives rows, by an index`,
    async (_server, sql) => {
      assert.ok((await sql.unsafe(query)).length > 0, "it gives rows");
      const plan = await planOf(sql, query);
      assert.ok(indexes(plan).length > 0, JSON.stringify(plan));
      assert.deepEqual(scanned(plan), []);
    },
  ]),

  ["there are as many documented queries as there should be", () => {
    assert.ok(blocks("Queries").length >= 10);
    return Promise.resolve();
  }],

  ["the documented clean-up works", async (_server, sql) => {
    const [clean] = blocks("Retention and backup");
    assert.ok(clean !== undefined);
    await sql.unsafe(`BEGIN; ${clean.sql.replaceAll("2 years", "100 days")} ROLLBACK`);
  }],

  ["the documented reader may read, partitions to come as well, and nothing else", async (server) => {
    const admin = connect(`postgresql://postgres@127.0.0.1:${server.port}/postgres`);
    await admin.unsafe(`CREATE ROLE prodigy_exporter LOGIN PASSWORD 'x'`);
    await admin.unsafe(`CREATE DATABASE prodigy OWNER prodigy_exporter`);
    await admin.end();
    const owner = `postgresql://prodigy_exporter:x@127.0.0.1:${server.port}/prodigy`;
    await migrateDatabase({ url: owner, passwordFile: null, caFile: null });
    const start = DOC.indexOf("CREATE ROLE grafana_reader");
    const setUp = connect(`postgresql://postgres@127.0.0.1:${server.port}/prodigy`);
    await setUp.unsafe(DOC.slice(start, DOC.indexOf("```", start)));
    await setUp.end();
    {
      await using rig = openStoreRig(owner);
      rig.offerLine({ event_type: "claude_message" });
      await rig.stored();
    }
    const reader = connect(`postgresql://grafana_reader:x@127.0.0.1:${server.port}/prodigy`);
    const [row] = await reader.unsafe("SELECT count(*) AS count FROM events");
    assert.equal(Number(row?.["count"]), 1);
    const month = `events_${new Date().toISOString().slice(0, 7).replace("-", "_")}`;
    assert.equal((await reader.unsafe(`SELECT * FROM ${month}`)).length, 1);
    for (const denied of ["DELETE FROM events", "CREATE TABLE x ()", "UPDATE mapreduce_jobs SET status = 'x'"]) {
      await assert.rejects(reader.unsafe(denied), /read-only|permission denied/);
    }
    await reader.end();
  }],

  ["the keys have what TimescaleDB and Citus ask for", async (_server, sql) => {
    const keys = await sql.unsafe(`
      SELECT indrelid::regclass::text AS table, array_agg(attname::text) AS columns
      FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
      WHERE indisunique AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND NOT relispartition)
      GROUP BY indexrelid, indrelid`);
    const rows = [...DOC.matchAll(/^\| `(\w+)` +\| (reference table|distributed by `(\w+)`)/gm)];
    const distributed = new Map(rows.map(([, table = "", , column]) => [table, column ?? null]));
    assert.equal(distributed.size, 7);
    for (const { table, columns } of keys) {
      const column = distributed.get(table);
      if (typeof column === "string") assert.ok(columns.includes(column), `${table} by ${column}`);
    }
    const references = await sql.unsafe(
      "SELECT conrelid::regclass::text AS table, confrelid::regclass::text AS to FROM pg_constraint WHERE contype = 'f'",
    );
    assert.ok(references.length >= 4);
    for (const { table, to } of references) assert.equal(distributed.get(to), null, `${table} refers to ${to}`);
    assert.deepEqual(keys.find(({ table }) => table === "events")?.["columns"].toSorted(), ["id", "timestamp"]);
  }],
];

Deno.test({
  name: `docs/postgres-metrics.md holds${POSTGRES_MISSING === null ? "" : ` (skipped: ${POSTGRES_MISSING})`}`,
  ignore: POSTGRES_MISSING !== null,
  fn: async (t) => {
    await using server = await startPostgres();
    await using database = await server.createDatabase();
    await fill(database.url);
    await database.sql.unsafe("ANALYZE");
    for (const [name, run] of tests) await t.step(name, () => run(server, database.sql, database.url));
  },
});
