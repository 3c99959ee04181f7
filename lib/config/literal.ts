import { isTable, type TomlValue } from "./kinds.ts";

/** A value as TOML writes it, on one line. */
export function tomlLiteral(raw: unknown): string {
  if (Array.isArray(raw)) return `[${raw.map(tomlLiteral).join(", ")}]`;
  if (isTable(raw)) {
    const pairs = Object.entries(raw).map(([key, value]) => `${tomlKey(key)} = ${tomlLiteral(value)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  // TOML's basic strings have JSON's escapes, and DEL in addition.
  return typeof raw === "string" ? JSON.stringify(raw).replaceAll("\x7f", "\\u007f") : String(raw);
}

/** A key as TOML writes it, without quotes where it may. */
export function tomlKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : tomlLiteral(key);
}

/** A default as people read it: text without quotes. */
export function shownDefault(value: TomlValue): string {
  return typeof value === "string" ? value : tomlLiteral(value);
}
