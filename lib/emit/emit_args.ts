import { parseDurationSeconds } from "../event/duration.ts";

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
    /** By field name as on the wire (snake_case), as text. */
    readonly fields: ReadonlyMap<string, string>;
  };

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Reads the arguments after `emit`: `<event_type> --field value …` or `--stdin`, and `--socket`, `--file`, `--timeout`
 * (seconds), `--help`. A flag without a value is "true"; `--flag=value` allows values that begin with dashes.
 */
export function parseEmitArgs(args: readonly string[]): EmitRequest | { readonly problem: string } {
  const { words, flags, repeated } = splitArgs(args);
  if (flags.has("help")) return { kind: "help" };
  if (repeated !== null) return { problem: `--${repeated} is given twice` };
  const { socket = null, file = null, timeout = null, stdin = null, ...fields } = Object.fromEntries(flags);
  if (socket !== null && file !== null) return { problem: "--socket and --file cannot be given together" };
  const timeoutMs = timeout === null ? DEFAULT_TIMEOUT_MS : parseTimeoutMs(timeout);
  if (timeoutMs === null) return { problem: "--timeout must be a number of seconds above 0" };
  const target: EmitTarget = file === null ? { kind: "socket", path: socket } : { kind: "file", path: file };

  const [eventType, ...surplus] = words;
  if (stdin !== null) {
    if (words.length + Object.keys(fields).length > 0) return { problem: "--stdin takes whole lines, and no event" };
    return { kind: "stdin", target, timeoutMs };
  }
  if (eventType === undefined) return { problem: "which event? Give its type, such as workflow_completed, or --stdin" };
  if (surplus.length > 0) return { problem: `"${surplus[0]}" belongs to no flag; a value goes after its --field` };
  return { kind: "event", target, timeoutMs, eventType, fields: toWireNames(fields) };
}

interface SplitArgs {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  readonly repeated: string | null;
}

function splitArgs(args: readonly string[]): SplitArgs {
  const words: string[] = [];
  const flags = new Map<string, string>();
  let repeated: string | null = null;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("--")) {
      words.push(arg);
      continue;
    }
    const [name = "", ...afterEquals] = arg.slice(2).split("=");
    if (flags.has(name)) repeated ??= name;
    const next = args[index + 1];
    if (afterEquals.length > 0) flags.set(name, afterEquals.join("="));
    // These two never have a value, so an event type may follow them.
    else if (name === "stdin" || name === "help" || next === undefined || next.startsWith("--")) {
      flags.set(name, "true");
    } else {
      flags.set(name, next);
      index += 1;
    }
  }
  return { words, flags, repeated };
}

function parseTimeoutMs(text: string): number | null {
  const seconds = text.trim() === "" ? null : parseDurationSeconds(Number(text));
  return seconds !== null && seconds > 0 ? seconds * 1000 : null;
}

function toWireNames(fields: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(fields).map(([name, value]) => [name.replaceAll("-", "_"), value]));
}
