import type { TomlValue } from "./kinds.ts";
import { isOptionKey } from "./option_names.ts";
import type { OptionKey } from "./options.ts";

export interface DefaultSources {
  readonly environment: (name: string) => string | undefined;
  /** `undefined`: that option has no value, because it is wrong. */
  readonly option: (key: OptionKey) => unknown;
}

/** Fills `{key}` and `${NAME:-instead}` in a default. `undefined`: an option it stands on has no value. */
export function expandDefault(written: TomlValue | null, sources: DefaultSources): TomlValue | null | undefined {
  if (typeof written !== "string") return written;
  let isComplete = true;
  const expanded = written
    .replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, instead: string) => {
      const value = sources.environment(name);
      // The XDG specification: a path that is not absolute is to be ignored.
      return value?.startsWith("/") ? value : instead;
    })
    .replaceAll(/\{([\w.]+)\}/g, (whole, key: string) => {
      if (!isOptionKey(key)) return whole;
      const value = sources.option(key);
      if (value === undefined) isComplete = false;
      return String(value);
    });
  return isComplete ? expanded : undefined;
}
