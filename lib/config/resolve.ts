import { dirname } from "node:path";
import { type ConfigFile, readConfigFile } from "./config_file.ts";
import { expandDefault } from "./default_value.ts";
import type { Place } from "./kinds.ts";
import { environmentName, flagName, OPTION_KEYS, optionOf, waysToSet } from "./option_names.ts";
import type { Config, OptionKey } from "./options.ts";
import { type Origin, type Problem, wrongValue } from "./problem.ts";

/** All that was said about the options. Flags win over the environment, the environment over the file. */
export interface Layers {
  /** The text after a flag, or what a switch was set to. */
  readonly flags: ReadonlyMap<OptionKey, string | boolean>;
  readonly environment: (name: string) => string | undefined;
  readonly file: ConfigFile | null;
  readonly homeDirectory: string | null;
  readonly currentDirectory: string;
}

/** An option's value, what was written for it, and where. */
export interface Setting extends Origin {
  readonly value: unknown;
  readonly raw: unknown;
}

export interface Resolved {
  readonly config: Config;
  readonly settings: ReadonlyMap<OptionKey, Setting>;
  readonly filePath: string | null;
  /** Top-level tables of the file that are not ours. */
  readonly ignoredTables: readonly string[];
}

export interface Misconfiguration {
  readonly problems: readonly Problem[];
}

/** The configuration, or everything that is wrong with it. A wrong value is a problem even where a better layer wins. */
export function resolveConfig(layers: Layers): Resolved | Misconfiguration {
  const { settings, ignoredTables, problems } = resolveSettings(layers);
  if (problems.length > 0) return { problems };
  const values = Object.fromEntries([...settings].map(([key, setting]) => [key, setting.value]));
  // Without problems there is one setting for every key, each of its kind.
  const config = Object.freeze(values) as unknown as Config;
  return { config, settings, ignoredTables, filePath: layers.file?.path ?? null };
}

/** As `resolveConfig`; with problems, the settings that could be made. */
export function resolveSettings(layers: Layers): {
  readonly settings: ReadonlyMap<OptionKey, Setting>;
  readonly ignoredTables: readonly string[];
  readonly problems: readonly Problem[];
} {
  const here: Place = { homeDirectory: layers.homeDirectory, baseDirectory: layers.currentDirectory };
  const file = layers.file === null ? null : readConfigFile(layers.file);
  const problems: Problem[] = [...file?.problems ?? []];
  /** `null`: no value, and the reason was reported. */
  const settled = new Map<OptionKey, Setting | null>();

  function accept(key: OptionKey, raw: unknown, where: Origin, place: Place): Setting | null {
    const parsed = optionOf(key).kind.parse(raw, place);
    if ("value" in parsed) return { value: parsed.value, raw, ...where };
    problems.push(wrongValue(key, where, parsed.mustBe, raw));
    return null;
  }

  function settle(key: OptionKey): Setting | null {
    const known = settled.get(key);
    if (known !== undefined) return known;
    const given = written(key);
    const setting = given.length > 0 ? given[0] ?? null : settleDefault(key);
    settled.set(key, setting);
    return setting;
  }

  /** What the layers say, the winner first. */
  function written(key: OptionKey): readonly (Setting | null)[] {
    const { kind } = optionOf(key);
    const given: (Setting | null)[] = [];
    const flag = layers.flags.get(key);
    if (flag !== undefined) {
      const origin = flag === false ? `--no-${flagName(key)}` : `--${flagName(key)}`;
      const raw = typeof flag === "string" ? kind.fromText?.(flag) : flag;
      given.push(accept(key, raw, { origin, position: null }, here));
    }
    const name = environmentName(key);
    const variable = name === null ? undefined : layers.environment(name);
    if (name !== null && variable !== undefined) {
      given.push(accept(key, kind.fromText?.(variable), { origin: name, position: null }, here));
    }
    const value = file?.values.get(key);
    if (layers.file !== null && value !== undefined) {
      const place = { ...here, baseDirectory: dirname(layers.file.path) };
      given.push(accept(key, value.raw, { origin: layers.file.path, position: value.position }, place));
    }
    return given;
  }

  function settleDefault(key: OptionKey): Setting | null {
    const where: Origin = { origin: "default", position: null };
    const raw = expandDefault(optionOf(key).default, {
      environment: layers.environment,
      option: (other) => settle(other)?.value,
    });
    if (raw === undefined) return null;
    return raw === null ? { value: null, raw, ...where } : accept(key, raw, where, here);
  }

  for (const key of OPTION_KEYS) settle(key);

  for (const key of OPTION_KEYS) {
    const switchedOn = OPTION_KEYS.find((other) => other === optionOf(key).neededBy);
    const needed = switchedOn === undefined ? null : settled.get(switchedOn) ?? null;
    if (switchedOn !== undefined && needed?.value === true && settled.get(key)?.value === null) {
      problems.push(missingValue(key, switchedOn, needed));
    }
  }

  // In the order of the table; one that others stand on was settled out of turn.
  const settings = new Map(OPTION_KEYS.flatMap((key) => {
    const setting = settled.get(key) ?? null;
    return setting === null ? [] : [[key, setting]];
  }));
  return { settings, ignoredTables: file?.ignoredTables ?? [], problems };
}

function missingValue(key: OptionKey, switchedOn: OptionKey, { origin, position }: Origin): Problem {
  const message = `Cannot use ${switchedOn} without ${key}: set ${waysToSet(key)}`;
  return { key: switchedOn, origin, position, message };
}
