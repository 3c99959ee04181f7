import assert from "node:assert/strict";
import { COMMAND_NAMES, commandOf } from "../../../lib/config/commands.ts";
import { describeConfig, describeHelp, describeProblems } from "../../../lib/config/describe.ts";
import { shownDefault } from "../../../lib/config/literal.ts";
import { environmentName, flagUsage, OPTION_KEYS, optionOf } from "../../../lib/config/option_names.ts";
import { describeExampleConfig, describeReference } from "../../../lib/config/reference.ts";
import { fileOf, layersWith, resolved } from "./support.ts";

Deno.test("describeHelp() names every flag, variable, key and default", () => {
  const help = describeHelp();
  for (const key of OPTION_KEYS) {
    for (const name of [key, flagUsage(key), environmentName(key)]) {
      assert.ok(name === null || help.includes(name), key);
    }
    const written = optionOf(key).default;
    assert.ok(help.includes(`default: ${written === null ? "not set" : shownDefault(written)}]`), key);
  }
});

Deno.test("describeHelp() names every command with its flags", () => {
  const lines = describeHelp().split("\n");
  for (const name of COMMAND_NAMES) {
    assert.ok(lines.some((line) => line.trim().startsWith(name) && line.includes(commandOf(name).summary)), name);
    for (const flag of Object.keys(commandOf(name).flags)) {
      assert.ok(lines.some((line) => line.includes(`${name} --${flag}`)), flag);
    }
  }
});

Deno.test("describeHelp() keeps to 120 columns", () => {
  for (const line of describeHelp().split("\n")) assert.ok(line.length <= 120, line);
});

Deno.test("describeHelp() says of a switch what it does, not what is without it", () => {
  assert.match(describeHelp(), /--no-metrics\n +Do not serve metrics over HTTP\./);
});

Deno.test("describeConfig() shows every option with its value and origin, in columns", () => {
  const text = describeConfig(resolved(layersWith({
    flags: new Map([["metrics.enabled", false]]),
    env: { PRODIGY_METRICS_PORT: "9191" },
    file: fileOf(`[log]\nlevel = "debug"\n[events]\ndirectory = "ev"\n`),
  })));
  const lines = text.trimEnd().split("\n");
  assert.equal(lines[0], "Configuration file: /cwd/config.toml");
  const cells = new Map(
    lines.slice(1).map((line) => {
      const [key = "", ...rest] = line.split(/ {2,}/);
      return [key, rest];
    }),
  );
  assert.deepEqual([...cells.keys()], [...OPTION_KEYS]);
  assert.deepEqual(cells.get("metrics.enabled"), ["false", "at start", "--no-metrics"]);
  assert.deepEqual(cells.get("metrics.port"), ["9191", "at start", "PRODIGY_METRICS_PORT"]);
  assert.deepEqual(cells.get("log.level"), [`"debug"`, "at reload", "/cwd/config.toml:2:1"]);
  assert.deepEqual(cells.get("events.directory"), [`"/cwd/ev"`, "at start", "/cwd/config.toml:4:1"]);
  assert.deepEqual(cells.get("events.line_max_bytes"), [`"4MiB"`, "at start", "default"]);
  assert.deepEqual(cells.get("socket.group"), ["not set", "at start", "default"]);
  const origins = lines.slice(1).map((line) => line.lastIndexOf("  "));
  assert.equal(new Set(origins).size, 1, "the last column begins at one place");
});

Deno.test("describeConfig() names tables it ignores, and what they may have been meant to be", () => {
  const text = describeConfig(resolved(layersWith({ file: fileOf("[metrcs]\nport = 1\n[storage]\n") })));
  assert.match(text, /^\[metrcs\] is ignored, as it is not of the exporter; \[metrics\] would be$/m);
  assert.match(text, /^\[storage\] is ignored, as it is not of the exporter$/m);
});

Deno.test("describeProblems() begins each line with the place", () => {
  const message = "Cannot";
  const text = describeProblems([
    { key: "a", origin: "--a", position: null, message },
    { key: "a", origin: "/f.toml", position: { line: 2, column: 3 }, message },
  ]);
  assert.equal(text, "--a: Cannot\n/f.toml:2:3: Cannot\n");
});

Deno.test("describeExampleConfig() is a file in which nothing is set", () => {
  const { settings, ignoredTables } = resolved(layersWith({ file: fileOf(describeExampleConfig()) }));
  assert.deepEqual(ignoredTables, []);
  for (const [key, { origin }] of settings) assert.equal(origin, "default", key);
});

Deno.test("describeExampleConfig() sets every option to its default when its comments are taken away", () => {
  const text = describeExampleConfig().replaceAll(/^# (\w+ = )/gm, "$1");
  const { settings } = resolved(layersWith({ file: fileOf(text) }));
  const defaults = resolved(layersWith()).settings;
  for (const [key, { value, origin }] of settings) {
    assert.equal(origin, "/cwd/config.toml", key);
    if (optionOf(key).default !== null) assert.deepEqual(structuredClone(value), defaults.get(key)?.value, key);
  }
  for (const key of OPTION_KEYS) assert.ok(text.includes(optionOf(key).help), key);
});

Deno.test("describeReference() has a row with everything about every option", () => {
  const lines = describeReference().split("\n");
  for (const key of OPTION_KEYS) {
    const row = lines.find((line) => line.startsWith(`| \`${key}\` `))?.replaceAll("\\|", "|") ?? "";
    const { default: written, help, kind } = optionOf(key);
    const shown = written === null ? null : shownDefault(written);
    for (const part of [flagUsage(key), environmentName(key), shown, help, kind.mustBe]) {
      assert.ok(part === null || row.includes(part), `${key}: ${part}`);
    }
  }
});

Deno.test("describeReference() shows how entries of a table are written", () => {
  const written = [...describeReference().matchAll(/```toml\n(.*?)```/gs)].map(([, text = ""]) => text).join("\n");
  const settings = resolved(layersWith({ file: fileOf(written) })).settings;
  for (const key of OPTION_KEYS.filter((key) => optionOf(key).kind.fromText === null)) {
    const examples = Object.assign({}, ...optionOf(key).kind.examples);
    assert.deepEqual(structuredClone(settings.get(key)?.raw), examples, key);
  }
});

Deno.test("describeReference() is formatted as deno fmt would", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--line-width", "120", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  });
  await using child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(describeReference()));
  await writer.close();
  const { stdout } = await child.output();
  assert.equal(new TextDecoder().decode(stdout), describeReference());
});
