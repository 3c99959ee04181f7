import assert from "node:assert/strict";
import * as kinds from "../../../lib/config/kinds.ts";

const PLACE: kinds.Place = { homeDirectory: "/home/u", baseDirectory: "/base" };

const CASES: readonly {
  readonly name: string;
  readonly kind: kinds.Kind<unknown>;
  /** What the file holds -> the value. */
  readonly right: readonly (readonly [unknown, unknown])[];
  readonly wrong: readonly unknown[];
}[] = [
  { name: "boolean", kind: kinds.boolean, right: [[true, true], [false, false]], wrong: [0, 1, "", "yes", null, []] },
  { name: "text", kind: kinds.text, right: [["a b", "a b"]], wrong: ["", "a\nb", "a\0", 1] },
  { name: "port", kind: kinds.port, right: [[0, 0], [65535, 65535]], wrong: [-1, 65536, 1.5, "80", NaN, true] },
  {
    name: "integer",
    kind: kinds.integer({ least: 2, most: 5 }),
    right: [[2, 2], [5, 5]],
    wrong: [1, 6, 2.5, Infinity, "3"],
  },
  {
    name: "duration",
    kind: kinds.duration({ least: "10ms", most: "7d" }),
    right: [["10ms", 0.01], ["700ms", 0.7], ["2h", 7200], ["1h30m", 5400], ["1s200ms", 1.2], ["7d", 604_800]],
    wrong: ["", "0s", "9ms", "8d", "5", "5 s", "-5s", "1.5s", "5S", "30m1h", "s", "1e3s", 5, 200],
  },
  {
    name: "size",
    kind: kinds.size({ least: "1KiB", most: "1GiB" }),
    right: [["4MiB", 4_194_304], [1024, 1024], ["1024B", 1024], ["1GiB", 2 ** 30]],
    wrong: ["", 0, "0B", "1023B", "2GiB", "4MB", "4M", "4", 1024.5, -1024],
  },
  {
    name: "mode",
    kind: kinds.mode,
    right: [["0660", 0o660], ["600", 0o600]],
    wrong: [660, 0o660, "0888", "660 ", "04755", ""],
  },
  { name: "oneOf", kind: kinds.oneOf("a", "b"), right: [["a", "a"], ["b", "b"]], wrong: ["", "A", "c", 0] },
  {
    name: "postgresUrl",
    kind: kinds.postgresUrl,
    right: [["postgresql://h/db", "postgresql://h/db"], ["postgres://u:p@h:1/db", "postgres://u:p@h:1/db"]],
    wrong: ["", "h/db", "mysql://h/db", "postgresql://a b", "postgresql://h:port/db", "postgres://u:%zz@h/db", 5],
  },
  {
    name: "urlPaths",
    kind: kinds.urlPaths,
    right: [[["/health", "/-/ready"], ["/health", "/-/ready"]], [["/"], ["/"]], [[], []]],
    wrong: ["/health", [""], [1], null, ["health"], ["/health/"], ["/a?b"], ["/a#b"], ["/a b"]],
  },
  {
    name: "hostNames",
    kind: kinds.hostNames,
    right: [[["Localhost", "a-b.example", "10.0.0.1"], ["Localhost", "a-b.example", "10.0.0.1"]], [["[::1]"], [
      "[::1]",
    ]]],
    wrong: ["a", [""], [1], null, ["a:9090"], ["http://a"], ["::1"], ["a/b"], ["a b"]],
  },
  {
    name: "ascendingNumbers",
    kind: kinds.ascendingNumbers,
    right: [[[0.1, 1], [0.1, 1]]],
    wrong: [[], [1, 1], [2, 1], ["1"], [NaN], [Infinity], 1],
  },
  {
    name: "path",
    kind: kinds.path,
    right: [["/a/../b", "/b"], ["~", "/home/u"], ["~/x", "/home/u/x"], ["x/y", "/base/x/y"], ["./x~", "/base/x~"]],
    wrong: ["", "~other/x", "a\0b", 1, "/".padEnd(5000, "a")],
  },
  {
    name: "socketPath",
    kind: kinds.socketPath,
    right: [["/".padEnd(107, "a"), "/".padEnd(107, "a")]],
    wrong: ["/".padEnd(108, "a"), "/".padEnd(106, "a") + "é"],
  },
  {
    name: "table",
    kind: kinds.table({
      mustBe: "a table with a",
      examples: [{ a: 1 }, { a: 2 }],
      parse: (raw) => Object.hasOwn(raw, "a") ? { value: raw["a"] } : { mustBe: "a table with a" },
    }),
    right: [[{ a: 1 }, 1]],
    wrong: [{}, [], 3, "a", new Date(0)],
  },
];

for (const { name, kind, right, wrong } of CASES) {
  Deno.test(`${name}.parse() accepts what it should`, () => {
    for (const [raw, value] of right) assert.deepEqual(kind.parse(raw, PLACE), { value });
  });
  Deno.test(`${name}.parse() says of anything else what it must be`, () => {
    for (const raw of wrong) assert.deepEqual(kind.parse(raw, PLACE), { mustBe: kind.mustBe }, String(raw));
  });
  Deno.test(`${name}.parse() accepts its examples`, () => {
    assert.ok(kind.examples.length >= 2);
    for (const example of kind.examples) assert.ok("value" in kind.parse(example, PLACE), String(example));
  });
}

Deno.test("postgresUrl.parse() says what is wrong with a parameter", () => {
  const parsed = kinds.postgresUrl.parse("postgres://h/db?sslmode=bogus", PLACE);
  assert.ok("mustBe" in parsed);
  assert.match(parsed.mustBe, /^a URL whose sslmode is one of disable, /);
});

Deno.test("path.parse() says that HOME is missing when a path needs it", () => {
  const nowhere = { ...PLACE, homeDirectory: null };
  assert.deepEqual(kinds.path.parse("~/x", nowhere), { mustBe: "a path without ~, as HOME is not set" });
  assert.deepEqual(kinds.path.parse("/x", nowhere), { value: "/x" });
});

Deno.test("path.parse() takes a home directory with $ in its name as it is", () => {
  assert.deepEqual(kinds.path.parse("~/x", { ...PLACE, homeDirectory: "/home/$&" }), { value: "/home/$&/x" });
});

const TEXTS: readonly (readonly [string, kinds.Kind<unknown>, string, unknown])[] = [
  ["boolean", kinds.boolean, "true", true],
  ["boolean", kinds.boolean, "1", "1"],
  ["port", kinds.port, "9090", 9090],
  ["port", kinds.port, "0x10", "0x10"],
  ["port", kinds.port, "", ""],
  ["size", kinds.size({ least: "1B", most: "1MiB" }), "1000", 1000],
  ["hostNames", kinds.hostNames, "a,b", ["a", "b"]],
  ["urlPaths", kinds.urlPaths, "", []],
  ["ascendingNumbers", kinds.ascendingNumbers, "0.1,5", [0.1, 5]],
  ["ascendingNumbers", kinds.ascendingNumbers, "1,,2", [1, "", 2]],
];
for (const [name, kind, text, raw] of TEXTS) {
  Deno.test(`${name}.fromText() reads ${JSON.stringify(text)} as the file would hold it`, () => {
    assert.deepEqual(kind.fromText?.(text), raw);
  });
}
