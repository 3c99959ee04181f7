import { COMMAND_NAMES, type CommandFlag, commandOf, DEFAULT_COMMAND } from "./commands.ts";
import { boolean } from "./kinds.ts";
import { shownDefault, tomlLiteral } from "./literal.ts";
import { editDistance, nearest } from "./nearest.ts";
import { environmentName, flagUsage, OPTION_KEYS, optionOf } from "./option_names.ts";
import type { OptionKey } from "./options.ts";
import { type Origin, type Problem, shownName } from "./problem.ts";
import { TABLE_NAMES } from "./config_file.ts";
import type { Resolved, Setting } from "./resolve.ts";

const INDENT = " ".repeat(6);

/** The text of `--help`. */
export function describeHelp(): string {
  const commands = COMMAND_NAMES.map((name) => {
    const { operands, summary } = commandOf(name);
    const isDefault = name === DEFAULT_COMMAND ? " This is the default." : "";
    return [operands === undefined ? name : `${name} ${operands}`, `${summary}${isDefault}`];
  });
  const commandFlags = COMMAND_NAMES.flatMap((name) =>
    Object.entries(commandOf(name).flags).map(([flag, row]) => describeCommandFlag(name, flag, row))
  );
  return [
    "Observes Prodigy and Claude Code, and serves metrics to Prometheus.",
    "",
    "Usage: prodigy-exporter [COMMAND] [FLAGS]",
    "",
    "Commands:",
    ...aligned(commands).map((line) => `  ${line}`),
    "",
    "Flags of commands:",
    ...commandFlags,
    "",
    "Flags:",
    `  --config <FILE>\n${INDENT}The configuration file [default: ./config.toml, else config.toml in prodigy.home]`,
    `  -h, --help\n${INDENT}Print this text.`,
    `  -V, --version\n${INDENT}Print the version.`,
    "",
    "Options, as flags; a flag wins over the environment, the environment over the file:",
    ...OPTION_KEYS.filter((key) => flagUsage(key) !== null).map(describeOption),
    "",
    "Options without a flag:",
    ...OPTION_KEYS.filter((key) => flagUsage(key) === null).map(describeOption),
    "",
  ].join("\n");
}

function describeCommandFlag(command: string, name: string, flag: CommandFlag): string {
  const otherwise = flag.default === null ? "" : ` [default: ${shownDefault(flag.default)}]`;
  const isSwitch = flag.kind === boolean;
  const usage = isSwitch ? `--${name}` : `--${name} <${flag.kind.placeholder}>`;
  return `  ${command} ${usage}\n${INDENT}${flag.help}${isSwitch ? "" : otherwise}`;
}

function describeOption(key: OptionKey): string {
  const option = optionOf(key);
  const env = environmentName(key);
  const usage = flagUsage(key);
  const help = usage?.startsWith("--no-")
    ? `Do not ${option.help.charAt(0).toLowerCase()}${option.help.slice(1)}`
    : option.help;
  const facts = [
    ...env === null ? [] : [`env: ${env}`],
    `file: ${key}`,
    `default: ${option.default === null ? "not set" : shownDefault(option.default)}`,
  ];
  return `  ${usage ?? env ?? key}\n${INDENT}${help}\n${INDENT}[${facts.join(", ")}]`;
}

/** The text of `check-config`: every option with its value, when a new one is taken, and where it was written. */
export function describeConfig(resolved: Resolved): string {
  const rows = [...resolved.settings].map(([key, setting]) => {
    const taken = optionOf(key).reloadable ? "at reload" : "at start";
    return [key, shownValue(key, setting), taken, shownOrigin(setting)];
  });
  const ignored = resolved.ignoredTables.map((name) => {
    const known = nearest(name, [...TABLE_NAMES].filter((table) => !table.includes(".")));
    const hint = known !== null && editDistance(name, known) <= 2 ? `; [${known}] would be` : "";
    return `[${shownName(name)}] is ignored, as it is not of the exporter${hint}`;
  });
  return [`Configuration file: ${resolved.filePath ?? "none"}`, ...ignored, ...aligned(rows), ""].join("\n");
}

function shownValue(key: OptionKey, { value, raw }: Setting): string {
  if (value === null) return "not set";
  if (optionOf(key).secret) return "********";
  // Paths and names as they came out, all else ("7d", "4MiB", true) as it was written.
  return typeof value === "string" ? tomlLiteral(value) : tomlLiteral(raw);
}

function shownOrigin({ origin, position }: Origin): string {
  return position === null ? origin : `${origin}:${position.line}:${position.column}`;
}

/** One line for each problem, beginning with its place. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${shownOrigin(problem)}: ${problem.message}\n`).join("");
}

/** Rows of cells as lines, all but the last column padded. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => row.map((cell, i) => i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell).join("  "));
}
