import type { LiveConfig } from "./config/live_config.ts";
import type { Misconfiguration, Resolved } from "./config/resolve.ts";
import type { ReloadOutcome } from "./server/reload.ts";
import type { Notices } from "./telemetry/notices.ts";

export interface ReloaderDeps {
  readonly liveConfig: LiveConfig;
  readonly loadConfig: () => Resolved | Misconfiguration;
  /** Reads the web configuration anew, a file of its own. Returns what is wrong with it, or `null`. */
  readonly lookAtWebConfig: () => string | null;
  /** Told when options have changed. */
  readonly onChanged: () => void;
  readonly notices: Notices;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/** Reads the configuration anew while the program runs. */
export class Reloader {
  readonly #deps: ReloaderDeps;
  /** Whether what was read last is in force. */
  isInForce = true;
  /** Unix time in seconds of the last reading that is. */
  readAtSeconds: number;

  constructor(deps: ReloaderDeps) {
    this.#deps = deps;
    this.readAtSeconds = deps.now() / 1000;
  }

  /** Puts in force what can be; with a mistake anywhere, nothing. */
  reload(): ReloadOutcome {
    const { liveConfig, loadConfig, onChanged, notices, now } = this.#deps;
    const loaded = loadConfig();
    if ("problems" in loaded) return this.#refuse(loaded.problems);
    const message = this.#deps.lookAtWebConfig();
    if (message !== null) {
      return this.#refuse([{ origin: liveConfig.view["server.web_config_file"] ?? "", message }]);
    }
    const { changed, needRestart } = liveConfig.update(loaded.config);
    onChanged();
    this.isInForce = true;
    this.readAtSeconds = now() / 1000;
    notices.reloaded(changed, needRestart);
    return { kind: "reloaded", changed, needRestart };
  }

  #refuse(problems: Parameters<Notices["notReloaded"]>[0]): ReloadOutcome {
    this.isInForce = false;
    this.#deps.notices.notReloaded(problems);
    return { kind: "refused", problems: problems.length };
  }
}
