import assert from "node:assert/strict";
import {
  type DatabaseAddress,
  describeAddress,
  parseDatabaseUrl,
  type ServerPlace,
  serverPlaces,
} from "../../../lib/store/database_url.ts";

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
    assert.deepEqual(parseDatabaseUrl(url, false), { value: { ...PLAIN, ...expected } });
  });
}

Deno.test("parseDatabaseUrl() checks certificates when there is an authority to check them by", () => {
  for (
    const [query, tls] of [["", "verify"], ["?sslmode=require", "verify"], ["?sslmode=prefer", "prefer"]] as const
  ) {
    const parsed = parseDatabaseUrl(`postgres://db.example/x${query}`, true);
    assert.equal("value" in parsed && parsed.value.tls, tls, query);
  }
});

const REFUSED: readonly { readonly name: string; readonly url: string; readonly mustBe: RegExp }[] = [
  { name: "no URL", url: "nonsense s3cret", mustBe: /starts with postgresql:/ },
  { name: "another scheme", url: "mysql://joe:s3cret@db.example/x", mustBe: /starts with postgresql:/ },
  { name: "an unknown sslmode", url: "postgres://joe:s3cret@db.example/x?sslmode=maybe", mustBe: /sslmode is one of/ },
  { name: "a port that is none", url: "postgres:///x?host=db.example&port=s3cret", mustBe: /port is from 1 to/ },
  { name: "a lone % in the password", url: "postgres://joe:s3cret%zz@db.example/x", mustBe: /percent-encoded/ },
  { name: "% in the user", url: "postgres://joe%:s3cret@db.example/x", mustBe: /percent-encoded/ },
  { name: "% in the database", url: "postgres://joe:s3cret@db.example/x%", mustBe: /percent-encoded/ },
  { name: "no UTF-8 behind %", url: "postgres://joe:s3cret%ff@db.example/x", mustBe: /percent-encoded/ },
  { name: "/ in the password", url: "postgres://joe:s3cret/x@db.example/x", mustBe: /percent-encoded/ },
  { name: "/ behind digits in the password", url: "postgres://joe:12/s3cret@db.example/x", mustBe: /percent-encoded/ },
  { name: "# in the password", url: "postgres://joe:12#s3cret@db.example/x", mustBe: /percent-encoded/ },
  { name: "? in the password", url: "postgres://joe:12?s3cret@db.example/x", mustBe: /percent-encoded/ },
  { name: "? and = in the password", url: "postgres://joe:12?a=s3cret@db.example/x", mustBe: /percent-encoded/ },
];
for (const { name, url, mustBe } of REFUSED) {
  Deno.test(`parseDatabaseUrl() refuses ${name} without quoting the URL`, () => {
    const parsed = parseDatabaseUrl(url, false);
    assert.ok("mustBe" in parsed);
    assert.match(parsed.mustBe, mustBe);
    assert.doesNotMatch(parsed.mustBe, /s3cret|joe|db\.example/);
  });
}

const PLACES: readonly { readonly host: string; readonly expected: readonly ServerPlace[] }[] = [
  { host: "db.example", expected: [{ host: "db.example", port: 5432 }] },
  { host: "/run/postgresql", expected: [{ path: "/run/postgresql/.s.PGSQL.5432" }] },
  { host: "::1", expected: [{ host: "::1", port: 5432 }] },
  { host: "a,b:6543", expected: [{ host: "a", port: 5432 }, { host: "b", port: 6543 }] },
  {
    host: "[::1]:6543,[::2],::3",
    expected: [{ host: "::1", port: 6543 }, { host: "::2", port: 5432 }, { host: "::3", port: 5432 }],
  },
];
for (const { host, expected } of PLACES) {
  Deno.test(`serverPlaces() reads ${host}`, () => {
    assert.deepEqual(serverPlaces({ ...PLAIN, host }), expected);
  });
}

Deno.test("describeAddress() shows neither user nor password", () => {
  assert.equal(describeAddress(PLAIN), "db.example:5432/prodigy");
  assert.equal(describeAddress({ ...PLAIN, host: "/run" }), "/run/.s.PGSQL.5432 database prodigy");
  assert.equal(describeAddress({ ...PLAIN, host: "::1" }), "[::1]:5432/prodigy");
  assert.equal(describeAddress({ ...PLAIN, host: "a:1,b:2" }), "a:1,b:2:5432/prodigy");
});
