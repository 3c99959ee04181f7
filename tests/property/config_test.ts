import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "@std/toml/parse";
import { parseCommandLine } from "../../lib/config/command_line.ts";
import { describeConfig, describeHelp, describeProblems } from "../../lib/config/describe.ts";
import type { TomlValue } from "../../lib/config/kinds.ts";
import { tomlLiteral } from "../../lib/config/literal.ts";
import { environmentName, flagName, isSwitch, OPTION_KEYS, optionOf } from "../../lib/config/option_names.ts";
import type { OptionKey } from "../../lib/config/options.ts";
import { describeExampleConfig, describeReference } from "../../lib/config/reference.ts";
import { type Layers, resolveConfig } from "../../lib/config/resolve.ts";
import { locateKeys } from "../../lib/config/toml_positions.ts";
import { fileOf, layersWith, problemsOf, resolved } from "../unit/config/support.ts";

/** So that switching on what needs it is no problem. */
const URL_SET = { PRODIGY_POSTGRES_URL: "postgresql://localhost/prodigy" };

function flagFor(key: OptionKey, written: TomlValue): ReadonlyMap<OptionKey, string | boolean> {
  const name = flagName(key) ?? "";
  const args = isSwitch(key) ? [written === true ? `--${name}` : `--no-${name}`] : [`--${name}=${textOf(written)}`];
  const line = parseCommandLine(args, { homeDirectory: null, baseDirectory: "/" });
  assert.deepEqual(line.problems, []);
  return line.optionFlags;
}

function textOf(written: TomlValue): string {
  return Array.isArray(written) ? written.join(",") : String(written);
}

/** The layers with `written` for one option in the layers that are named. */
function layersFor(key: OptionKey, given: Partial<Record<"flag" | "environment" | "file", TomlValue>>): Layers {
  const name = environmentName(key);
  const env: Record<string, string> = key === "metrics.postgres.connection_string" ? {} : { ...URL_SET };
  if (given.environment !== undefined && name !== null) env[name] = textOf(given.environment);
  return layersWith({
    env,
    ...given.flag === undefined ? {} : { flags: flagFor(key, given.flag) },
    ...given.file === undefined ? {} : { file: fileOf(`${key} = ${tomlLiteral(given.file)}\n`) },
  });
}

for (const key of OPTION_KEYS) {
  const written = fc.constantFrom(...optionOf(key).kind.examples);
  const maybe = fc.option(written, { nil: undefined });
  const flag = flagName(key) === null
    ? fc.constant(undefined)
    // Nothing can be given to a flag that would be empty.
    : maybe.filter((value) => value === undefined || textOf(value) !== "");
  const environment = environmentName(key) === null ? fc.constant(undefined) : maybe;

  Deno.test(`resolveConfig() takes ${key} from the highest layer that has it`, () => {
    fc.assert(
      fc.property(flag, environment, maybe, (flag, environment, file) => {
        const layers = layersFor(key, {
          ...flag === undefined ? {} : { flag },
          ...environment === undefined ? {} : { environment },
          ...file === undefined ? {} : { file },
        });
        const setting = resolved(layers).settings.get(key);
        const winner = flag ?? environment ?? file;
        if (winner === undefined) return assert.equal(setting?.origin, "default");

        const expected = optionOf(key).kind.parse(winner, { homeDirectory: "/home/u", baseDirectory: "/cwd" });
        // The parser's tables have no prototype; a clone has.
        assert.deepEqual({ value: structuredClone(setting?.value) }, expected);
        const flagOrigin = flag === false ? `--no-${flagName(key)}` : `--${flagName(key)}`;
        const environmentOrigin = environment === undefined ? null : environmentName(key);
        assert.equal(setting?.origin, flag === undefined ? environmentOrigin ?? "/cwd/config.toml" : flagOrigin);
      }),
      { numRuns: 30 },
    );
  });

  Deno.test(`resolveConfig() reads ${key} alike in file, environment and flag`, () => {
    for (const example of optionOf(key).kind.examples) {
      // Nothing can be given to a flag that would be empty.
      const inFlag = flagName(key) !== null && textOf(example) !== "";
      const values = [
        layersFor(key, { file: example }),
        ...environmentName(key) === null ? [] : [layersFor(key, { environment: example })],
        ...inFlag ? [layersFor(key, { flag: example })] : [],
      ].map((layers) => resolved(layers).config[key]);
      for (const value of values) assert.deepEqual(value, values[0]);
    }
  });
}

/** Values that try to look like something else. */
const NASTY_VALUES = [
  `"[x] = 1"`,
  `'a = "'`,
  `"\\"#\\\\"`,
  `"""\n[t0]\nk0 = 1\n\\"""x"""`,
  `'''\n# k1 = 2\n'''`,
  `"""""x"""""`,
  `[1, [2, 'k0 = 3'], # ]\n "]", { k0 = 1 }]`,
  `{ a = 1, b.c = '}', d = [{ e = 2 }] }`,
  "1979-05-27 07:32:00",
  "-1.5e3",
  "[]",
  "{}",
];

Deno.test("locateKeys() tells where each key of a document was written", () => {
  const value = fc.constantFrom(...NASTY_VALUES);
  const gap = fc.constantFrom("", "\n", "# c = [1]\n", "   \n\t# [k0]\n");
  const indent = fc.constantFrom("", " ", "\t\t");
  const newline = fc.constantFrom("\n", "\r\n", " # k0 = 0\n");
  const statement = fc.record({ value, gap, indent, newline, isQuoted: fc.boolean() });
  const table = fc.record({ gap, indent, newline, statements: fc.array(statement, { maxLength: 4 }) });

  fc.assert(fc.property(fc.array(table, { maxLength: 4 }), (tables) => {
    let text = "";
    const expected: [readonly string[], number][] = [];
    for (const [t, { gap, indent, newline, statements }] of tables.entries()) {
      text += `${gap}${indent}[`;
      expected.push([[`t${t}`], text.length]);
      text += `t${t}]${newline}`;
      for (const [k, { value, gap, indent, newline, isQuoted }] of statements.entries()) {
        text += `${gap}${indent}`;
        expected.push([[`t${t}`, `k${k}`], text.length]);
        text += `${isQuoted ? `"k${k}"` : `k${k}`} = ${value}${newline}`;
      }
    }
    parse(text);
    const locate = locateKeys(text);
    for (const [path, offset] of expected) {
      const before = text.slice(0, offset).split("\n");
      assert.deepEqual(locate(path), { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }, path.join("."));
    }
  }));
});

Deno.test("locateKeys() ends on any text", () => {
  const text = fc.string({ unit: fc.constantFrom(..."[]{}\"'\\=.,#\n ab1".split("")), maxLength: 60 });
  fc.assert(fc.property(text, (text) => void locateKeys(text)(["a"])));
});

Deno.test("resolveConfig() and parseCommandLine() throw for nothing a user can write", () => {
  const anything = fc.oneof(fc.string(), fc.constantFrom("--metrics", "--no-metrics=", "--config", "-", "--", "once"));
  fc.assert(fc.property(fc.array(anything), fc.string(), fc.jsonValue(), (args, variable, value) => {
    const { optionFlags } = parseCommandLine(args, { homeDirectory: null, baseDirectory: "/" });
    const text = value === null ? variable : `metrics = ${JSON.stringify(value)}\n`;
    const layers = layersWith({ flags: optionFlags, environment: () => variable, file: fileOf(text) });
    describeProblems(problemsOf(resolveConfig(layers)));
  }));
});

Deno.test("no description ever shows a secret", () => {
  const secrets = OPTION_KEYS.filter((key) => optionOf(key).secret);
  const word = fc.stringMatching(/^[a-z0-9]{12}$/).map((text) => `hush${text}`);
  fc.assert(
    fc.property(fc.constantFrom(...secrets), word, (key, secret) => {
      const url = `postgresql://user:${secret}@localhost/db`;
      const table = key.slice(0, key.lastIndexOf("."));
      const texts = [url, secret, `host=x password=${secret}`].flatMap((value) => [
        `${key} = "${value}"\nmetrics.postgres.enabled = true`,
        `${key} = ["${value}"]`,
        `${table} = "${value}"`,
        `${table} = ["${value}"]`,
        `${key}x = "${value}"`,
        `${key} = "${value}`,
        `${key} = ${value}`,
      ]);
      const worlds: Layers[] = texts.map((text) => layersWith({ file: fileOf(text) }));
      for (const value of [url, secret]) worlds.push(layersWith({ env: { [environmentName(key) ?? ""]: value } }));
      for (const layers of worlds) {
        const result = resolveConfig(layers);
        const shown = "problems" in result ? describeProblems(result.problems) : describeConfig(result);
        assert.ok(!shown.includes(secret), shown);
      }
      const { problems } = parseCommandLine([`--${key.replaceAll(/[._]/g, "-")}=${url}`, `--url=${url}`, url], {
        homeDirectory: null,
        baseDirectory: "/",
      });
      assert.ok(!describeProblems(problems).includes(secret), describeProblems(problems));
    }),
    { numRuns: 20 },
  );
  for (const text of [describeHelp(), describeExampleConfig(), describeReference()]) assert.ok(!text.includes("hush"));
});
