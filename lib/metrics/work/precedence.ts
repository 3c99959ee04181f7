import type { Origin } from "../../event/record.ts";

/**
 * Kinds of facts an event can state about a job or run. Event lines win over the state readers per kind: a run whose
 * lines tell of steps only is still started and ended by its session file.
 */
export const FACT_KIND = { lifecycle: 1, agents: 2, dlq: 4, worktrees: 8, checkpoints: 16, steps: 32 } as const;
export type FactKind = keyof typeof FACT_KIND;

/**
 * What the fold may do with an event.
 * - `count`: everything.
 * - `gauges_only`: it is a fact already counted from another source; only what is *now* may be set.
 * - `drop`: a better source tells of this; nothing happens.
 */
export type Verdict = "count" | "gauges_only" | "drop";

export interface SightingsState {
  readonly lines: number;
  readonly counted: readonly (readonly [string, number])[];
}

const NOTHING: SightingsState["counted"] = [];

/** Which sources told of which facts of one job or run, so that no fact counts twice whichever comes first. */
export class Sightings {
  #lines = 0;
  /** Facts counted from state files and not yet told by lines, with how often. */
  #counted: Map<string, number> | null = null;

  /**
   * @param factKey names the fact within its job or run (`agent:…`, `end`), or `null` when repeating it is harmless.
   */
  judge(origin: Origin, kind: FactKind, factKey: string | null): Verdict {
    if (origin === "exporter") return "gauges_only";
    if (origin === "state") {
      if ((this.#lines & FACT_KIND[kind]) !== 0) return "drop";
      if (factKey !== null) {
        this.#counted ??= new Map();
        this.#counted.set(factKey, (this.#counted.get(factKey) ?? 0) + 1);
      }
      return "count";
    }
    this.#lines |= FACT_KIND[kind];
    return factKey !== null && this.consume(factKey) ? "gauges_only" : "count";
  }

  /** Whether `judge` needs a fact's key, which costs more to make than the rest: of state files, and of lines that may meet one. */
  needsKey(origin: Origin): boolean {
    return origin === "state" || this.#counted !== null;
  }

  /** Takes one earlier count of this fact, if there was one. */
  consume(factKey: string): boolean {
    const count = this.#counted?.get(factKey) ?? 0;
    if (count === 0) return false;
    if (count > 1) this.#counted?.set(factKey, count - 1);
    else this.#counted?.delete(factKey);
    if (this.#counted?.size === 0) this.#counted = null;
    return true;
  }

  saveState(): SightingsState {
    return { lines: this.#lines, counted: this.#counted === null ? NOTHING : [...this.#counted] };
  }

  loadState(state: SightingsState): void {
    this.#lines = state.lines;
    this.#counted = state.counted.length === 0 ? null : new Map(state.counted);
  }
}
