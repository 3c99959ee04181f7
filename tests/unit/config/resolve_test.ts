import assert from "node:assert/strict";
import { describeProblems } from "../../../lib/config/describe.ts";
import { resolveConfig } from "../../../lib/config/resolve.ts";
import { fileOf, layersWith, problemsOf, resolved } from "./support.ts";

Deno.test("resolveConfig() has a default for everything", () => {
  const { config } = resolved(layersWith());
  const port: number = config["metrics.port"];
  const url: string | null = config["metrics.postgres.connection_string"];
  assert.equal(port, 9090);
  assert.equal(url, null);
  assert.equal(config["metrics.bind_address"], "0.0.0.0");
  assert.equal(config["events.line_max_bytes"], 4 * 1024 * 1024);
  assert.equal(config["events.poll_interval"], 0.2);
  assert.equal(config["readers.ignore_older_than"], 7 * 86_400);
  assert.equal(config["socket.mode"], 0o660);
});

Deno.test("resolveConfig() reads the keys of the specification", () => {
  const { config } = resolved(layersWith({
    file: fileOf(`
      [metrics]
      enabled = true
      port = 9091
      bind_address = "127.0.0.1"
      [metrics.postgres]
      enabled = true
      connection_string = "postgresql://localhost/prodigy"
      batch_size = 50
      flush_interval_ms = 1000
    `),
  }));
  const expected = {
    "metrics.enabled": true,
    "metrics.port": 9091,
    "metrics.bind_address": "127.0.0.1",
    "metrics.postgres.enabled": true,
    "metrics.postgres.connection_string": "postgresql://localhost/prodigy",
    "metrics.postgres.batch_size": 50,
    "metrics.postgres.flush_interval_ms": 1000,
  };
  assert.deepEqual({ ...config, ...expected }, { ...config });
});

Deno.test("resolveConfig() computes defaults from other options and the environment", () => {
  const plain = resolved(layersWith()).config;
  assert.equal(plain["events.directory"], "/home/u/.prodigy/events");
  assert.equal(plain["state.directory"], "/home/u/.local/state/prodigy-exporter");
  assert.equal(plain["socket.path"], "/home/u/.local/state/prodigy-exporter/prodigy-exporter.sock");

  const moved = resolved(layersWith({ env: { PRODIGY_HOME: "/p", XDG_STATE_HOME: "/s" } })).config;
  assert.equal(moved["events.directory"], "/p/events");
  assert.equal(moved["socket.path"], "/s/prodigy-exporter/prodigy-exporter.sock");
});

Deno.test("resolveConfig() ignores an XDG_STATE_HOME that is not absolute", () => {
  for (const XDG_STATE_HOME of ["", "state"]) {
    const { config } = resolved(layersWith({ env: { XDG_STATE_HOME } }));
    assert.equal(config["state.directory"], "/home/u/.local/state/prodigy-exporter");
  }
});

Deno.test("resolveConfig() resolves relative paths from the file's directory, or from the current one", () => {
  const file = { path: "/etc/exporter/config.toml", text: `state.directory = "state"` };
  const { config } = resolved(layersWith({ file, env: { PRODIGY_HOME: "home" } }));
  assert.equal(config["state.directory"], "/etc/exporter/state");
  assert.equal(config["prodigy.home"], "/cwd/home");
});

Deno.test("resolveConfig() gives a configuration that cannot be changed", () => {
  assert.ok(Object.isFrozen(resolved(layersWith()).config));
});

Deno.test("resolveConfig() reports wrong values of all layers together", () => {
  const result = resolveConfig(layersWith({
    flags: new Map([["metrics.port", "99999"]]),
    env: { PRODIGY_METRICS_POSTGRES_BATCH_SIZE: "many" },
    file: fileOf(`[log]\nlevel = "loud"\n\n[metrics]\n  bind_address = 5\n`),
  }));
  assert.equal(
    describeProblems(problemsOf(result)),
    [
      `--metrics-port: Cannot use metrics.port as it must be a whole number from 0 to 65535: current value is 99999`,
      "/cwd/config.toml:5:3: Cannot use metrics.bind_address as it must be text that is not empty, on one line: " +
      "current value is 5",
      "PRODIGY_METRICS_POSTGRES_BATCH_SIZE: Cannot use metrics.postgres.batch_size as it must be a whole number " +
      `from 1 to 10000: current value is "many"`,
      `/cwd/config.toml:2:1: Cannot use log.level as it must be one of "error", "warn", "info", "debug": ` +
      `current value is "loud"`,
      "",
    ].join("\n"),
  );
});

Deno.test("resolveConfig() reports a wrong value that a better layer hides", () => {
  const result = resolveConfig(layersWith({
    flags: new Map([["metrics.port", "1"]]),
    file: fileOf("metrics.port = -1"),
  }));
  assert.deepEqual(problemsOf(result).map(({ key, origin, position }) => ({ key, origin, position })), [
    { key: "metrics.port", origin: "/cwd/config.toml", position: { line: 1, column: 9 } },
  ]);
});

Deno.test("resolveConfig() takes an empty variable for a wrong value and says what to do", () => {
  const [problem] = problemsOf(resolveConfig(layersWith({ env: { PRODIGY_HOME: "" } })));
  assert.match(problem?.message ?? "", /current value is ""; leave PRODIGY_HOME out to use the default$/);
});

const FILE_PROBLEMS: readonly { readonly name: string; readonly text: string; readonly out: string }[] = [
  {
    name: "an unknown key",
    text: "[metrics]\nprot = 1",
    out: ":2:1: Cannot use metrics.prot as there is no such option: the nearest is metrics.port",
  },
  {
    name: "a known key in the wrong table",
    text: "[metrics]\nbatch_size = 1",
    out: ":2:1: Cannot use metrics.batch_size as there is no such option: the nearest is metrics.postgres.batch_size",
  },
  {
    name: "an unknown sub-table, once",
    text: "[metrics.postgre]\na = 1\nb = 2",
    out: ":1:10: Cannot use metrics.postgre as there is no such table: the nearest is metrics.postgres",
  },
  {
    name: "a number in place of a table",
    text: "metrics = 3",
    out: ":1:1: Cannot use metrics as it must be a table: current value is 3",
  },
  {
    name: "an array of tables",
    text: "[[log]]\nlevel = 'info'",
    out: ":1:3: Cannot use log as it must be a table: current value is of another kind",
  },
  {
    name: "a table in place of a value",
    text: "[metrics.port]\na = 1",
    out: ":1:10: Cannot use metrics.port as it must be a whole number from 0 to 65535: current value is a table",
  },
  {
    name: "a date",
    text: "metrics.port = 2026-11-24",
    out: ":1:9: Cannot use metrics.port as it must be a whole number from 0 to 65535: current value is a date or time",
  },
  {
    name: "a dotted key in quotes",
    text: `[metrics]\n"postgres.enabled" = true`,
    out:
      `:2:1: Cannot use metrics."postgres.enabled" as there is no such option: the nearest is metrics.postgres.enabled`,
  },
  {
    name: "a key that JavaScript knows",
    text: "[metrics]\n__proto__ = 1",
    out: ":2:1: Cannot use metrics.__proto__ as there is no such option: the nearest is metrics.port",
  },
  {
    name: "a key with control characters",
    text: `[log]\n"\\u001b[2J" = 1`,
    out: `:2:1: Cannot use log."\\u001b[2J" as there is no such option: the nearest is log.level`,
  },
  {
    name: "what is not TOML",
    text: `[metrics]\nport = 1\nport = 2`,
    out: ":3:1: Cannot read the file as it must be TOML: trying to redefine an already defined table or value",
  },
];

for (const { name, text, out } of FILE_PROBLEMS) {
  Deno.test(`resolveConfig() reports ${name} in the file`, () => {
    const problems = problemsOf(resolveConfig(layersWith({ file: fileOf(text) })));
    assert.equal(describeProblems(problems), `/cwd/config.toml${out}\n`);
  });
}

Deno.test("resolveConfig() ignores what is not ours at the top of the file", () => {
  const text =
    `log_level = "trace"\n"metrics.port" = "x"\n[storage]\nmetrics = 3\n[metrcs]\nport = "x"\n[[jobs]]\na = 1`;
  assert.deepEqual(resolved(layersWith({ file: fileOf(text) })).ignoredTables, ["storage", "metrcs"]);
});

Deno.test("resolveConfig() stops reporting a file that is not meant for it", () => {
  const text = "[metrics]\n" + Array.from({ length: 1000 }, (_, i) => `key_${i} = 1`).join("\n");
  assert.equal(problemsOf(resolveConfig(layersWith({ file: fileOf(text) }))).length, 100);
});

Deno.test("resolveConfig() misses HOME only where a path stands on it", () => {
  const problems = problemsOf(resolveConfig(layersWith({ homeDirectory: null })));
  assert.deepEqual(problems.map((problem) => problem.key), ["prodigy.home", "claude.config_dir", "state.directory"]);
  assert.equal(
    problems[0]?.message,
    `Cannot use prodigy.home as it must be a path without ~, as HOME is not set: current value is "~/.prodigy" by default; ` +
      "set --prodigy-home <PATH> or PRODIGY_HOME or prodigy.home in the file",
  );
  const env = { PRODIGY_HOME: "/p", CLAUDE_CONFIG_DIR: "/c", XDG_STATE_HOME: "/s" };
  assert.equal(resolved(layersWith({ homeDirectory: null, env })).config["events.directory"], "/p/events");
});

Deno.test("resolveConfig() wants the database's URL where the database is switched on", () => {
  const problems = problemsOf(resolveConfig(layersWith({ flags: new Map([["metrics.postgres.enabled", true]]) })));
  assert.equal(
    describeProblems(problems),
    "--enable-postgres-storage: Cannot use metrics.postgres.enabled without metrics.postgres.connection_string: " +
      "set PRODIGY_POSTGRES_URL or metrics.postgres.connection_string in the file\n",
  );
});
