import assert from "node:assert/strict";
import { type DatabaseAddress, describeAddress, parseDatabaseUrl } from "../../../lib/store/database_url.ts";

const PLAIN: DatabaseAddress = {
  host: "db.example",
  port: 5432,
  database: "prodigy",
  user: "joe",
  password: "s3cret",
  tls: "prefer",
  parameters: {},
};

const CASES: readonly { readonly url: string; readonly expected: Partial<DatabaseAddress> }[] = [
  { url: "postgresql://joe:s3cret@db.example/prodigy", expected: {} },
  { url: "postgres://joe:s3cret@db.example:6543/prodigy", expected: { port: 6543 } },
  { url: "postgres://joe:s%2Fc%40t@db.example/prodigy", expected: { password: "s/c@t" } },
  { url: "postgres://joe@db.example", expected: { password: null, database: "joe" } },
  { url: "postgres://joe:s3cret@[::1]/prodigy", expected: { host: "::1" } },
  { url: "postgres:///prodigy?host=/run/postgresql&user=joe&password=s3cret", expected: { host: "/run/postgresql" } },
  { url: "postgres://joe:s3cret@db.example/prodigy?sslmode=disable", expected: { tls: "disable" } },
  { url: "postgres://joe:s3cret@db.example/prodigy?sslmode=require", expected: { tls: "require" } },
  { url: "postgres://joe:s3cret@db.example/prodigy?sslmode=verify-ca", expected: { tls: "verify" } },
  {
    url: "postgres://joe:s3cret@db.example/prodigy?channel_binding=require&search_path=stats",
    expected: { parameters: { search_path: "stats" } },
  },
];
for (const { url, expected } of CASES) {
  Deno.test(`parseDatabaseUrl() reads ${url}`, () => {
    assert.deepEqual(parseDatabaseUrl(url, false), { ...PLAIN, ...expected });
  });
}

Deno.test("parseDatabaseUrl() checks certificates when there is an authority to check them by", () => {
  assert.equal(parseDatabaseUrl("postgres://db.example/x", true).tls, "verify");
  assert.equal(parseDatabaseUrl("postgres://db.example/x?sslmode=require", true).tls, "verify");
  assert.equal(parseDatabaseUrl("postgres://db.example/x?sslmode=prefer", true).tls, "prefer");
});

for (const url of ["postgres://joe:s3cret@db.example/x?sslmode=maybe", "nonsense s3cret"]) {
  Deno.test(`parseDatabaseUrl() refuses ${url.replace("s3cret", "…")} without quoting it`, () => {
    assert.throws(() => parseDatabaseUrl(url, false), (error) => {
      assert.ok(error instanceof TypeError);
      assert.doesNotMatch(error.message, /s3cret|joe|db\.example/);
      return true;
    });
  });
}

Deno.test("describeAddress() shows neither user nor password", () => {
  assert.equal(describeAddress(PLAIN), "db.example:5432/prodigy");
  assert.equal(describeAddress({ ...PLAIN, host: "/run" }), "/run/.s.PGSQL.5432 database prodigy");
});
