import assert from "node:assert/strict";
import { locateKeys } from "../../../lib/config/toml_positions.ts";

const CASES: readonly {
  readonly name: string;
  readonly text: string;
  readonly path: readonly string[];
  readonly at: readonly [number, number] | null;
}[] = [
  { name: "a key in a table", text: "# c\n[metrics]\n  port = 1", path: ["metrics", "port"], at: [3, 3] },
  { name: "a key before all tables", text: "a = 1\nb = 2", path: ["b"], at: [2, 1] },
  { name: "a table", text: "\n[metrics]\n", path: ["metrics"], at: [2, 2] },
  { name: "a sub-table", text: "[ metrics . postgres ]", path: ["metrics", "postgres"], at: [1, 13] },
  {
    name: "a dotted key",
    text: "[metrics]\npostgres.batch_size = 1",
    path: ["metrics", "postgres", "batch_size"],
    at: [2, 10],
  },
  { name: "a dotted key at the top", text: "metrics.port = 1", path: ["metrics", "port"], at: [1, 9] },
  {
    name: "a key in an inline table",
    text: "metrics = { port = 1, x = {y = 2} }",
    path: ["metrics", "x", "y"],
    at: [1, 28],
  },
  { name: "an inline table over lines", text: "m = {\n a = 1, # }\n b = 2,\n}\nc = 3", path: ["c"], at: [5, 1] },
  { name: "a quoted key", text: `[metrics]\n"port" = 1`, path: ["metrics", "port"], at: [2, 1] },
  { name: "a quoted table", text: `['metrics']\nport = 1`, path: ["metrics", "port"], at: [2, 1] },
  { name: "a key with an escape", text: `"p\\u006Frt" = 1`, path: ["port"], at: [1, 1] },
  { name: "a key after CRLF", text: "[metrics]\r\nport = 1\r\nbind = 2", path: ["metrics", "bind"], at: [3, 1] },
  { name: "a key after text that looks like one", text: `a = "[b]"\nc = 1`, path: ["c"], at: [2, 1] },
  { name: "a key after an escaped quote", text: `a = "\\"\\\\"\nc = 1`, path: ["c"], at: [2, 1] },
  { name: "a key after a long text", text: `a = """\n[c]\nc = 0 \\" ""\n"""\nc = 1`, path: ["c"], at: [5, 1] },
  { name: "a key after five quotes", text: `a = """""x"""""\nc = 1`, path: ["c"], at: [2, 1] },
  { name: "a key after a long literal", text: `a = '''\nc = 0\n\\'''\nc = 1`, path: ["c"], at: [4, 1] },
  { name: "a key after an array", text: "a = [ # ]\n [1, 2], 'c', { c = 1 },\n]\nc = 1", path: ["c"], at: [4, 1] },
  { name: "a key after a date with a blank", text: "a = 2026-11-24 09:00:00\nc = 1", path: ["c"], at: [2, 1] },
  { name: "a key after a comment", text: "a = 1 # c = 0\nc = 1", path: ["c"], at: [2, 1] },
  { name: "an array of tables", text: "x = 1\n[[metrics]]\nport = 1", path: ["metrics"], at: [2, 3] },
  { name: "no key in an array of tables", text: "[[m]]\na = 1\n[[m]]\na = 2", path: ["m", "a"], at: null },
  { name: "no key in a table of an array", text: "[[m]]\n[m.sub]\na = 2", path: ["m", "sub", "a"], at: null },
  { name: "a key after an array of tables", text: "[[m]]\na = 1\n[b]\na = 2", path: ["b", "a"], at: [4, 1] },
  { name: "no key in an array", text: "m = [{ a = 1 }]", path: ["m", "a"], at: null },
  { name: "no key with TOML's own escapes", text: `"\\U0000006D" = 1`, path: ["m"], at: null },
  { name: "no key that is not there", text: "a = 1", path: ["b"], at: null },
  { name: "no key of what is no TOML", text: "a = 1\n]", path: ["a"], at: null },
];

for (const { name, text, path, at } of CASES) {
  Deno.test(`locateKeys() finds ${name}`, () => {
    assert.deepEqual(locateKeys(text)(path), at === null ? null : { line: at[0], column: at[1] });
  });
}

Deno.test("locateKeys() survives a text as long as a file may be", () => {
  for (const quotes of ['"', '"""', "'''", "'"]) {
    const text = `a = ${quotes}${"x".repeat(1024 * 1024)}${quotes}\nc = 1`;
    assert.deepEqual(locateKeys(text)(["c"]), { line: 2, column: 1 }, quotes);
  }
});
