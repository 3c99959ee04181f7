import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { connect, POSTGRES_MISSING, type PostgresServer, startPostgres } from "../support/postgres_server.ts";
import { mountSmallDisk, SMALL_DISK_MISSING } from "../support/small_disk.ts";
import { storeLines } from "../support/store_lines.ts";
import { allRows, countRows, openStoreRig, STORE_TABLES, type StoreRig } from "../support/store_rig.ts";

const SESSION = "session-adefebb4-8669-424e-b550-b34af108458f";
const NOW_MS = Date.UTC(2026, 10, 24, 12);
const LINES = storeLines(900);
/** A new database takes some 8 MB. */
const SMALL_DISK_MEGABYTES = 32;

function offerAll(rig: StoreRig, lines: typeof LINES): void {
  for (const line of lines) rig.offerLine(line, SESSION);
}

/** What all events come to when nothing happens. */
async function undisturbedRows(server: PostgresServer): Promise<Awaited<ReturnType<typeof allRows>>> {
  await using database = await server.createDatabase();
  await using rig = openStoreRig(database.url, { now: () => NOW_MS });
  offerAll(rig, LINES);
  await rig.stored();
  return await allRows(database.sql);
}

/** Everything up to here went in: its order is that of the offers, as steps are numbered by it. */
async function offerHalf(rig: StoreRig): Promise<void> {
  offerAll(rig, LINES.slice(0, 450));
  await rig.stored();
}

interface Accident {
  readonly name: string;
  /** Makes it happen; what it returns undoes it. */
  cause(server: PostgresServer, url: string, name: string): Promise<() => Promise<void>>;
  /** Code of the fault that is told. */
  readonly code: RegExp;
}

function bySql(doSql: string, undoSql: string): Accident["cause"] {
  return async (_server, url) => {
    const sql = connect(url);
    await sql.unsafe(doSql);
    return async () => {
      await sql.unsafe(undoSql);
      await sql.end();
    };
  };
}

const ACCIDENTS: readonly Accident[] = [
  {
    name: "stopped and started again",
    cause: async (server) => {
      await server.stop("fast");
      return () => server.start();
    },
    code: /^(57P01|CONNECTION_CLOSED|ECONNRESET|ECONNREFUSED)$/,
  },
  {
    name: "crashed and started again",
    cause: async (server) => {
      await server.stop("immediate");
      return () => server.start();
    },
    code: /^(57P0.|CONNECTION_CLOSED|ECONNRESET|ECONNREFUSED)$/,
  },
  {
    name: "read-only",
    cause: async (_server, url, name) => {
      const sql = connect(url.replace(/[^/]*$/, "postgres"));
      const set = async (value: string): Promise<void> => {
        await sql.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`);
        await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
      };
      await set("on");
      return async () => {
        await set("off");
        await sql.end();
      };
    },
    code: /^25006$/,
  },
  {
    name: "full, as it says",
    cause: bySql(
      `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON agent_executions EXECUTE FUNCTION full_disk()`,
      "DROP FUNCTION full_disk CASCADE",
    ),
    code: /^53100$/,
  },
  {
    name: "in a deadlock",
    cause: bySql(
      `CREATE SEQUENCE tries;
      CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF nextval('tries') <= 3 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END IF; RETURN NULL; END $$;
      CREATE TRIGGER deadlock BEFORE INSERT ON events EXECUTE FUNCTION deadlock()`,
      "DROP FUNCTION deadlock CASCADE; DROP SEQUENCE tries",
    ),
    code: /^40P01$/,
  },
  {
    name: "out of connections",
    cause: async (_server, url, name) => {
      const admin = connect(url.replace(/[^/]*$/, "postgres"));
      await admin.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
      return async () => {
        await admin.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
        await admin.end();
      };
    },
    code: /^(55000|57P01|CONNECTION_CLOSED)$/,
  },
];

type Rows = Awaited<ReturnType<typeof allRows>>;

async function survives(
  accident: Accident,
  server: PostgresServer,
  expected: Rows,
  directory: string | null = null,
): Promise<void> {
  await using database = await server.createDatabase(directory);
  await using rig = openStoreRig(database.url, { now: () => NOW_MS });
  await offerHalf(rig);
  const undo = await accident.cause(server, database.url, database.name);
  offerAll(rig, LINES.slice(450));
  const code = (): boolean => rig.told.some((one) => accident.code.test(/^fault (\w+)/.exec(one)?.[1] ?? ""));
  await until("the fault is told", code);
  await undo();
  await rig.stored();
  await until("all is well again", () => rig.recorder.problem === null);
  assert.ok(rig.told.includes("recovered"), rig.told.join("; "));
  assert.doesNotMatch(rig.told.join(), /postgres@|postgresql:/);
  assert.equal(rig.dropped(), 0);
  assert.deepEqual(await allRows(database.sql), expected);
}

const tests: readonly (readonly [name: string, test: (server: PostgresServer, expected: Rows) => Promise<void>])[] = [
  ...ACCIDENTS.map((accident) =>
    [
      `a server that is ${accident.name} costs no row`,
      (server: PostgresServer, expected: Rows) => survives(accident, server, expected),
    ] as const
  ),

  ["a session killed in the middle of batches, again and again, costs no row", async (server, expected) => {
    await using database = await server.createDatabase();
    await using rig = openStoreRig(database.url, { now: () => NOW_MS, writer: { random: () => 0.01 } });
    await offerHalf(rig);
    // The first try ends at its first table, the next at its second, and so on, for longer than a try has tables.
    await database.sql.unsafe(
      `CREATE SEQUENCE statements;
      CREATE FUNCTION killed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('statements') IN (1, 3, 6, 10, 15, 21, 28, 36, 45) THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
          END IF;
          RETURN NULL;
        END $$;
      ${
        STORE_TABLES.map((table) => `CREATE TRIGGER killed BEFORE INSERT ON ${table} EXECUTE FUNCTION killed();`).join(
          "",
        )
      }`,
    );
    for (let from = 450; from < LINES.length; from += 50) {
      offerAll(rig, LINES.slice(from, from + 50));
      await rig.stored();
    }
    const [statements] = await database.sql`SELECT last_value FROM statements`;
    assert.ok(Number(statements?.["last_value"]) > 45);
    assert.deepEqual(await allRows(database.sql), expected);
    // Each is seen as what it is, and at once.
    assert.doesNotMatch(rig.told.join(), /TIMEOUT/);
  }],

  ["a slow server costs no row, and offers return at once", async (server, expected) => {
    await using database = await server.createDatabase();
    await using rig = openStoreRig(database.url, { now: () => NOW_MS });
    await offerHalf(rig);
    await database.sql.unsafe(
      `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
      CREATE TRIGGER slow BEFORE INSERT ON events EXECUTE FUNCTION slow()`,
    );
    const startMs = performance.now();
    offerAll(rig, LINES.slice(450));
    const perOfferMs = (performance.now() - startMs) / 450;
    assert.ok(perOfferMs < 0.5, `${perOfferMs} ms`);
    await rig.stored();
    assert.deepEqual(await allRows(database.sql), expected);
  }],

  ["a server that is away for long costs the oldest, counted exactly", async (server) => {
    await using database = await server.createDatabase();
    const admin = connect(database.url);
    await using rig = openStoreRig(database.url, { now: () => NOW_MS });
    rig.offerLine(LINES[0] ?? {}, SESSION);
    await rig.stored();
    await admin.unsafe("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM postgres; ALTER TABLE events RENAME TO away");
    const count = 12_000;
    for (let i = 0; i < count; i++) {
      rig.offerLine({ id: `e${i}`, timestamp: "2026-11-24T09:00:00Z", event: { event_type: "claude_message" } });
    }
    assert.equal(rig.recorder.queued, 10_000);
    assert.equal(rig.dropped(), count - 10_000);
    assert.equal(rig.told.filter((one) => one === "dropping").length, 1);
    await admin.unsafe("ALTER TABLE away RENAME TO events");
    await admin.end();
    await rig.stored();
    assert.equal(await countRows(database.sql, "events"), 1 + count - rig.dropped());
    const [oldest] = await database.sql`SELECT count(*) AS count FROM events WHERE type = 'claude_message'`;
    assert.equal(Number(oldest?.["count"]), 10_000);
  }],

  ["a recorder that starts while the server is down goes on without, and catches up", async (server, expected) => {
    await using database = await server.createDatabase();
    await server.stop("fast");
    await using rig = openStoreRig(database.url, { now: () => NOW_MS });
    offerAll(rig, LINES);
    assert.match(await until("there is a problem", () => rig.recorder.problem), /ECONNREFUSED.*start the server/);
    await server.start();
    await rig.stored();
    assert.deepEqual(await allRows(database.sql), expected);
  }],

  ["a server that does not answer at all is given up in time when the recorder is drained", async (server) => {
    await using database = await server.createDatabase();
    const deaf = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = database.url.replace(/:\d+\//, `:${deaf.addr.port}/`);
    const rig = openStoreRig(url, { now: () => NOW_MS });
    rig.offerLine(LINES[0] ?? {});
    const startMs = performance.now();
    await rig.recorder.drain(200);
    assert.ok(performance.now() - startMs < 5_000);
    assert.deepEqual(rig.told, ["left 1"]);
    deaf.close();
  }],
];

Deno.test({
  name: `the event store survives its server${POSTGRES_MISSING === null ? "" : ` (skipped: ${POSTGRES_MISSING})`}`,
  ignore: POSTGRES_MISSING !== null,
  fn: async (t) => {
    await using server = await startPostgres();
    const expected = await undisturbedRows(server);
    for (const [name, run] of tests) await t.step(name, () => run(server, expected));
  },
});

const FULL_DISK_MISSING = POSTGRES_MISSING ?? SMALL_DISK_MISSING;
Deno.test({
  name: `a server whose disk is full costs no row${
    FULL_DISK_MISSING === null ? "" : ` (skipped: ${FULL_DISK_MISSING})`
  }`,
  ignore: FULL_DISK_MISSING !== null,
  fn: async () => {
    await using disk = await mountSmallDisk(SMALL_DISK_MEGABYTES);
    await using server = await startPostgres();
    const accident: Accident = {
      name: "full",
      cause: async () => {
        await disk.fill();
        return () => disk.free();
      },
      code: /^53100$/,
    };
    await survives(accident, server, await undisturbedRows(server), disk.path);
  },
});
