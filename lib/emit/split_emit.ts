import { COMMON_FLAG_NAMES } from "../config/command_line.ts";
import { COMMAND_NAMES, commandOf } from "../config/commands.ts";
import { boolean } from "../config/kinds.ts";
import { flagName, isSwitch, OPTION_KEYS } from "../config/option_names.ts";
import { type Argument, readArguments } from "./argument.ts";
import { EMIT_FLAGS, EMIT_SWITCHES } from "./emit_args.ts";
import { listKnownFields } from "./event_line.ts";

const OPTION_SWITCHES = OPTION_KEYS.filter(isSwitch).map(flagName).filter((name) => name !== null);
const COMMAND_SWITCHES = COMMAND_NAMES.flatMap((command) =>
  Object.entries(commandOf(command).flags).filter(([, { kind }]) => kind === boolean).map(([name]) => name)
);
/** Those that stand without a value, wherever they stand. */
const GENERAL_SWITCHES: ReadonlySet<string> = new Set([
  ...COMMON_FLAG_NAMES.filter((name) => name !== "config"),
  ...OPTION_SWITCHES.flatMap((name) => [name, `no-${name}`]),
]);
const GENERAL_FLAGS: ReadonlySet<string> = new Set([
  ...COMMON_FLAG_NAMES,
  ...OPTION_KEYS.map(flagName).filter((name) => name !== null),
  ...GENERAL_SWITCHES,
]);

/** A command line in two: what the table of flags knows, and what only `emit` can know. */
export interface SplitCommandLine {
  readonly args: readonly string[];
  /** Empty when the command is not `emit`. */
  readonly emitArgs: readonly string[];
}

/**
 * Finds `emit` behind any flags, and takes the general flags out of what follows it: there, a flag is the event's when
 * the event has such a field, then `emit`'s own (its --socket is a path), and only then a general one.
 */
export function splitEmit(args: readonly string[]): SplitCommandLine {
  const all = readArguments(args, (name) => GENERAL_SWITCHES.has(name) || COMMAND_SWITCHES.includes(name));
  const at = all.findIndex(({ name }) => name === null);
  if (all[at]?.value !== "emit") return { args, emitArgs: [] };
  const upToEmit = all.slice(0, at + 1).flatMap(({ words }) => words);
  const { general, own } = takeGeneralFlags(args.slice(upToEmit.length));
  return { args: [...upToEmit, ...general], emitArgs: own };
}

function takeGeneralFlags(
  args: readonly string[],
): { readonly general: readonly string[]; readonly own: readonly string[] } {
  const fields = listKnownFields(findEventType(args));
  const general: string[] = [];
  const own: string[] = [];
  for (const { name, words } of readAfterEmit(args, fields)) {
    const isGeneral = name !== null && GENERAL_FLAGS.has(name) && !isOwn(name, fields);
    (isGeneral ? general : own).push(...words);
  }
  return { general, own };
}

/** "" when there is none. */
function findEventType(args: readonly string[]): string {
  return readAfterEmit(args, []).find(({ name }) => name === null)?.value ?? "";
}

function readAfterEmit(args: readonly string[], fields: readonly string[]): readonly Argument[] {
  return readArguments(
    args,
    (name) => EMIT_SWITCHES.includes(name) || GENERAL_SWITCHES.has(name) && !isOwn(name, fields),
  );
}

function isOwn(name: string, fields: readonly string[]): boolean {
  return EMIT_FLAGS.includes(name) || fields.includes(name.replaceAll("-", "_"));
}
