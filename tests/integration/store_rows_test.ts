import assert from "node:assert/strict";
import { SCHEMA_VERSION } from "../../lib/store/migrations.ts";
import { connect, POSTGRES_MISSING, startPostgres, type TestDatabase } from "../support/postgres_server.ts";
import {
  ClaudeHome,
  type Counted,
  countOf,
  initLine,
  resultLine,
  SONNET,
  streamLine,
  transcriptLine,
} from "../support/claude_home.ts";
import { agentCompleted, agentStarted, record } from "../support/event_records.ts";
import { storeLines } from "../support/store_lines.ts";
import { allRows, countRows, openStoreRig, STORE_TABLES } from "../support/store_rig.ts";
import { SAMPLE_LIST } from "../support/wire_events.ts";

const SESSION = "session-adefebb4-8669-424e-b550-b34af108458f";
const NOW_MS = Date.UTC(2026, 10, 24, 12);

type Test = (database: TestDatabase) => Promise<void>;

const tests: (readonly [name: string, test: Test])[] = [];
function test(name: string, run: Test): void {
  tests.push([name, run]);
}

test("the schema is the one ordered, with what idempotence needs behind it", async ({ url, sql }) => {
  await using rig = openStoreRig(url);
  rig.offerLine({ event_type: "claude_message" });
  await rig.stored();
  const ordered: Readonly<Record<string, string>> = {
    workflow_executions: "id uuid pk, workflow_name text not null, started_at timestamptz not null, " +
      "completed_at timestamptz, status text not null, duration_ms bigint, total_steps int, failed_steps int, metadata jsonb",
    step_executions: "id uuid pk, workflow_execution_id uuid references workflow_executions(id), " +
      "step_index int not null, step_type text not null, command text, started_at timestamptz not null, " +
      "completed_at timestamptz, status text not null, duration_ms bigint, had_on_failure_recovery boolean, " +
      "error_message text",
    mapreduce_jobs: "job_id text pk, workflow_execution_id uuid references workflow_executions(id), " +
      "started_at timestamptz not null, completed_at timestamptz, total_items int, successful_items int, " +
      "failed_items int, dlq_items int",
  };
  for (const [table, columns] of Object.entries(ordered)) {
    const found = await sql`
      SELECT column_name AS name, udt_name AS type, is_nullable = 'NO' AS required, (
        SELECT string_agg(contype::text || coalesce(nullif(confrelid, 0)::regclass::text, ''), ',' ORDER BY contype)
        FROM pg_constraint WHERE conrelid = ${table}::regclass AND ordinal_position = ANY (conkey) AND contype IN ('p', 'f')
      ) AS keys
      FROM information_schema.columns WHERE table_name = ${table} ORDER BY ordinal_position`;
    const names: Readonly<Record<string, string>> = { int4: "int", int8: "bigint", bool: "boolean" };
    const described = found.map(({ name, type, required, keys }) =>
      [
        name,
        names[type] ?? type,
        ...keys === "p" ? ["pk"] : required ? ["not null"] : [],
        ...keys === "fworkflow_executions" ? ["references workflow_executions(id)"] : [],
      ].join(" ")
    );
    assert.equal(described.slice(0, columns.split(", ").length).join(", "), columns);
  }
  const indexes = await sql`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'`;
  const wanted = [
    "workflow_executions USING btree (started_at)",
    "workflow_executions USING btree (workflow_name, started_at)",
    "step_executions USING btree (workflow_execution_id)",
    "mapreduce_jobs USING btree (started_at)",
  ];
  for (const index of wanted) assert.ok(indexes.some(({ indexdef }) => indexdef.endsWith(index)), index);
});

test("every event type has its row in events, with id, job and agent", async ({ url, sql }) => {
  await using rig = openStoreRig(url, { now: () => NOW_MS });
  for (const [type, { wire }] of SAMPLE_LIST) {
    rig.offerLine({ id: type, timestamp: "2026-11-24T09:00:00Z", event: { event_type: type, ...wire } }, SESSION);
  }
  await rig.stored();
  assert.deepEqual(rig.told, [`migrated 0 to ${SCHEMA_VERSION}`]);
  const rows =
    await sql`SELECT type, job_id, agent_id, run_id, origin, instance, tableoid::regclass AS part FROM events`;
  assert.deepEqual(rows.map(({ type }) => type).toSorted(), SAMPLE_LIST.map(([type]) => type).toSorted());
  const agent = rows.find(({ type }) => type === "agent_started");
  assert.deepEqual({ ...agent }, {
    type: "agent_started",
    job_id: `${SESSION}/mapreduce-20261124_000454`,
    agent_id: "mapreduce-20261124_000454_agent_0",
    run_id: SESSION,
    origin: "line",
    instance: "rig",
    part: "events_2026_11",
  });
});

test("the same events twice are the same rows, whatever their order", async ({ url, sql }) => {
  const lines = storeLines(900);
  const offerAll = async (order: typeof lines): Promise<void> => {
    await using rig = openStoreRig(url, { now: () => NOW_MS });
    for (const line of order) rig.offerLine(line, SESSION);
    await rig.stored();
  };
  await offerAll(lines);
  const first = await allRows(sql);
  assert.deepEqual(
    STORE_TABLES.map((table) => [table, (first[table]?.length ?? 0) > 0]),
    STORE_TABLES.map((t) => [t, true]),
  );
  await offerAll(lines);
  assert.deepEqual(await allRows(sql), first);
  await offerAll(lines.toReversed());
  assert.deepEqual(await allRows(sql), first);
});

test("events that arrive turned round come to the same rows", async ({ url, sql }) => {
  const lines = storeLines(120);
  {
    await using rig = openStoreRig(url, { now: () => NOW_MS, recorder: { batchSize: 1 } });
    for (const line of lines) rig.offerLine(line, SESSION);
    await rig.stored();
  }
  const first = await allRows(sql);
  for (const table of STORE_TABLES.toReversed()) await sql.unsafe(`TRUNCATE ${table} CASCADE`);
  await using rig = openStoreRig(url, { now: () => NOW_MS, recorder: { batchSize: 1 } });
  for (const line of lines.toReversed()) {
    rig.offerLine(line, SESSION);
    await rig.stored();
  }
  assert.deepEqual(await allRows(sql), first);
});

test("a Claude session that is read anew from another file has the same rows", async ({ url, sql }) => {
  const parts = [
    { id: "msg_a", input: 4, output: 3, read: 14_000, creation: 1_500 },
    { id: "msg_a", input: 4, output: 87, read: 14_000, creation: 1_500, tool: { id: "toolu_1", name: "Read" } },
    { id: "msg_b", input: 6, output: 294, read: 15_500, creation: 320, tool: { id: "toolu_2", name: "Edit" } },
  ];
  const totals = { [SONNET]: [10, 381, 29_500, 1_820, 0.0213] } as const;
  using home = new ClaudeHome();
  /** By an exporter that knows nothing of what it read before. */
  const readAll = async (): Promise<Counted> => {
    await using rig = openStoreRig(url, { now: () => NOW_MS });
    const records = home.look(home.source());
    for (const one of records) {
      // What the fold makes of it is the stated cost.
      const costUsd = one.event.type === "claude_token_usage" ? one.event.costUsd : null;
      rig.offer(one, costUsd === null ? null : { model: SONNET, workflowName: null, costUsd });
    }
    await rig.stored();
    return countOf(records);
  };
  home.append("projects/-x/s1.jsonl", ...parts.map(transcriptLine));
  await readAll();
  home.stream(
    "20261124_081001-73e2420b-9a3a-4fbc-af1b-b5a46f5e38c7.jsonl",
    initLine(),
    ...parts.map(streamLine),
    resultLine({ usd: 0.0213, models: totals }),
  );
  const counted = await readAll();
  const [usage] = await sql`SELECT sum(input_tokens)::int AS input, sum(output_tokens)::int AS output,
    sum(cache_read_tokens)::int AS read, sum(cache_creation_tokens)::int AS creation FROM claude_usage`;
  const { input, output, read, creation } = counted;
  assert.deepEqual({ ...usage }, { input, output, read, creation });
  const types = await sql`SELECT type, count(*)::int AS count FROM events
    WHERE type IN ('claude_tool_invoked', 'claude_session_started') GROUP BY 1 ORDER BY 1`;
  assert.deepEqual(types.map(({ type, count }) => [type, count]), [
    ["claude_session_started", 1],
    ["claude_tool_invoked", 2],
  ]);
});

test("two exporters that see the same events at the same time write them once", async ({ url, sql }) => {
  const lines = storeLines(1800);
  await using one = openStoreRig(url, { now: () => NOW_MS, store: { instance: "one" } });
  await using two = openStoreRig(url, { now: () => NOW_MS, store: { instance: "two" } });
  for (const line of lines) {
    one.offerLine(line, SESSION);
    two.offerLine(line, SESSION);
  }
  await Promise.all([one.stored(), two.stored()]);
  assert.equal(await countRows(sql, "events"), lines.length);
  assert.equal((one.written.get("events") ?? 0) + (two.written.get("events") ?? 0), lines.length);
  const [agents] = await sql`SELECT count(*) AS count FROM agent_executions WHERE status = 'success'`;
  assert.equal(Number(agents?.["count"]), await countRows(sql, "agent_executions"));
});

test("two exporters that see lines without a time at the same moment write them once", async ({ url, sql }) => {
  let nowMs = NOW_MS;
  const recorder = { batchSize: 50, flushIntervalMs: 5 };
  await using one = openStoreRig(url, { store: { instance: "one" }, now: () => nowMs, recorder });
  await using two = openStoreRig(url, { store: { instance: "two" }, now: () => nowMs + 3, recorder });
  const [rounds, lines] = [20, 50];
  for (let round = 0; round < rounds; round++) {
    nowMs += 1000;
    for (let line = 0; line < lines; line++) {
      const id = `${round}-${line}`;
      const step = { workflow_id: `w${id}`, step_index: 0, step_type: "shell", status: "success", duration: 1 };
      for (const rig of [one, two]) rig.offerLine({ id, event: { event_type: "step_completed", ...step } });
    }
    await Promise.all([one.stored(), two.stored()]);
  }
  assert.deepEqual(
    [await countRows(sql, "events"), await countRows(sql, "step_executions")],
    [rounds * lines, rounds * lines],
  );
});

test("items of a job are counted from its agents until its end states them", async ({ url, sql }) => {
  await using rig = openStoreRig(url, { now: () => NOW_MS });
  const job = async (): Promise<readonly unknown[]> => {
    await rig.stored();
    const [row] = await sql`SELECT successful_items, failed_items, dlq_items, status FROM mapreduce_jobs`;
    return [row?.["successful_items"], row?.["failed_items"], row?.["dlq_items"], row?.["status"]];
  };
  const lines = (event: object, second: number): object => ({
    id: `${JSON.stringify(event)}`,
    timestamp: `2026-11-24T09:00:${String(second).padStart(2, "0")}Z`,
    event,
  });
  const of = { job_id: "j" };
  rig.offerLine(lines({ event_type: "agent_completed", ...of, agent_id: "a", duration: 1 }, 1));
  rig.offerLine(lines({ event_type: "agent_failed", ...of, agent_id: "b", error: "x", retry_eligible: true }, 2));
  rig.offerLine(lines({ event_type: "dlq_item_added", ...of, item_id: "i" }, 2));
  assert.deepEqual(await job(), [1, 1, 1, "unknown"]);
  rig.offerLine(lines({ event_type: "agent_completed", ...of, agent_id: "b", duration: 1 }, 4));
  rig.offerLine(lines({ event_type: "dlq_item_removed", ...of, item_id: "i" }, 4));
  assert.deepEqual(await job(), [2, 0, 0, "unknown"]);
  rig.offerLine(lines({ event_type: "job_completed", ...of, duration: 5, success_count: 7, failure_count: 3 }, 5));
  assert.deepEqual(await job(), [7, 3, 0, "success"]);
  rig.offerLine(lines({ event_type: "agent_completed", ...of, agent_id: "late", duration: 1 }, 6));
  assert.deepEqual(await job(), [7, 3, 0, "success"]);
});

test("events without id or time are stored once, also when they are read again after a crash", async ({ url, sql }) => {
  const untimed = { event_type: "claude_tool_invoked", tool_name: "Read" };
  const gone = (seconds: number) =>
    record(agentCompleted("j", "a", seconds), {
      origin: "state",
      runId: SESSION,
      timestamp: `2026-11-24T09:00:0${seconds}Z`,
    });
  let saved: unknown = null;
  {
    await using rig = openStoreRig(url, { now: () => NOW_MS });
    rig.offerLine(untimed);
    await rig.stored();
    saved = JSON.parse(JSON.stringify(rig.recorder.saveState()));
    rig.offerLine(untimed);
    rig.offer(record(agentStarted("j", "a"), { origin: "state", runId: SESSION, timestamp: "2026-11-24T09:00:00Z" }));
    rig.offer(gone(3));
    await rig.stored();
  }
  const first = await allRows(sql);
  assert.equal(first["events"]?.length, 4);
  // Killed; the snapshot was older. The look that misses the agent's file now comes later.
  await using rig = openStoreRig(url, { now: () => NOW_MS + 60_000 });
  rig.recorder.loadState(saved);
  rig.offerLine(untimed);
  rig.offer(record(agentStarted("j", "a"), { origin: "state", runId: SESSION, timestamp: "2026-11-24T09:00:00Z" }));
  rig.offer(gone(5));
  await rig.stored();
  assert.deepEqual(await allRows(sql), first);
});

test("an event the database refuses is set aside, and all others go in", async ({ url, sql }) => {
  await using rig = openStoreRig(url, { now: () => NOW_MS, writer: { keepPayload: true } });
  const lines = storeLines(250);
  for (const [index, line] of lines.entries()) {
    rig.offerLine(line, SESSION);
    if (index === 100) {
      rig.offerLine({ id: "p1", event_type: "step_started", workflow_id: "w", step_index: 3e9, step_type: "x" });
    }
    if (index === 101) {
      const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
      rig.offerLine({ id: "p2", event_type: "claude_message", content: JSON.parse(deep) });
    }
  }
  await rig.stored();
  assert.deepEqual(rig.told.slice(1), ["set aside step_started 22003", "set aside claude_message 54001"]);
  assert.equal(await countRows(sql, "events"), lines.length);
});

test("hostile texts are stored, or set aside, and harm nothing", async ({ url, sql }) => {
  await using rig = openStoreRig(url, { now: () => NOW_MS });
  const names = [
    "'; DROP TABLE events; --",
    '"quoted"',
    "back\\slash",
    "{a,b}",
    "nul\0l",
    "\ud800",
    "NULL",
    "null",
    "a\nb",
    "",
  ];
  for (const [index, name] of names.entries()) {
    rig.offerLine({ id: `n${index}`, event_type: "workflow_started", workflow_id: `w${index}`, workflow_name: name });
  }
  await rig.stored();
  const rows = await sql`SELECT workflow_id, workflow_name FROM workflow_executions`;
  const byId = new Map(rows.map((row) => [row["workflow_id"], row["workflow_name"]]));
  const expected = names.map((name) => name === "" ? "unnamed" : name.replaceAll("\0", "").toWellFormed());
  assert.deepEqual(names.map((_, index) => byId.get(`w${index}`)), expected);
});

test("months get partitions, and far times share the default one until their month comes", async ({ url, sql }) => {
  const at = async (now: number, ...times: readonly string[]): Promise<void> => {
    await using rig = openStoreRig(url, { now: () => now });
    for (const timestamp of times) rig.offerLine({ id: timestamp, timestamp, event: { event_type: "claude_message" } });
    await rig.stored();
  };
  const parts = async (): Promise<unknown> => {
    const rows =
      await sql`SELECT tableoid::regclass::text AS part, count(*)::int AS count FROM events GROUP BY 1 ORDER BY 1`;
    return rows.map(({ part, count }) => `${part} ${count}`);
  };
  await at(
    NOW_MS,
    "2026-11-24T09:00:00Z",
    "2026-10-31T23:59:59.999999Z",
    "2027-03-05T00:00:00Z",
    "1990-01-01T00:00:00Z",
  );
  assert.deepEqual(await parts(), ["events_2026_10 1", "events_2026_11 1", "events_default 2"]);
  // The month comes: what the default partition holds of it moves.
  await at(Date.UTC(2027, 2, 6), "2027-03-06T00:00:00Z", "2027-03-05T00:00:00Z");
  assert.deepEqual(await parts(), ["events_2026_10 1", "events_2026_11 1", "events_2027_03 2", "events_default 1"]);
});

test("retention drops whole months, and stores nothing that is older", async ({ url, sql }) => {
  const day = 86_400;
  const lines = ["2026-08-10T00:00:00Z", "2026-10-10T00:00:00Z", "1990-01-01T00:00:00Z"].map((timestamp) => ({
    id: timestamp,
    timestamp,
    event: { event_type: "workflow_started", workflow_id: timestamp, workflow_name: "n" },
  }));
  {
    await using rig = openStoreRig(url, { now: () => NOW_MS });
    for (const line of lines) rig.offerLine(line);
    await rig.stored();
  }
  assert.equal(await countRows(sql, "events"), 3);
  await using rig = openStoreRig(url, { now: () => NOW_MS, store: { retentionSeconds: 60 * day } });
  rig.offerLine({ ...lines[0], id: "again" });
  await rig.stored();
  assert.deepEqual(rig.told, ["partitions dropped events_2026_08"]);
  const rows = await sql`SELECT type, timestamp FROM events`;
  assert.equal(rows.length, 1);
  // Runs are kept: they are few.
  assert.equal(await countRows(sql, "workflow_executions"), 3);
});

test("who reads for long, as a backup does, keeps no event out", async ({ url, sql }) => {
  const reader = connect(url);
  let nowMs = NOW_MS;
  const parts = async (): Promise<unknown> => {
    const rows = await sql`SELECT DISTINCT tableoid::regclass::text AS part FROM events ORDER BY 1`;
    return rows.map(({ part }) => part);
  };
  await using rig = openStoreRig(url, { now: () => nowMs, store: { retentionSeconds: 60 * 86_400 } });
  const store = async (...times: readonly string[]): Promise<void> => {
    for (const timestamp of times) rig.offerLine({ id: timestamp, timestamp, event: { event_type: "claude_message" } });
    await rig.stored();
  };
  await store("2026-10-01T00:00:00Z", "2026-11-24T00:00:00Z");
  await reader.unsafe("BEGIN; SELECT count(*) FROM events");
  // The month of the first event has gone by, and that of the next has no partition yet.
  nowMs = Date.UTC(2027, 0, 10);
  await store("2027-01-09T00:00:00Z");
  assert.deepEqual(await parts(), ["events_2026_10", "events_2026_11", "events_default"]);
  await reader.unsafe("COMMIT");
  nowMs += 2 * 60_000;
  await store("2027-01-09T00:00:01Z");
  assert.deepEqual(await parts(), ["events_2026_11", "events_2027_01"]);
  assert.deepEqual(rig.told, ["migrated 0 to 4", "partitions dropped events_2026_10"]);
  await reader.end();
});

test("events may be a table that manages itself, such as TimescaleDB's", async ({ url, sql }) => {
  {
    await using rig = openStoreRig(url, { now: () => NOW_MS });
    rig.offerLine({ event_type: "claude_message" });
    await rig.stored();
  }
  await sql.unsafe(
    "CREATE TABLE plain (LIKE events INCLUDING ALL); DROP TABLE events; ALTER TABLE plain RENAME TO events",
  );
  await using rig = openStoreRig(url, { now: () => NOW_MS, store: { retentionSeconds: 86_400 } });
  for (const line of storeLines(100)) rig.offerLine(line);
  await rig.stored();
  assert.deepEqual(rig.told, []);
  assert.equal(await countRows(sql, "events"), 100);
});

test("the ids are those that PostgreSQL itself makes of the names", async ({ url, sql }) => {
  await sql.unsafe('CREATE EXTENSION "uuid-ossp"');
  await using rig = openStoreRig(url, { now: () => NOW_MS });
  for (const line of storeLines(9)) rig.offerLine(line, SESSION);
  await rig.stored();
  const namespace = "6f1c0f43-5b0e-4c53-9d2b-8a4f0f3a7e51";
  const [runs] = await sql`
    SELECT bool_and(id = uuid_generate_v5(${namespace}, 'workflow:' || workflow_id)) AS same FROM workflow_executions`;
  const [agents] = await sql`
    SELECT bool_and(id = uuid_generate_v5(${namespace}, 'agent:' || job_id || ':' || agent_id)) AS same FROM agent_executions`;
  assert.deepEqual([runs?.["same"], agents?.["same"]], [true, true]);
});

Deno.test({
  name: `PostgreSQL holds the rows${POSTGRES_MISSING === null ? "" : ` (skipped: ${POSTGRES_MISSING})`}`,
  ignore: POSTGRES_MISSING !== null,
  fn: async (t) => {
    await using server = await startPostgres();
    for (const [name, run] of tests) {
      await t.step(name, async () => {
        await using database = await server.createDatabase();
        await run(database);
      });
    }
  },
});
