import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../support/deadline.ts";
import {
  connect,
  POSTGRES_MISSING,
  type PostgresServer,
  startPostgres,
  type TestDatabase,
} from "../support/postgres_server.ts";
import { runProgram } from "../support/program.ts";
import { storeLines } from "../support/store_lines.ts";
import { countRows, openStoreRig } from "../support/store_rig.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../../lib/store/migrations.ts";
import { migrateDatabase } from "../../lib/store/postgres_store.ts";

const PASSWORD = "correct horse battery staple";
const LINES = storeLines(20);

/** What the recorder says of a database it cannot use. */
async function problemOf(url: string, store: object = {}): Promise<string> {
  await using rig = openStoreRig(url, { store });
  for (const line of LINES) rig.offerLine(line);
  const problem = await until("there is a problem", () => rig.recorder.problem);
  assert.ok(rig.told.every((one) => !one.includes(PASSWORD)), "no password in what is told");
  return problem;
}

type Test = (server: PostgresServer, database: TestDatabase) => Promise<void>;

const tests: (readonly [name: string, test: Test])[] = [];
function test(name: string, run: Test): void {
  tests.push([name, run]);
}

function urlOf({ port }: PostgresServer, name: string, user = "joe", password = PASSWORD): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
}

test("a wrong port says that nothing answers there", async (server, { name }) => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assert.equal(
    await problemOf(urlOf(server, name).replace(`:${server.port}`, `:${port}`)),
    `Cannot write to PostgreSQL at 127.0.0.1:${port}/${name} (ECONNREFUSED). ` +
      "Nothing answers there: start the server, or correct host and port in the URL",
  );
});

test("a server that closes every connection at once is told and not asked all the time", async (server, { name }) => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let accepted = 0;
  const accepting = (async () => {
    for await (const connection of listener) {
      accepted++;
      connection.close();
    }
  })();
  const url = urlOf(server, name).replace(`:${server.port}`, `:${listener.addr.port}`);
  assert.match(await problemOf(url), /\. The server closed the connection$/);
  listener.close();
  await accepting;
  // One for each try, of which there may have been several.
  assert.ok(accepted < 5, `${accepted} connections`);
});

test("of several hosts the first that answers is used", async (server, { name, sql }) => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using rig = openStoreRig(
    `postgresql:///${name}?user=postgres&host=127.0.0.1:${port},127.0.0.1:${server.port}`,
  );
  for (const line of LINES) rig.offerLine(line);
  await rig.stored();
  assert.deepEqual(rig.told.filter((one) => one.startsWith("fault")), []);
  assert.equal(await countRows(sql, "events"), LINES.length);
});

test("a wrong host says that there is none", async (_server, { name }) => {
  const problem = await problemOf(`postgresql://joe:${encodeURIComponent(PASSWORD)}@no-such-host.invalid/${name}`);
  assert.match(problem, /at no-such-host\.invalid:5432\/test_\d+ \((ENOTFOUND|EAI_AGAIN)\)\. .*correct the URL$/);
});

test("a wrong password says which to correct", async (server, { name }) => {
  const problem = await problemOf(urlOf(server, name, "joe", "wrong"));
  assert.match(problem, /\(28P01\)\. The server refuses the user name or the password: correct them/);
});

test("an unknown user is a wrong password, too", async (server, { name }) => {
  assert.match(await problemOf(urlOf(server, name, "joe2")), /\(28P01\)|\(28000\)/);
});

test("a wrong database says to create it", async (server) => {
  assert.match(await problemOf(urlOf(server, "nowhere")), /\(3D000\)\. There is no database of that name: create it/);
});

test("a role without rights says who must do what", async (server, { name, sql }) => {
  await sql.unsafe("REVOKE CREATE ON SCHEMA public FROM public");
  assert.match(
    await problemOf(urlOf(server, name)),
    /\(42501\)\. The role lacks rights: .*prodigy-exporter migrate.*grant/,
  );
});

test("a role that may write, but not change the schema, is enough", async (server, { url, name, sql }) => {
  await migrateDatabase({ url, passwordFile: null, caFile: null });
  await sql.unsafe("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO joe");
  await using rig = openStoreRig(urlOf(server, name));
  for (const line of LINES) rig.offerLine(line);
  await rig.stored();
  assert.deepEqual(rig.told, [
    "problem The role may not make partitions: all events go to events_default. Make the role the tables' owner",
  ]);
  assert.equal(await countRows(sql, "events"), LINES.length);
});

test("a role that may not drop old events stores new ones, and says so", async (server, { url, name, sql }) => {
  await migrateDatabase({ url, passwordFile: null, caFile: null });
  await sql.unsafe("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO joe");
  await using rig = openStoreRig(urlOf(server, name), { store: { retentionSeconds: 3650 * 86_400 } });
  for (const line of LINES) rig.offerLine(line);
  await rig.stored();
  assert.deepEqual(rig.told, [
    "problem The role may not drop old events: they stay. Make the role the tables' owner",
    "problem The role may not make partitions: all events go to events_default. Make the role the tables' owner",
  ]);
  assert.equal(await countRows(sql, "events"), LINES.length);
});

test("an older schema is brought up to date, by one of all exporters that start", async (_server, { url, sql }) => {
  const [first] = MIGRATIONS;
  await sql.unsafe(
    "CREATE TABLE prodigy_schema_migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
  );
  await sql.unsafe(`${first?.sql}; INSERT INTO prodigy_schema_migrations VALUES (1, 'workflows_and_jobs')`);
  const options = { url, passwordFile: null, caFile: null };
  const results = await Promise.all(Array.from({ length: 4 }, () => migrateDatabase(options)));
  assert.deepEqual(results.map(({ to }) => to), new Array(4).fill(SCHEMA_VERSION));
  assert.equal(results.filter(({ from }) => from === 1).length, 1);
  const applied = await sql`SELECT version FROM prodigy_schema_migrations ORDER BY 1`;
  assert.deepEqual(applied.map(({ version }) => version), MIGRATIONS.map(({ version }) => version));
});

test("an older schema that may not be changed says who must do what", async (server, { url, name, sql }) => {
  await migrateDatabase({ url, passwordFile: null, caFile: null });
  await sql.unsafe("DELETE FROM prodigy_schema_migrations WHERE version >= 3; DROP TABLE events");
  await sql.unsafe("REVOKE CREATE ON SCHEMA public FROM public; GRANT SELECT ON prodigy_schema_migrations TO joe");
  assert.match(await problemOf(urlOf(server, name)), /\(42501\)\. .*prodigy-exporter migrate/);
});

test("a newer schema says to update", async (_server, { url, sql }) => {
  await migrateDatabase({ url, passwordFile: null, caFile: null });
  await sql.unsafe("INSERT INTO prodigy_schema_migrations VALUES (9, 'from the future')");
  assert.equal(
    await problemOf(url),
    `Cannot use the database as its schema is version 9 and this program knows up to ${SCHEMA_VERSION}: ` +
      "update prodigy-exporter, or give it another database",
  );
});

test("a database with other programs' tables says to use another", async (_server, { url, sql }) => {
  await sql.unsafe("CREATE TABLE events (x int)");
  assert.match(await problemOf(url), /\(42P07\)\. Another program has a table of the same name/);
});

test("a schema of its own is chosen by the URL", async (_server, { url, sql }) => {
  await sql.unsafe("CREATE SCHEMA stats; CREATE TABLE events (x int)");
  await using rig = openStoreRig(`${url}?search_path=stats`);
  for (const line of LINES) rig.offerLine(line);
  await rig.stored();
  const [row] = await sql`SELECT count(*) AS count FROM stats.events`;
  assert.equal(Number(row?.["count"]), LINES.length);
});

test("the password may stand in a file, and change", async (server, { name, sql }) => {
  await sql.unsafe("GRANT ALL ON SCHEMA public TO joe");
  const passwordFile = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(passwordFile, "wrong\n");
    const url = urlOf(server, name).replace(/:[^:@]*@/, "@");
    await using rig = openStoreRig(url, { store: { passwordFile } });
    for (const line of LINES) rig.offerLine(line);
    assert.match(await until("there is a problem", () => rig.recorder.problem), /28P01/);
    await Deno.writeTextFile(passwordFile, `${PASSWORD}\n`);
    await rig.stored();
  } finally {
    await Deno.remove(passwordFile);
  }
  assert.match(await problemOf(urlOf(server, name), { passwordFile: "/no/such/file" }), /No such file/);
});

test("TLS is used where the server has it, and checked when told to", async (server, { name, sql }) => {
  await sql.unsafe("GRANT ALL ON SCHEMA public TO joe");
  const url = urlOf(server, name).replace("127.0.0.1", "localhost");
  const caFile = join(server.directory, "server.crt");
  for (const [mode, store] of [["require", {}], ["verify-full", { caFile }], ["prefer", {}]] as const) {
    await using rig = openStoreRig(`${url}?sslmode=${mode}`, { store });
    rig.offerLine({ id: mode, event_type: "claude_message" });
    await rig.stored();
    const [row] = await sql`
      SELECT bool_and(ssl) AS ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
      WHERE application_name = 'prodigy-exporter' AND datname = ${name}`;
    assert.equal(row?.["ssl"], true, mode);
  }
  assert.match(await problemOf(`${url}?sslmode=verify-full`), /\(TLS\)\. The server's certificate is not trusted: set/);
  const byAddress = urlOf(server, name);
  assert.match(await problemOf(`${byAddress}?sslmode=verify-full`, { caFile }), /\(TLS\)/);
});

test("migrate brings a database up to date, and says so", async (_server, { url, sql }) => {
  await withHome(async (home) => {
    const env = { PRODIGY_POSTGRES_URL: url };
    const first = await runProgram({ home, env }, "migrate");
    assert.deepEqual(first, {
      code: 0,
      stdout: `Migrated the schema from version 0 to ${SCHEMA_VERSION}.\n`,
      stderr: "",
    });
    const second = await runProgram({ home, env }, "migrate");
    assert.equal(second.stdout, `The schema is up to date (version ${SCHEMA_VERSION}).\n`);
    assert.equal(await countRows(sql, "events"), 0);
  });
});

test("migrate without a database, or with a wrong one, says what to do and fails", async (server, { name }) => {
  await withHome(async (home) => {
    const without = await runProgram({ home }, "migrate");
    assert.equal(without.code, 2);
    assert.match(without.stderr, /set metrics\.postgres\.connection_string or PRODIGY_POSTGRES_URL/);
    const wrong = await runProgram(
      { home, env: { PRODIGY_POSTGRES_URL: urlOf(server, name, "joe", "wrong!") } },
      "migrate",
    );
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /28P01/);
    assert.doesNotMatch(wrong.stderr, /wrong!|joe/);
  });
});

test("migrate --print prints what an administrator can apply", async (_server, { url, sql }) => {
  await withHome(async (home) => {
    const { code, stdout } = await runProgram({ home }, "migrate", "--print");
    assert.equal(code, 0);
    await sql.unsafe(stdout);
    const after = await runProgram({ home, env: { PRODIGY_POSTGRES_URL: url } }, "migrate");
    assert.equal(after.stdout, `The schema is up to date (version ${SCHEMA_VERSION}).\n`);
  });
});

async function withHome(use: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await use(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** A certificate for localhost that signs itself. */
async function makeCertificate(directory: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ..."req -new -x509 -days 2 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost".split(" "),
      ..."-addext basicConstraints=critical,CA:TRUE -newkey ec -pkeyopt ec_paramgen_curve:P-256".split(" "),
      ...["-keyout", join(directory, "server.key"), "-out", join(directory, "server.crt")],
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

Deno.test({
  name: `the event store is set up${POSTGRES_MISSING === null ? "" : ` (skipped: ${POSTGRES_MISSING})`}`,
  ignore: POSTGRES_MISSING !== null,
  fn: async (t) => {
    await using server = await startPostgres({
      access: ["host all joe all scram-sha-256", "host all joe2 all scram-sha-256"],
      settings: ["ssl = on"],
      prepare: makeCertificate,
    });
    const admin = connect(`postgresql://postgres@127.0.0.1:${server.port}/postgres`);
    await admin.unsafe(`CREATE ROLE joe LOGIN PASSWORD '${PASSWORD}'`);
    await admin.end();
    for (const [name, run] of tests) {
      await t.step(name, async () => {
        await using database = await server.createDatabase();
        await run(server, database);
      });
    }
  },
});
