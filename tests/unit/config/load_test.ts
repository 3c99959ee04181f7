import assert from "node:assert/strict";
import { describeProblems } from "../../../lib/config/describe.ts";
import { type Invocation, type LoadDeps, loadInvocation } from "../../../lib/config/load.ts";
import type { Misconfiguration } from "../../../lib/config/resolve.ts";
import { problemsOf } from "./support.ts";

interface World {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly home?: string;
  readonly asked?: string[];
}

function load({ args = [], env = {}, files = {}, home = "/home/u", asked = [] }: World): Invocation | Misconfiguration {
  const deps: LoadDeps = {
    args,
    env: (name) => {
      asked.push(name);
      return env[name];
    },
    readTextFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Deno.errors.NotFound(path);
      if (text === "unreadable") throw new Deno.errors.PermissionDenied("permission denied");
      return text;
    },
    homeDirectory: home,
    currentDirectory: "/cwd",
  };
  return loadInvocation(deps);
}

function portAndFile(world: World): readonly [number, string | null] {
  const result = load(world);
  if (!("resolved" in result) || result.resolved === null) throw new Error(describeProblems(problemsOf(result)));
  return [result.resolved.config["metrics.port"], result.resolved.filePath];
}

const HERE = { "/cwd/config.toml": "metrics.port = 1" };
const AT_HOME = { "/home/u/.prodigy/config.toml": "metrics.port = 2" };
const NAMED = { "/cwd/x/y.toml": "metrics.port = 3" };
const MOVED = { "/p/config.toml": "metrics.port = 4" };

const FILES: readonly {
  readonly name: string;
  readonly world: World;
  readonly out: readonly [number, string | null];
}[] = [
  { name: "no file", world: {}, out: [9090, null] },
  { name: "./config.toml", world: { files: { ...HERE, ...AT_HOME } }, out: [1, "/cwd/config.toml"] },
  { name: "Prodigy's directory", world: { files: AT_HOME }, out: [2, "/home/u/.prodigy/config.toml"] },
  {
    name: "--config before all others",
    world: { args: ["--config", "x/y.toml"], files: { ...HERE, ...AT_HOME, ...NAMED } },
    out: [3, "/cwd/x/y.toml"],
  },
  {
    name: "--config below the home directory",
    world: { args: ["--config=~/.prodigy/config.toml"], files: AT_HOME },
    out: [2, "/home/u/.prodigy/config.toml"],
  },
  {
    name: "PRODIGY_HOME",
    world: { env: { PRODIGY_HOME: "/p" }, files: { ...AT_HOME, ...MOVED } },
    out: [4, "/p/config.toml"],
  },
  {
    name: "--prodigy-home",
    world: { args: ["--prodigy-home", "/p"], files: { ...AT_HOME, ...MOVED } },
    out: [4, "/p/config.toml"],
  },
];
for (const { name, world, out } of FILES) {
  Deno.test(`loadInvocation() finds ${name}`, () => assert.deepEqual(portAndFile(world), out));
}

const WRONG: readonly { readonly name: string; readonly world: World; readonly out: readonly string[] }[] = [
  {
    name: "a file that is named and not there",
    world: { args: ["--config", "no.toml"], files: HERE },
    out: ["/cwd/no.toml: Cannot read the configuration file as there is no such file"],
  },
  {
    name: "an unreadable file",
    world: { files: { ...AT_HOME, "/cwd/config.toml": "unreadable" } },
    out: ["/cwd/config.toml: Cannot read the configuration file as permission denied"],
  },
  {
    name: "a named file below a home that is not known",
    world: { args: ["--config=~/x", "--state-directory=/s", "--claude-config-dir=/c", "--prodigy-home=/p"], home: "" },
    out: [
      `--config: Cannot read the configuration file as it must be a path without ~, as HOME is not set: current value is "~/x"`,
    ],
  },
  {
    name: "what is wrong in arguments, environment and file, all at once",
    world: {
      args: ["--bogus", "--log-level", "loud"],
      env: { PRODIGY_METRICS_PORT: "x" },
      files: { "/cwd/config.toml": "\n[socket]\n mode = 660" },
    },
    out: [
      "--bogus: Cannot use --bogus as there is no such flag: the nearest is --out",
      `PRODIGY_METRICS_PORT: Cannot use metrics.port as it must be a whole number from 0 to 65535: current value is "x"`,
      '/cwd/config.toml:3:2: Cannot use socket.mode as it must be octal permission bits in quotes, like "0660": ' +
      "current value is 660",
      `--log-level: Cannot use log.level as it must be one of "error", "warn", "info", "debug": current value is "loud"`,
    ],
  },
];
for (const { name, world, out } of WRONG) {
  Deno.test(`loadInvocation() reports ${name}`, () => {
    assert.deepEqual(describeProblems(problemsOf(load(world))).split("\n"), [...out, ""]);
  });
}

Deno.test("loadInvocation() answers help and version whatever the configuration is", () => {
  const broken = { files: { "/cwd/config.toml": "= = =" }, env: { PRODIGY_METRICS_PORT: "x" } };
  assert.deepEqual(load({ ...broken, args: ["--help"] }), { command: "help", commandFlags: {}, operands: [] });
  assert.deepEqual(load({ ...broken, args: ["version"] }), { command: "version", commandFlags: {}, operands: [] });
});

Deno.test("loadInvocation() gives the command its own flags, typed", () => {
  const result = load({ args: ["once", "--format", "json"] });
  if ("problems" in result || result.command !== "once") throw new Error("not once");
  const format: "text" | "json" = result.commandFlags.format;
  assert.equal(format, "json");
  assert.equal(result.resolved.config["log.level"], "info");
});

Deno.test("loadInvocation() asks for no variable that is not in the table", () => {
  const asked: string[] = [];
  load({ asked });
  assert.ok(asked.every((name) => /^(PRODIGY_[A-Z_]+|CLAUDE_CONFIG_DIR|XDG_STATE_HOME)$/.test(name)), asked.join(" "));
});
