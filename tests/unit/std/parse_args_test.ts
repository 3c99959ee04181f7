import assert from "node:assert/strict";
import { type Args, parseArgs, type ParseOptions } from "@std/cli/parse-args";

const CASES: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly options: ParseOptions;
  readonly out: Args;
}[] = [
  { name: "takes the next argument", args: ["--a", "1"], options: { string: ["a"] }, out: { _: [], a: "1" } },
  { name: "takes the text after =", args: ["--a=b=c"], options: { string: ["a"] }, out: { _: [], a: "b=c" } },
  { name: "keeps text of text flags", args: ["--a", "007"], options: { string: ["a"] }, out: { _: [], a: "007" } },
  { name: "makes numbers of others", args: ["--a", "7", "8"], options: {}, out: { _: [8], a: 7 } },
  { name: "keeps operands with string _", args: ["8"], options: { string: ["_"] }, out: { _: ["8"] } },
  {
    name: "takes no flag for a value",
    args: ["--a", "--b"],
    options: { string: ["a"] },
    out: { _: [], a: "", b: true },
  },
  { name: "gives a last text flag no value", args: ["--a"], options: { string: ["a"] }, out: { _: [], a: "" } },
  { name: "leaves operands to switches", args: ["--s", "x"], options: { boolean: ["s"] }, out: { _: ["x"], s: true } },
  { name: "reads true and false", args: ["--s", "false"], options: { boolean: ["s"] }, out: { _: [], s: false } },
  { name: "sets absent switches to false", args: [], options: { boolean: ["s"] }, out: { _: [], s: false } },
  {
    name: "prefers a default to that",
    args: [],
    options: { boolean: ["s"], default: { s: null } },
    out: { _: [], s: null },
  },
  {
    name: "negates",
    args: ["--no-s"],
    options: { boolean: ["s"], negatable: ["s"] },
    out: { _: [], s: false },
  },
  { name: "negates only the negatable", args: ["--no-s"], options: {}, out: { _: [], "no-s": true } },
  {
    name: "sets both names",
    args: ["-h"],
    options: { boolean: ["help"], alias: { help: "h" } },
    out: { _: [], help: true, h: true },
  },
  { name: "reads bundled letters", args: ["-ab"], options: { boolean: ["a", "b"] }, out: { _: [], a: true, b: true } },
  { name: "takes a dash for an operand", args: ["-"], options: {}, out: { _: ["-"] } },
  {
    name: "collects",
    args: ["--a", "x", "--a", "y"],
    options: { string: ["a"], collect: ["a"] },
    out: { _: [], a: ["x", "y"] },
  },
  { name: "lets the last win", args: ["--a=x", "--a=y"], options: { string: ["a"] }, out: { _: [], a: "y" } },
  { name: "adds what follows --", args: ["x", "--", "--a"], options: {}, out: { _: ["x", "--a"] } },
  {
    name: "keeps what follows -- apart",
    args: ["x", "--", "--a"],
    options: { "--": true },
    out: { _: ["x"], "--": ["--a"] },
  },
];

for (const { name, args, options, out } of CASES) {
  Deno.test(`parseArgs() ${name}`, () => assert.deepEqual(parseArgs(args, options), out));
}

Deno.test("parseArgs() asks about unknown flags and operands, and leaves out what is refused", () => {
  const asked: unknown[] = [];
  const parsed = parseArgs(["one", "--known", "k", "--other=o", "-x"], {
    string: ["known"],
    unknown: (...given) => {
      asked.push(given);
      return false;
    },
  });
  assert.deepEqual(asked, [["one"], ["--other=o", "other", "o"], ["-x", "x", true]]);
  assert.deepEqual(parsed, { _: [], known: "k" });
});
