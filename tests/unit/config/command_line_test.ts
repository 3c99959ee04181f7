import assert from "node:assert/strict";
import { COMMAND_NAMES, commandOf } from "../../../lib/config/commands.ts";
import { parseCommandLine } from "../../../lib/config/command_line.ts";
import { describeProblems } from "../../../lib/config/describe.ts";
import { boolean } from "../../../lib/config/kinds.ts";
import { flagName, OPTION_KEYS } from "../../../lib/config/option_names.ts";

const PLACE = { homeDirectory: "/home/u", baseDirectory: "/cwd" };

const RIGHT: readonly {
  readonly args: string;
  readonly command: string;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly configPath?: string;
}[] = [
  { args: "", command: "start" },
  { args: "start", command: "start" },
  { args: "once", command: "once", flags: { format: "text" } },
  { args: "once --format json", command: "once", flags: { format: "json" } },
  { args: "--format=json once", command: "once", flags: { format: "json" } },
  { args: "check-config --config x.toml", command: "check-config", configPath: "x.toml" },
  { args: "--metrics-port 9091", command: "start", options: { "metrics.port": "9091" } },
  { args: "--metrics-port=9091 start", command: "start", options: { "metrics.port": "9091" } },
  { args: "--metrics-port 1 --metrics-port 2", command: "start", options: { "metrics.port": "2" } },
  { args: "--no-metrics", command: "start", options: { "metrics.enabled": false } },
  { args: "--metrics once", command: "once", flags: { format: "text" }, options: { "metrics.enabled": true } },
  { args: "--enable-postgres-storage", command: "start", options: { "metrics.postgres.enabled": true } },
  { args: "--no-enable-postgres-storage", command: "start", options: { "metrics.postgres.enabled": false } },
  { args: "help", command: "help" },
  { args: "-h", command: "help" },
  { args: "once --help --bogus", command: "help" },
  { args: "help once", command: "help" },
  { args: "--version", command: "version" },
  { args: "-V", command: "version" },
  { args: "version", command: "version" },
];

for (const { args, command, flags = {}, options = {}, configPath = null } of RIGHT) {
  Deno.test(`parseCommandLine() reads "${args}"`, () => {
    const line = parseCommandLine(args.split(" ").filter((arg) => arg !== ""), PLACE);
    assert.deepEqual(line.problems, []);
    assert.deepEqual(line.call, { command, commandFlags: flags, operands: [] });
    assert.deepEqual(Object.fromEntries(line.optionFlags), options);
    assert.equal(line.configPath, configPath);
  });
}

const WRONG: readonly { readonly args: readonly string[]; readonly out: string }[] = [
  { args: ["strat"], out: "strat: Cannot run strat as there is no such command: the nearest is start" },
  { args: ["once", "more"], out: "more: Cannot use more as once takes no operands" },
  {
    args: ["--metrics-prot", "1"],
    out: "--metrics-prot: Cannot use --metrics-prot as there is no such flag: the nearest is --metrics-port",
  },
  {
    args: ["--no-metric"],
    out: "--no-metric: Cannot use --no-metric as there is no such flag: the nearest is --no-metrics",
  },
  { args: ["-x"], out: "-x: Cannot use -x as there is no such flag: the nearest is --out" },
  { args: ["--metrics-port"], out: "--metrics-port: Cannot use --metrics-port as it must be followed by a value" },
  { args: ["--metrics-port="], out: "--metrics-port: Cannot use --metrics-port as it must be followed by a value" },
  { args: ["--config"], out: "--config: Cannot use --config as it must be followed by a value" },
  { args: ["--metrics=no"], out: "--metrics: Cannot use --metrics with a value as it is a switch: write it alone" },
  {
    args: ["--no-metrics=1"],
    out: "--no-metrics: Cannot use --no-metrics with a value as it is a switch: write it alone",
  },
  { args: ["start", "--format", "json"], out: "--format: Cannot use --format with start: it belongs to once" },
  {
    args: ["once", "--format", "xml"],
    out: `--format: Cannot use --format as it must be one of "text", "json": current value is "xml"`,
  },
  {
    args: ["--metrics-postgres-connection-string=postgresql://u:secret@h/db"],
    out:
      "--metrics-postgres-connection-string: Cannot use --metrics-postgres-connection-string as arguments show in the " +
      "process list: set PRODIGY_POSTGRES_URL, or metrics.postgres.connection_string in the file",
  },
  {
    args: ["--enable-postgres-storage", "postgresql://u:secret@h/db"],
    out: `"postgresql://…@h/db": Cannot run "postgresql://…@h/db" as there is no such command: the nearest is start`,
  },
];

for (const { args, out } of WRONG) {
  Deno.test(`parseCommandLine() reports ${args.join(" ")}`, () => {
    assert.equal(describeProblems(parseCommandLine(args, PLACE).problems), `${out}\n`);
  });
}

Deno.test("parseCommandLine() reports everything at once", () => {
  const { problems } = parseCommandLine(["strat", "--bogus", "--log-level", "--format"], PLACE);
  assert.deepEqual(problems.map((problem) => problem.origin), ["--bogus", "--log-level", "--format", "strat"]);
});

Deno.test("COMMANDS has flags that are of no option, and of the same shape where they share a name", () => {
  const ofOptions = new Set(OPTION_KEYS.map(flagName));
  const isSwitch = new Map<string, boolean>();
  for (const command of COMMAND_NAMES) {
    for (const [name, flag] of Object.entries(commandOf(command).flags)) {
      assert.ok(!ofOptions.has(name) && !["help", "version", "config"].includes(name), name);
      assert.equal(isSwitch.get(name) ?? flag.kind === boolean, flag.kind === boolean, name);
      isSwitch.set(name, flag.kind === boolean);
    }
  }
});
