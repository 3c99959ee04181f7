import assert from "node:assert/strict";
import { describeMigrations } from "../../lib/store/migrations.ts";
import { type BoardJson, readBoards } from "../support/grafana/board_json.ts";
import { connect, POSTGRES_MISSING, type Sql, startPostgres } from "../support/postgres_server.ts";

const SCRIPT = new URL("../../grafana/postgres/create-reader.sh", import.meta.url);

/** One row and more in each table, as the exporter writes them. */
const ROWS = `
INSERT INTO workflow_executions VALUES
  ('00000000-0000-5000-8000-000000000001', 'nightly', now() - interval '2 hours', now() - interval '1 hour', 'success',
   3600000, 3, 0, NULL, 'workflow-1', 'exporter', true, now()),
  ('00000000-0000-5000-8000-000000000002', 'nightly', now() - interval '1 hour', now(), 'failed', 60000, 3, 1, NULL,
   'workflow-2', 'exporter', true, now());
INSERT INTO step_executions VALUES
  ('00000000-0000-5000-8000-000000000003', '00000000-0000-5000-8000-000000000001', 0, 'shell', NULL,
   now() - interval '2 hours', now(), 'success', 1500, false, NULL, 0, 'exporter', true);
INSERT INTO mapreduce_jobs VALUES
  ('s/job-1', '00000000-0000-5000-8000-000000000001', now() - interval '1 hour', now(), 10, 8, 2, 2, 'success', 'exporter',
   true, true, now());
INSERT INTO dlq_items VALUES ('s/job-1', 'item_1', true, now(), NULL, '5b90fa24107446f8', 1, 'exporter');
INSERT INTO claude_usage VALUES
  ('00000000-0000-5000-8000-000000000004', now(), NULL, 'nightly', NULL, NULL, 'claude-sonnet-4-5', 10, 20, 30, 40, 0.5,
   'exporter'),
  ('00000000-0000-5000-8000-000000000005', now(), NULL, 'nightly', NULL, NULL, 'local', 10, 20, 30, 40, NULL, 'exporter');
INSERT INTO events VALUES
  ('00000000-0000-5000-8000-000000000006', now(), 'job_started', NULL, 'job-1', NULL, NULL, 'line', 'exporter', '{}');
`;

Deno.test({
  name: `every query of the PostgreSQL board answers, asked by a role that can only read${
    POSTGRES_MISSING === null ? "" : ` (skipped, ${POSTGRES_MISSING})`
  }`,
  ignore: POSTGRES_MISSING !== null,
  fn: async () => {
    await using server = await startPostgres();
    await using database = await server.createDatabase();
    await database.sql.unsafe(await readerScript(database.name));
    await database.sql.unsafe(describeMigrations());
    await database.sql.unsafe(ROWS);
    const reader = connect(`postgresql://prodigy_reader@127.0.0.1:${server.port}/${database.name}`);
    try {
      const board = (await readBoards()).find(({ uid }) => uid === "prodigy-postgres");
      assert.ok(board !== undefined);
      for (const [title, sql] of queriesOf(board)) {
        const rows = await reader.unsafe(fillIn(sql)).catch((error) => {
          throw new Error(`${title}: ${error}\n${sql}`);
        });
        assert.ok(rows.length > 0, `${title} shows nothing`);
      }
      await assertReadsOnly(reader);
    } finally {
      await reader.end({ timeout: 1 });
    }
  },
});

async function assertReadsOnly(reader: Sql): Promise<void> {
  await assert.rejects(reader.unsafe("DELETE FROM events"), /read-only transaction/);
  // It may say otherwise of its transactions; its rights stay.
  await reader.unsafe("SET default_transaction_read_only = off");
  for (const sql of ["DELETE FROM events", "INSERT INTO dlq_items VALUES ('a', 'b', true)", "CREATE TABLE t (a int)"]) {
    await assert.rejects(reader.unsafe(sql), /permission denied/, sql);
  }
}

function queriesOf(board: BoardJson): readonly (readonly [title: string, sql: string])[] {
  const panels = board.panels.flatMap(({ title, targets = [] }) =>
    targets.flatMap(({ rawSql }) => rawSql === undefined ? [] : [[title, rawSql] as const])
  );
  const variables = board.templating.list.flatMap(({ name, type, query }) =>
    type === "query" && typeof query === "string" ? [[`variable ${name}`, query] as const] : []
  );
  return [...panels, ...variables];
}

/** What Grafana's PostgreSQL data source makes of its macros, over a week. */
function fillIn(sql: string): string {
  return sql
    .replaceAll(/\$__timeFilter\(([^)]+)\)/g, "$1 BETWEEN now() - interval '7 days' AND now() + interval '1 minute'")
    .replaceAll(/\$__timeGroup\(([^,]+), *\$__interval\)/g, "to_timestamp(floor(extract(epoch FROM $1) / 600) * 600)")
    .replaceAll("($instance)", "('exporter')");
}

/** The SQL of the script, with what psql puts in. */
async function readerScript(database: string): Promise<string> {
  const script = await Deno.readTextFile(SCRIPT);
  const sql = /<<'SQL'\n([\s\S]*)\nSQL\n/.exec(script)?.[1] ?? "";
  assert.ok(sql.includes("CREATE ROLE"));
  return sql.replaceAll(":'password'", "'secret'").replaceAll(':"database"', `"${database}"`).replaceAll(
    ':"owner"',
    '"postgres"',
  );
}
