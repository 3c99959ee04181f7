import { resolve } from "node:path";
import { DATABASE_URL_MUST_BE, parseDatabaseUrl } from "../store/database_url.ts";

/** A value as it is written in the file. */
export type TomlValue = string | number | boolean | readonly TomlValue[] | { readonly [key: string]: TomlValue };

/** What the meaning of a path depends on. */
export interface Place {
  /** `null` when HOME is not set. */
  readonly homeDirectory: string | null;
  /** What relative paths start from: the file's directory, or the current one for flags and environment. */
  readonly baseDirectory: string;
}

/** The value, or how to go on after "it must be ". */
export type Parsed<T> = { readonly value: T } | { readonly mustBe: string };

/** What an option's value may be, in all the places where it may be written. */
export interface Kind<T> {
  /** Stands for the value in `--flag <PLACEHOLDER>`. */
  readonly placeholder: string;
  /** Completes "it must be ". */
  readonly mustBe: string;
  /** Values a user may write, as in the file; at least two. */
  readonly examples: readonly TomlValue[];
  /** From the text of a flag or variable to what the file would hold; `null`: only the file can hold it. */
  readonly fromText: ((text: string) => unknown) | null;
  parse(raw: unknown, place: Place): Parsed<T>;
}

/** A kind whose wrong values all get the same answer: `read` gives `undefined` for them. */
function kind<T>(
  spec: Omit<Kind<T>, "parse" | "fromText"> & {
    readonly fromText?: (text: string) => unknown;
    readonly read: (raw: unknown) => T | undefined;
  },
): Kind<T> {
  const { read, fromText = (text: string): unknown => text, ...rest } = spec;
  return {
    ...rest,
    fromText,
    parse(raw: unknown): Parsed<T> {
      const value = read(raw);
      return value === undefined ? { mustBe: spec.mustBe } : { value };
    },
  };
}

export const boolean: Kind<boolean> = kind({
  placeholder: "true|false",
  mustBe: "true or false",
  examples: [true, false],
  fromText: (text) => text === "true" ? true : text === "false" ? false : text,
  read: (raw) => typeof raw === "boolean" ? raw : undefined,
});

/** Any text that is not empty and stays on one line. */
export const text: Kind<string> = kind({
  placeholder: "TEXT",
  mustBe: "text that is not empty, on one line",
  examples: ["example", "another example"],
  read: (raw) => typeof raw === "string" && /^[^\p{Cc}]+$/u.test(raw) ? raw : undefined,
});

/** Read as the event store will, so that what it could not use is told before anything starts. */
export const postgresUrl: Kind<string> = {
  placeholder: "URL",
  mustBe: DATABASE_URL_MUST_BE,
  examples: ["postgresql://user:password@localhost:5432/prodigy", "postgres://localhost/prodigy"],
  fromText: (text) => text,
  parse(raw): Parsed<string> {
    if (typeof raw !== "string") return { mustBe: DATABASE_URL_MUST_BE };
    const parsed = parseDatabaseUrl(raw, false);
    return "value" in parsed ? { value: raw } : parsed;
  },
};

/** Permission bits, written in octal as for chmod; only in quotes, as TOML would read 0660 as a mistake and 660 as decimal. */
export const mode: Kind<number> = kind({
  placeholder: "MODE",
  mustBe: 'octal permission bits in quotes, like "0660"',
  examples: ["0660", "0600"],
  read: (raw) => typeof raw === "string" && /^0?[0-7]{3}$/.test(raw) ? Number.parseInt(raw, 8) : undefined,
});

export function oneOf<const V extends readonly [string, string, ...string[]]>(...values: V): Kind<V[number]> {
  return kind<V[number]>({
    placeholder: values.join("|"),
    mustBe: `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    examples: values,
    read: (raw) => values.find((value) => value === raw),
  });
}

export function integer(bounds: { readonly least: number; readonly most: number }): Kind<number> {
  const { least, most } = bounds;
  return kind({
    placeholder: "NUMBER",
    mustBe: `a whole number from ${least} to ${most}`,
    examples: [least, most],
    fromText: (text) => /^-?\d{1,15}$/.test(text) ? Number(text) : text,
    read: (raw) => typeof raw === "number" && Number.isInteger(raw) && raw >= least && raw <= most ? raw : undefined,
  });
}

/** A TCP port; 0 asks the system for a free one. */
export const port: Kind<number> = { ...integer({ least: 0, most: 65535 }), placeholder: "PORT" };

const MS_PER_UNIT = [86_400_000, 3_600_000, 60_000, 1_000, 1];

/** "1h30m" -> 5400; `undefined` for what is no duration. */
function parseDurationSeconds(raw: unknown): number | undefined {
  if (typeof raw !== "string") return undefined;
  const parts = /^(?=\d)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/.exec(raw)?.slice(
    1,
  );
  const ms = parts?.reduce((sum, part, i) => sum + Number(part ?? 0) * (MS_PER_UNIT[i] ?? 0), 0);
  return ms === undefined ? undefined : ms / 1000;
}

/** A span of time with its unit, in seconds. Without a unit it is refused: nobody could tell what was meant. */
export function duration(bounds: { readonly least: string; readonly most: string }): Kind<number> {
  const { least, most } = bounds;
  const [leastSeconds = 0, mostSeconds = 0] = [parseDurationSeconds(least), parseDurationSeconds(most)];
  return kind({
    placeholder: "DURATION",
    mustBe: `a duration from "${least}" to "${most}" (units d, h, m, s, ms)`,
    examples: [least, most],
    read: (raw) => {
      const seconds = parseDurationSeconds(raw);
      return seconds !== undefined && seconds >= leastSeconds && seconds <= mostSeconds ? seconds : undefined;
    },
  });
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** 1024 or "1KiB" -> 1024; `undefined` for what is no size. */
function parseSizeBytes(raw: unknown): number | undefined {
  if (typeof raw === "number") return Number.isInteger(raw) ? raw : undefined;
  if (typeof raw !== "string") return undefined;
  const [, count, unit = ""] = /^(\d{1,9})(B|KiB|MiB|GiB)$/.exec(raw) ?? [];
  return count === undefined ? undefined : Number(count) * (BYTES_PER_UNIT[unit] ?? NaN);
}

/** A number of bytes, with a binary unit or without. */
export function size(bounds: { readonly least: string; readonly most: string }): Kind<number> {
  const { least, most } = bounds;
  const [leastBytes = 0, mostBytes = 0] = [parseSizeBytes(least), parseSizeBytes(most)];
  return kind({
    placeholder: "SIZE",
    mustBe: `a size from "${least}" to "${most}" (units B, KiB, MiB, GiB), or a number of bytes`,
    examples: [least, most, mostBytes - 1],
    fromText: (text) => /^\d{1,15}$/.test(text) ? Number(text) : text,
    read: (raw) => {
      const bytes = parseSizeBytes(raw);
      return bytes !== undefined && bytes >= leastBytes && bytes <= mostBytes ? bytes : undefined;
    },
  });
}

/** In flags and variables separated by commas; the empty text is the empty list. */
function listOf(
  item: RegExp,
  spec: Pick<Kind<unknown>, "placeholder" | "mustBe"> & { readonly examples: readonly (readonly string[])[] },
): Kind<readonly string[]> {
  return kind({
    ...spec,
    fromText: (text) => text === "" ? [] : text.split(","),
    read: (raw) =>
      Array.isArray(raw) && raw.every((one) => typeof one === "string" && item.test(one)) ? raw : undefined,
  });
}

/** As the HTTP server sees them; one written otherwise would match nothing, and nobody would notice. */
export const urlPaths: Kind<readonly string[]> = listOf(/^\/(?:[^\s?#]*[^\s?#/])?$/, {
  placeholder: "PATH,PATH",
  mustBe: 'a list of paths like "/health", without a slash at their end',
  examples: [["/health", "/-/ready"], ["/"], []],
});

/** Names or addresses without port, IPv6 addresses in brackets. */
export const hostNames: Kind<readonly string[]> = listOf(/^(?:[\w.-]+|\[[0-9a-f:.]+\])$/i, {
  placeholder: "NAME,NAME",
  mustBe: 'a list of host names or addresses without port, like "exporter.example" or "[::1]"',
  examples: [["localhost", "exporter.example"], ["[::1]"], []],
});

/** Upper bounds of histogram buckets. */
export const ascendingNumbers: Kind<readonly number[]> = kind({
  placeholder: "NUMBER,NUMBER",
  mustBe: "a list of at least one number, each greater than the one before",
  examples: [[0.1, 1, 10], [5]],
  fromText: (text) => text.split(",").map((item) => /^\d+(\.\d+)?$/.test(item) ? Number(item) : item),
  read: (raw) => {
    if (!Array.isArray(raw) || raw.length === 0) return undefined;
    const isAscending = raw.every((item, i) => Number.isFinite(item) && (i === 0 || item > raw[i - 1]));
    return isAscending ? raw : undefined;
  },
});

const PATH = "a path (absolute, relative, or beginning with ~/)";

/** A file or directory. The value is absolute. */
function pathOf(limit: { readonly mustBe: string; readonly mostBytes: number }): Kind<string> {
  const { mustBe, mostBytes } = limit;
  return {
    placeholder: "PATH",
    mustBe,
    examples: ["/srv/example", "~/example", "example/relative"],
    fromText: (text) => text,
    parse(raw, place): Parsed<string> {
      if (typeof raw !== "string" || raw === "" || raw.includes("\0") || /^~[^/]/.test(raw)) return { mustBe };
      if (raw.startsWith("~") && place.homeDirectory === null) {
        return { mustBe: "a path without ~, as HOME is not set" };
      }
      const value = resolve(place.baseDirectory, raw.replace(/^~/, () => place.homeDirectory ?? ""));
      return new TextEncoder().encode(value).byteLength > mostBytes ? { mustBe } : { value };
    },
  };
}

/** The limit is PATH_MAX of Linux without the final zero byte. */
export const path: Kind<string> = pathOf({ mustBe: PATH, mostBytes: 4095 });
/** The limit is `sun_path` of Linux without the final zero byte. */
export const socketPath: Kind<string> = pathOf({ mustBe: `${PATH} of at most 107 bytes in full`, mostBytes: 107 });

/** A whole sub-table that `parse` checks, like prices by model. Only the file can hold one. */
export function table<T>(spec: {
  readonly mustBe: string;
  readonly examples: readonly TomlValue[];
  readonly parse: (raw: Readonly<Record<string, unknown>>) => Parsed<T>;
}): Kind<T> {
  return {
    placeholder: "TABLE",
    mustBe: spec.mustBe,
    examples: spec.examples,
    fromText: null,
    parse: (raw) => isTable(raw) ? spec.parse(raw) : { mustBe: spec.mustBe },
  };
}

/** Whether a TOML value is a table; smol-toml's dates are objects, too. */
export function isTable(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}
