/** A JSON object from outside. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at `key`, or an empty one. */
export function objectAt(fields: Fields, key: string): Fields {
  const value = fields[key];
  return isFields(value) ? value : {};
}

/** Longer ones are no ids, names or paths of Claude Code. */
const MAX_LENGTH = 4096;

/** The string at `key`; `null` when absent, empty or too long to be what is looked for. */
export function textAt(fields: Fields, key: string): string | null {
  const value = fields[key];
  return typeof value === "string" && value !== "" && value.length <= MAX_LENGTH ? value : null;
}

/** The number at `key` when it can be an amount, else `null`. */
export function amountAt(fields: Fields, key: string): number | null {
  const value = fields[key];
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null;
}
