import type { OptionKey } from "./options.ts";
import { optionOf, waysToSet } from "./option_names.ts";
import type { Position } from "./toml_positions.ts";

/** One thing that is wrong with what the user wrote. */
export interface Problem {
  /** The option, as far as one is meant. */
  readonly key: string | null;
  /** Where it was written: a flag, a variable, a file, or "default". */
  readonly origin: string;
  /** `null` when not in a file, or when the place in it is not known for sure. */
  readonly position: Position | null;
  readonly message: string;
}

/** Where a value was written. */
export type Origin = Pick<Problem, "origin" | "position">;

export function wrongValue(key: OptionKey, where: Origin, mustBe: string, raw: unknown): Problem {
  const current = optionOf(key).secret
    ? "current value is not shown, as it is secret"
    : `current value is ${shown(raw)}`;
  const message = `Cannot use ${key} as it must be ${mustBe}: ${current}${hint(key, where, raw)}`;
  return { key, ...where, message };
}

function hint(key: OptionKey, where: Origin, raw: unknown): string {
  if (where.origin === "default") return ` by default; set ${waysToSet(key)}`;
  return raw === "" ? `; leave ${where.origin} out to use the default` : "";
}

const SHOWN_CHARACTERS = 80;

/** A value or name from outside, on one line, quoted and cut. */
export function shown(raw: unknown): string {
  if (raw instanceof Date) return "a date or time";
  if (Array.isArray(raw)) {
    return raw.length > 20 || raw.some(Array.isArray) ? "a long or nested list" : `[${raw.map(shown).join(", ")}]`;
  }
  if (typeof raw === "object" && raw !== null) return "a table";
  if (typeof raw !== "string") return String(raw);
  // A database URL in the wrong place is still a secret.
  const harmless = raw.replace(/:\/\/\S*@/, "://…@");
  return JSON.stringify(harmless.length > SHOWN_CHARACTERS ? `${harmless.slice(0, SHOWN_CHARACTERS)}…` : harmless);
}

/** A name from outside: bare when it looks like one. */
export function shownName(name: string): string {
  return /^[\w-]{1,80}$/.test(name) ? name : shown(name);
}
