import type { SourceLag } from "./overview.ts";
import type { Source, SourceName } from "./source/source.ts";
import type { Notices } from "./telemetry/notices.ts";

/** How the sources are, and since when they have been behind. */
export class SourceWatch {
  readonly #sources: readonly Source[];
  readonly #notices: Notices;
  readonly #behindSinceMs = new Map<SourceName, number>();
  readonly #problems = new Map<SourceName, string>();

  constructor(sources: readonly Source[], notices: Notices) {
    this.#sources = sources;
    this.#notices = notices;
  }

  /** To be called every second or so; tells problems that come and go. */
  look(nowMs: number): void {
    for (const source of this.#sources) {
      const { problem, behindBytes } = source.health();
      if (behindBytes === 0) this.#behindSinceMs.delete(source.name);
      else if (!this.#behindSinceMs.has(source.name)) this.#behindSinceMs.set(source.name, nowMs);
      const known = this.#problems.get(source.name);
      if (problem !== null && problem !== known) this.#notices.sourceProblem(source.name, problem);
      if (problem === null && known !== undefined) this.#notices.sourceRecovered(source.name);
      if (problem === null) this.#problems.delete(source.name);
      else this.#problems.set(source.name, problem);
    }
  }

  lags(nowMs: number): readonly SourceLag[] {
    return this.#sources.map((source) => {
      const sinceMs = this.#behindSinceMs.get(source.name) ?? nowMs;
      return { name: source.name, ...source.health(), behindSeconds: (nowMs - sinceMs) / 1000 };
    });
  }

  /** Of all sources together. */
  get behindBytes(): number {
    return this.#sources.reduce((sum, source) => sum + source.health().behindBytes, 0);
  }

  /** As of the last look. */
  get problems(): readonly { readonly part: string; readonly problem: string }[] {
    return Array.from(this.#problems, ([part, problem]) => ({ part, problem }));
  }
}
