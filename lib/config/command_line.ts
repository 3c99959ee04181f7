import { parseArgs } from "@std/cli/parse-args";
import {
  COMMAND_NAMES,
  type CommandCall,
  type CommandFlag,
  commandOf,
  DEFAULT_COMMAND,
  isCommandName,
} from "./commands.ts";
import { boolean, type Place } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import { dashed, environmentName, flagName, isSwitch, OPTION_KEYS, optionOf } from "./option_names.ts";
import type { OptionKey } from "./options.ts";
import { type Problem, shown, shownName } from "./problem.ts";

/** What was asked for on the command line. */
export interface CommandLine {
  /** `null` only with problems. */
  readonly call: CommandCall | null;
  readonly configPath: string | null;
  /** The values of options, for `resolveConfig` to check. */
  readonly optionFlags: ReadonlyMap<OptionKey, string | boolean>;
  readonly problems: readonly Problem[];
}

/** Flags beside those of options and commands. */
export const COMMON_FLAG_NAMES = ["help", "version", "config"] as const;
const SHORT_FORMS = { help: "h", version: "V" };
const OPTION_FLAGS = OPTION_KEYS.flatMap((key) => {
  const name = flagName(key);
  return name === null ? [] : [{ key, name, isSwitch: isSwitch(key) }];
});
const COMMAND_FLAGS = COMMAND_NAMES.flatMap((owner) =>
  Object.entries(commandOf(owner).flags).map(([name, flag]) => ({ owner, name, isSwitch: flag.kind === boolean }))
);
const ALL_FLAGS = [...OPTION_FLAGS, ...COMMAND_FLAGS];
const NEGATABLE = OPTION_FLAGS.filter((flag) => flag.isSwitch).map((flag) => flag.name);
const SWITCHES = ["help", "version", ...ALL_FLAGS.filter((flag) => flag.isSwitch).map((flag) => flag.name)];
const WITH_VALUE = ["config", ...ALL_FLAGS.filter((flag) => !flag.isSwitch).map((flag) => flag.name)];

/** Reads the arguments and collects what is wrong with them; the values of options are only passed on. */
export function parseCommandLine(args: readonly string[], place: Place): CommandLine {
  const problems: Problem[] = [];
  const parsed = parseArgs([...args], {
    string: ["_", ...WITH_VALUE],
    boolean: SWITCHES,
    negatable: NEGATABLE,
    alias: SHORT_FORMS,
    // Absent switches would be false, which could not be told from --no-….
    default: Object.fromEntries(SWITCHES.map((name) => [name, null])),
    unknown: (arg, name) => {
      if (name === undefined) return true;
      problems.push(unknownFlag(`${arg.startsWith("--") ? "--" : "-"}${name}`));
      return false;
    },
  });
  const [named = DEFAULT_COMMAND, ...operands] = parsed._.map(String);

  // Someone who asks for help gets it, whatever else is wrong.
  if (parsed["help"] === true || named === "help") return informative("help");
  if (parsed["version"] === true || named === "version") return informative("version");

  problems.push(...switchesWithValue(args));
  const given = new Map<string, string | boolean>();
  for (const name of [...SWITCHES, ...WITH_VALUE]) {
    const value = parsed[name];
    if (value === "") problems.push(problem(`--${name}`, `Cannot use --${name} as it must be followed by a value`));
    else if (typeof value === "string" || typeof value === "boolean") given.set(name, value);
  }

  const optionFlags = new Map<OptionKey, string | boolean>();
  for (const { key, name } of OPTION_FLAGS) {
    const value = given.get(name);
    if (value !== undefined) optionFlags.set(key, value);
  }
  const call = readCall(named, operands);
  const configPath = given.get("config");
  return { call, configPath: typeof configPath === "string" ? configPath : null, optionFlags, problems };

  function readCall(command: string, operands: readonly string[]): CommandCall | null {
    if (!isCommandName(command)) {
      const known = nearest(command, COMMAND_NAMES);
      const reason = `there is no such command: the nearest is ${known}`;
      problems.push(problem(shownName(command), `Cannot run ${shownName(command)} as ${reason}`));
      return null;
    }
    const { flags, operands: takes } = commandOf(command);
    for (const { name, owner } of COMMAND_FLAGS) {
      if (!given.has(name) || Object.hasOwn(flags, name)) continue;
      problems.push(problem(`--${name}`, `Cannot use --${name} with ${command}: it belongs to ${owner}`));
    }
    const [first] = operands;
    if (first !== undefined && takes === undefined) {
      problems.push(problem(shownName(first), `Cannot use ${shownName(first)} as ${command} takes no operands`));
    }
    const commandFlags = Object.entries(flags).map(([name, flag]) => [name, commandFlagValue(name, flag)]);
    // Each value was checked by its kind, in the command's own table.
    return { command, commandFlags: Object.fromEntries(commandFlags), operands } as CommandCall;
  }

  function commandFlagValue(name: string, { kind, default: otherwise }: CommandFlag): unknown {
    const written = given.get(name);
    if (written === undefined && otherwise === null) return null;
    const raw = typeof written === "string" ? kind.fromText?.(written) : written ?? otherwise;
    const value = kind.parse(raw, place);
    if ("value" in value) return value.value;
    const message = `Cannot use --${name} as it must be ${value.mustBe}: current value is ${shown(raw)}`;
    problems.push(problem(`--${name}`, message));
    return null;
  }
}

function problem(origin: string, message: string, key: string | null = null): Problem {
  return { key, origin, position: null, message };
}

function informative(command: "help" | "version"): CommandLine {
  return { call: { command, commandFlags: {}, operands: [] }, configPath: null, optionFlags: new Map(), problems: [] };
}

function unknownFlag(flag: string): Problem {
  const name = flag.replace(/^-+/, "");
  const secret = OPTION_KEYS.find((key) => optionOf(key).secret && dashed(key) === name);
  if (secret !== undefined) {
    const instead = `set ${environmentName(secret)}, or ${secret} in the file`;
    return problem(flag, `Cannot use ${flag} as arguments show in the process list: ${instead}`, secret);
  }
  const known = nearest(name, [...SWITCHES, ...WITH_VALUE, ...NEGATABLE.map((other) => `no-${other}`)]);
  return problem(shownName(flag), `Cannot use ${shownName(flag)} as there is no such flag: the nearest is --${known}`);
}

/** `--metrics=no`, which parseArgs reads as true. */
function switchesWithValue(args: readonly string[]): readonly Problem[] {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).flatMap((arg) => {
    const [, flag = "", name = ""] = /^(--(?:no-)?([^=]+))=/.exec(arg) ?? [];
    return SWITCHES.includes(name)
      ? [problem(flag, `Cannot use ${flag} with a value as it is a switch: write it alone`)]
      : [];
  });
}
