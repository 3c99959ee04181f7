import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import {
  connect,
  POSTGRES_MISSING,
  type PostgresServer,
  startPostgres,
  type TestDatabase,
} from "../support/postgres_server.ts";
import { freePort, type Program, type ProgramOptions, startProgram } from "../support/program.ts";
import { sessionJson } from "../support/prodigy_documents.ts";
import { type StoreLine, storeLines } from "../support/store_lines.ts";

const LINES = storeLines(450);

interface Rig {
  readonly home: string;
  readonly server: PostgresServer;
  readonly database: TestDatabase;
  start(options?: Partial<ProgramOptions>): Promise<Program>;
  /** Appends to an event file. */
  write(lines: readonly StoreLine[]): void;
}

type Test = (rig: Rig) => Promise<void>;
const tests: (readonly [name: string, test: Test])[] = [];
function test(name: string, run: Test): void {
  tests.push([name, run]);
}

async function withRig(server: PostgresServer, run: Test): Promise<void> {
  await using database = await server.createDatabase();
  const home = await Deno.makeTempDir();
  const directory = `${home}/.prodigy/events/session-adefebb4-8669-424e-b550-b34af108458f/mapreduce-20261124_090000`;
  await Deno.mkdir(directory, { recursive: true });
  try {
    await run({
      home,
      server,
      database,
      start: (options = {}) =>
        startProgram({
          home,
          ...options,
          env: {
            PRODIGY_POSTGRES_URL: database.url,
            PRODIGY_METRICS_POSTGRES_FLUSH_INTERVAL_MS: "100",
            ...options.env,
          },
          args: ["--enable-postgres-storage", "--events-rescan-interval", "200ms", ...options.args ?? []],
        }),
      write: (lines) =>
        Deno.writeTextFileSync(
          `${directory}/events-20261124_090000.jsonl`,
          lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
          { append: true },
        ),
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Of event lines; the state readers tell of the home's other files. */
async function countLines({ sql }: TestDatabase): Promise<number> {
  const [row] = await sql`SELECT count(*)::int AS count FROM events WHERE origin = 'line'`;
  return Number(row?.["count"]);
}

async function untilRows(database: TestDatabase, count: number): Promise<void> {
  await until(`there are ${count} events`, async () => {
    const [table] = await database.sql`SELECT to_regclass('events') IS NOT NULL AS is_there`;
    return table?.["is_there"] === true && await countLines(database) === count;
  });
}

test("a run that was killed is abandoned in the database, too, once", async ({ database, home, start, write }) => {
  const line = { workflow_id: "told-by-lines", workflow_name: "nightly" };
  write([{ id: "1", timestamp: "2026-11-20T09:00:00.5Z", event: { event_type: "workflow_started", ...line } }]);
  const movedAt = new Date(Math.floor(Date.now() / 1000 - 2 * 86_400) * 1000);
  const session = `${home}/.prodigy/sessions/workflow-1795507800000.json`;
  await Deno.mkdir(`${home}/.prodigy/sessions`, { recursive: true });
  await Deno.writeTextFile(session, JSON.stringify(runningSession("workflow-1795507800000", movedAt)));
  await Deno.utime(session, movedAt, movedAt);
  const rows = (): Promise<readonly unknown[]> =>
    database.sql`SELECT workflow_id, status_at, status, completed_at, (
        SELECT count(*)::int FROM events WHERE type = 'work_abandoned' AND run_id = workflow_id
      ) AS times FROM workflow_executions ORDER BY 1`.then((rows) => rows.map((row) => ({ ...row })));
  const abandoned = { status: "abandoned", completed_at: null, times: 1 };
  const expected = JSON.stringify([
    { workflow_id: "told-by-lines", status_at: "2026-11-20T09:00:00.500Z", ...abandoned },
    { workflow_id: "workflow-1795507800000", status_at: movedAt, ...abandoned },
  ]);
  for (const name of ["first", "second"]) {
    await using program = await start();
    await untilRows(database, 1);
    await until(`the ${name} says so`, async () => JSON.stringify(await rows()) === expected);
    program.kill("SIGKILL");
    await program.exited;
  }
});

function runningSession(id: string, startedAt: Date): unknown {
  const time = startedAt.toISOString();
  return sessionJson({
    id,
    status: "Running",
    startedAt: time,
    updatedAt: time,
    completedAt: null,
    metadata: {},
    timings: {},
    error: null,
    workflowName: "nightly",
    iterationsCompleted: 0,
    filesChanged: 0,
  });
}

test("the exporter records what it counts, and counts what it records", async ({ database, start, write }) => {
  write(LINES);
  await using program = await start();
  await untilRows(database, LINES.length);
  // State readers tell of an event or two as well, maybe a batch later.
  await until("what is counted is what is there", async () => {
    const [all] = await database.sql`SELECT count(*)::int AS count FROM events`;
    return await program.value('prodigy_exporter_store_rows_total{table="events"}') === all?.["count"];
  });
  await program.untilValue("prodigy_exporter_store_queue", 0);
  assert.equal(await program.value("prodigy_exporter_store_up"), 1);
  assert.equal(await program.value("prodigy_exporter_store_dropped_total"), 0);
  const [row] = await database.sql`
    SELECT (
      SELECT count(*)::int FROM events WHERE type = 'workflow_completed'
        AND payload ->> 'workflow_name' = 'name-1' AND payload ->> 'status' = 'success'
    ) AS success, (SELECT sum(input_tokens)::int FROM claude_usage) AS tokens`;
  const success = 'prodigy_workflow_executions_total{workflow_name="name-1",status="success"}';
  assert.ok(Number(row?.["success"]) > 0);
  assert.equal(await program.value(success), row?.["success"]);
  assert.equal(await program.value('prodigy_claude_tokens_total{token_type="input"}'), row?.["tokens"]);
});

test("without the option nothing is recorded, and no store is shown", async ({ database, start, write }) => {
  write(LINES);
  await using program = await start({ args: ["--no-enable-postgres-storage"] });
  await program.untilValue('prodigy_exporter_events_total{event_type="workflow_started"}', 50);
  assert.equal(await program.value("prodigy_exporter_store_up"), undefined);
  const [table] = await database.sql`SELECT to_regclass('events') AS events`;
  assert.equal(table?.["events"], null);
});

test("a database that is down at the start is a warning; it recovers by itself", async ({ server, database, start, write }) => {
  write(LINES);
  await server.stop("fast");
  await using program = await start();
  await program.untilValue('prodigy_exporter_events_total{event_type="workflow_started"}', 50);
  await program.untilValue("prodigy_exporter_store_up", 0);
  const health = await program.get("/health");
  assert.equal(health.status, 200);
  assert.match(health.body, /store: .*Nothing answers there/);
  assert.match(program.log(), /"level":"warn","notice":"store_unavailable"/);
  await server.start();
  await untilRows(database, LINES.length);
  await program.untilValue("prodigy_exporter_store_up", 1);
  assert.match(program.log(), /"notice":"store_recovered"/);
  assert.doesNotMatch(program.log(), /postgresql:|postgres@/);
});

test("a stop writes what waits", async ({ database, start, write }) => {
  await using program = await start({ env: { PRODIGY_METRICS_POSTGRES_FLUSH_INTERVAL_MS: "3600000" } });
  write(LINES.slice(0, 50));
  await until("they wait", async () => (await program.value("prodigy_exporter_store_queue") ?? 0) >= 50);
  program.kill("SIGTERM");
  assert.equal(await program.exited, 0);
  assert.equal(await countLines(database), 50);
});

test("kill -9 doubles no row and no count", async ({ database, start, write }) => {
  const port = freePort();
  for (let part = 0; part < 3; part++) {
    write(LINES.slice(part * 150, part * 150 + 150));
    await using program = await start({ port, env: { PRODIGY_STATE_SNAPSHOT_INTERVAL: "100ms" } });
    await untilRows(database, part * 150 + 150);
    program.kill("SIGKILL");
    await program.exited;
  }
  await using program = await start({ port });
  await program.untilValue('prodigy_exporter_events_total{event_type="workflow_started"}', 50);
  await program.untilValue("prodigy_exporter_store_queue", 0);
  assert.equal(await countLines(database), LINES.length);
});

test("with at_least_once, kill -9 while the database is away costs no row, and no count", async (rig) => {
  const { server, database, start, write } = rig;
  const env = { PRODIGY_METRICS_POSTGRES_AT_LEAST_ONCE: "true", PRODIGY_STATE_SNAPSHOT_INTERVAL: "50ms" };
  {
    await using program = await start({ env });
    write(LINES.slice(0, 200));
    await untilRows(database, 200);
    await server.stop("fast");
    write(LINES.slice(200));
    // Counted, and time for many snapshots; none may hold what is not in the database.
    await program.untilValue('prodigy_exporter_events_total{event_type="workflow_started"}', 50);
    await until("writing fails", async () => (await program.value("prodigy_exporter_store_retries_total") ?? 0) >= 2);
    program.kill("SIGKILL");
    await program.exited;
    await server.start();
  }
  await using program = await start({ env });
  await untilRows(database, LINES.length);
  assert.equal(await program.value('prodigy_exporter_events_total{event_type="workflow_started"}'), 50);
});

test("with at_least_once, all that was written while the exporter was away gets its row", async (rig) => {
  const { database, start, write } = rig;
  const lines = storeLines(25_000);
  write(lines);
  await using program = await start({ env: { PRODIGY_METRICS_POSTGRES_AT_LEAST_ONCE: "true" } });
  await program.untilValue('prodigy_exporter_lines_read_total{source="files"}', lines.length);
  await until("all are stored", async () => await countLines(database) === lines.length);
  assert.equal(await program.value("prodigy_exporter_store_dropped_total"), 0);
});

test("scrapes do not wait for a database that hangs", async ({ database, start, write }) => {
  await using program = await start();
  write(LINES.slice(0, 100));
  await untilRows(database, 100);
  const holder = connect(database.url);
  await holder.unsafe("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE");
  write(LINES.slice(100));
  await program.untilValue('prodigy_exporter_events_total{event_type="workflow_started"}', 50);
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    const startMs = performance.now();
    assert.equal((await program.get("/metrics")).status, 200);
    times.push(performance.now() - startMs);
  }
  assert.ok((await program.value("prodigy_exporter_store_queue") ?? 0) >= 350);
  // A bound that a loaded machine keeps, too; bench/store_latency.ts measures.
  const median = times.toSorted((a, b) => a - b)[25] ?? 0;
  assert.ok(median < 500, `${median} ms`);
  await holder.unsafe("ROLLBACK");
  await holder.end();
  await untilRows(database, LINES.length);
});

Deno.test({
  name: `the exporter with its event store${POSTGRES_MISSING === null ? "" : ` (skipped: ${POSTGRES_MISSING})`}`,
  ignore: POSTGRES_MISSING !== null,
  fn: async (t) => {
    await using server = await startPostgres();
    for (const [name, run] of tests) await t.step(name, () => withRig(server, run));
  },
});
