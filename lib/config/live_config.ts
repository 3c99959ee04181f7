import { OPTION_KEYS, optionOf } from "./option_names.ts";
import type { Config, OptionKey } from "./options.ts";

/** What a configuration read anew brings. */
export interface ConfigChange {
  /** Options whose new value is in force. */
  readonly changed: readonly OptionKey[];
  /** Options that are written otherwise than the program was started with, and stay as they were. */
  readonly needRestart: readonly OptionKey[];
}

/** The configuration of a running program, of which the reloadable options may change. */
export class LiveConfig {
  /** Reads like any configuration, but a reloadable option has the value of the moment it is asked for. */
  readonly view: Config;
  #current: Config;

  constructor(started: Config) {
    this.#current = started;
    const getters = OPTION_KEYS.map((key) => [key, { enumerable: true, get: () => this.#current[key] }]);
    // It has every key of a Config, each with the value of one.
    this.view = Object.defineProperties({}, Object.fromEntries(getters)) as Config;
  }

  /** Puts in force what can be changed without a restart. */
  update(next: Config): ConfigChange {
    const before = this.#current;
    const differing = OPTION_KEYS.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(next[key]));
    const changed = differing.filter((key) => optionOf(key).reloadable);
    const values = OPTION_KEYS.map((key) => [key, (changed.includes(key) ? next : before)[key]]);
    this.#current = Object.freeze(Object.fromEntries(values)) as unknown as Config;
    return { changed, needRestart: differing.filter((key) => !changed.includes(key)) };
  }
}
