import { parseDurationSeconds } from "../event/duration.ts";
import { readArguments } from "./argument.ts";

/** Where the lines go. */
export type EmitTarget =
  | { readonly kind: "socket"; readonly path: string | null }
  | { readonly kind: "file"; readonly path: string };

/** What one call of `emit` is to do. */
export type EmitRequest =
  | { readonly kind: "help" }
  | { readonly kind: "stdin"; readonly target: EmitTarget; readonly timeoutMs: number }
  | {
    readonly kind: "event";
    readonly target: EmitTarget;
    readonly timeoutMs: number;
    readonly eventType: string;
    /** By field name as on the wire (snake_case), as text; `null` when the flag stood alone. */
    readonly fields: ReadonlyMap<string, string | null>;
  };

const DEFAULT_TIMEOUT_MS = 5_000;

/** Flags of `emit` itself that stand without a value, so an event type may follow them. */
export const EMIT_SWITCHES: readonly string[] = ["stdin", "help"];
const FLAGS_WITH_VALUE: readonly string[] = ["socket", "file", "timeout"];
/** Flags of `emit` itself; all others are fields. */
export const EMIT_FLAGS: readonly string[] = [...EMIT_SWITCHES, ...FLAGS_WITH_VALUE];

/**
 * Reads the arguments after `emit`: `<event_type> --field value …` or `--stdin`, and `--socket`, `--file`, `--timeout`
 * (seconds), `--help`. `--flag=value` allows values that begin with dashes.
 */
export function parseEmitArgs(args: readonly string[]): EmitRequest | { readonly problem: string } {
  const { words, flags, repeated } = splitArgs(args);
  if (flags.has("help")) return { kind: "help" };
  if (repeated !== null) return { problem: `--${repeated} is given twice` };
  const misused = findMisuse(flags);
  if (misused !== null) return { problem: misused };
  const { socket = null, file = null, timeout = null, stdin: _switch, ...fields } = Object.fromEntries(flags);
  if (socket !== null && file !== null) return { problem: "--socket and --file cannot be given together" };
  const timeoutMs = timeout === null ? DEFAULT_TIMEOUT_MS : parseTimeoutMs(timeout);
  if (timeoutMs === null) return { problem: "--timeout must be a number of seconds above 0" };
  const target: EmitTarget = file === null ? { kind: "socket", path: socket } : { kind: "file", path: file };

  const [eventType, ...surplus] = words;
  if (flags.has("stdin")) {
    if (words.length + Object.keys(fields).length > 0) return { problem: "--stdin takes whole lines, and no event" };
    return { kind: "stdin", target, timeoutMs };
  }
  if (eventType === undefined) return { problem: "which event? Give its type, such as workflow_completed, or --stdin" };
  if (surplus.length > 0) return { problem: `"${surplus[0]}" belongs to no flag; a value goes after its --field` };
  return { kind: "event", target, timeoutMs, eventType, fields: toWireNames(fields) };
}

interface SplitArgs {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string | null>;
  readonly repeated: string | null;
}

function splitArgs(args: readonly string[]): SplitArgs {
  const words: string[] = [];
  const flags = new Map<string, string | null>();
  let repeated: string | null = null;
  for (const { name, value } of readArguments(args, (name) => EMIT_SWITCHES.includes(name))) {
    if (name === null) {
      words.push(value ?? "");
      continue;
    }
    if (flags.has(name)) repeated ??= name;
    flags.set(name, value);
  }
  return { words, flags, repeated };
}

/** Whether a field needs a value is for its decoder to say. */
function findMisuse(flags: ReadonlyMap<string, string | null>): string | null {
  for (const [name, value] of flags) {
    if (value === null && FLAGS_WITH_VALUE.includes(name)) return `--${name} has no value: write one after it`;
    if (value !== null && EMIT_SWITCHES.includes(name)) return `--${name} takes no value: write it alone`;
  }
  return null;
}

function parseTimeoutMs(text: string): number | null {
  const seconds = text.trim() === "" ? null : parseDurationSeconds(Number(text));
  return seconds !== null && seconds > 0 ? seconds * 1000 : null;
}

function toWireNames(fields: Readonly<Record<string, string | null>>): ReadonlyMap<string, string | null> {
  return new Map(Object.entries(fields).map(([name, value]) => [name.replaceAll("-", "_"), value]));
}
