import { boolean } from "./kinds.ts";
import { type Option, type OptionKey, OPTIONS } from "./options.ts";

// Object.keys forgets the key type; the table has no other keys.
export const OPTION_KEYS: readonly OptionKey[] = Object.keys(OPTIONS) as OptionKey[];

export function optionOf(key: OptionKey): Option {
  return OPTIONS[key];
}

export function isOptionKey(key: string): key is OptionKey {
  return Object.hasOwn(OPTIONS, key);
}

/** The option's environment variable; `null` for whole tables, which only the file can hold. */
export function environmentName(key: OptionKey): string | null {
  const { env, kind } = optionOf(key);
  if (kind.fromText === null) return null;
  return env ?? `PRODIGY_${key.toUpperCase().replaceAll(".", "_")}`;
}

/** The option's flag without `--` (and without `no-`); `null` for secrets and whole tables. */
export function flagName(key: OptionKey): string | null {
  const { flag, kind, secret } = optionOf(key);
  if (kind.fromText === null || secret) return null;
  return flag ?? dashed(key);
}

/** The key as a flag would be called. */
export function dashed(key: string): string {
  return key.replaceAll(/[._]/g, "-");
}

/** Whether the option's flag takes no value: `--name` or `--no-name`. */
export function isSwitch(key: OptionKey): boolean {
  return optionOf(key).kind === boolean;
}

/** The form of a switch that changes the default: `--no-metrics`, `--enable-postgres-storage`. */
export function flagUsage(key: OptionKey): string | null {
  const name = flagName(key);
  const option = optionOf(key);
  if (name === null) return null;
  if (isSwitch(key)) return option.default === true ? `--no-${name}` : `--${name}`;
  return `--${name} <${option.kind.placeholder}>`;
}

/** For messages: `--log-level <…> or PRODIGY_EXPORTER_LOG_LEVEL or log.level in the file`. */
export function waysToSet(key: OptionKey): string {
  return [flagUsage(key), environmentName(key), `${key} in the file`].filter((way) => way !== null).join(" or ");
}

/** Every variable the configuration may read, for the program's permissions. */
export function environmentNames(): readonly string[] {
  const inDefaults = OPTION_KEYS.flatMap((key) => {
    const written = optionOf(key).default;
    return typeof written === "string" ? [...written.matchAll(/\$\{(\w+):-/g)].map((match) => match[1] ?? "") : [];
  });
  const own = OPTION_KEYS.map(environmentName).filter((name) => name !== null);
  return [...new Set([...own, ...inDefaults, "HOME"])].sort();
}
