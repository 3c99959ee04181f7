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

/**
 * Seconds of a duration as Rust serialises it: `{"secs":1,"nanos":5}` (std) or `[1,5]` (chrono, may be negative);
 * a plain number is seconds.
 */
export function durationField(fields: Fields, key: string): number | null {
  const value = fields[key];
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  const [secs, nanos] = Array.isArray(value) ? value : [asFields(value)?.["secs"], asFields(value)?.["nanos"]];
  if (typeof secs !== "number" || typeof nanos !== "number") return null;
  return secs + nanos / 1e9;
}
