import { parseDurationSeconds } from "../event/duration.ts";

/** A JSON object of unknown shape. */
export type Fields = Readonly<Record<string, unknown>>;

export function asFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : null;
}

export function stringField(fields: Fields, key: string): string | null {
  const value = fields[key];
  return typeof value === "string" ? value : null;
}

/** A whole number that is not negative: counts and indexes. */
export function countField(fields: Fields, key: string): number | null {
  const value = fields[key];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

export function listField(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  return Array.isArray(value) ? value : [];
}

/** Seconds, in any form that event lines may have them in, too. */
export function durationField(fields: Fields, key: string): number | null {
  return parseDurationSeconds(fields[key]);
}

/** The value stored under a name that came from a file or a directory: `constructor` is none that every object has. */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
