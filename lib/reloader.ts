import type { LiveConfig } from "./config/live_config.ts";
import type { Misconfiguration, Resolved } from "./config/resolve.ts";
import type { ReloadOutcome } from "./server/reload.ts";
import type { Notices } from "./telemetry/notices.ts";

export interface ReloaderDeps {
  readonly liveConfig: LiveConfig;
  readonly loadConfig: () => Resolved | Misconfiguration;
  /** Reads the web configuration anew, a file of its own. */
  readonly lookAtWebConfig: () => void;
  /** What is wrong with the web configuration as it was looked at last, or `null`. */
  readonly webConfigProblem: () => string | null;
  /** Told when options have changed. */
  readonly onChanged: () => void;
  readonly notices: Notices;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/** Reads the configuration anew while the program runs. */
export class Reloader {
  readonly #deps: ReloaderDeps;
  #isInForce = true;
  /** Whether the last reload was refused for the web configuration alone. */
  #awaitsWebConfig = false;
  /** Unix time in seconds of the last reading that is. */
  readAtSeconds: number;

  constructor(deps: ReloaderDeps) {
    this.#deps = deps;
    this.readAtSeconds = deps.now() / 1000;
  }

  /** Whether what was read last is in force, of the configuration and of the web configuration. */
  get isInForce(): boolean {
    return this.#isInForce && this.#deps.webConfigProblem() === null;
  }

  /** Puts in force what can be; with a mistake anywhere, nothing. */
  reload(): ReloadOutcome {
    const { liveConfig, loadConfig, lookAtWebConfig, webConfigProblem, onChanged, notices, now } = this.#deps;
    this.#awaitsWebConfig = false;
    const loaded = loadConfig();
    if ("problems" in loaded) return this.#refuse(loaded.problems);
    lookAtWebConfig();
    const message = webConfigProblem();
    if (message !== null) {
      this.#awaitsWebConfig = true;
      const origin = liveConfig.view["server.web_config_file"] ?? "";
      return this.#refuse([{ origin, position: null, message }]);
    }
    const { changed, needRestart } = liveConfig.update(loaded.config);
    onChanged();
    this.#isInForce = true;
    this.readAtSeconds = now() / 1000;
    notices.reloaded(changed, needRestart);
    return { kind: "reloaded", changed, needRestart };
  }

  /** To be told when a changed web configuration is in force: a reload that it was in the way of is made up for. */
  webConfigReloaded(): void {
    if (this.#awaitsWebConfig) this.reload();
  }

  #refuse(problems: Parameters<Notices["notReloaded"]>[0]): ReloadOutcome {
    this.#isInForce = false;
    this.#deps.notices.notReloaded(problems);
    return { kind: "refused", problems: problems.length };
  }
}
