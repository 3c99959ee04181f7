import type { ClaudeTokenUsage } from "../../event/event.ts";

/** A day, from its first second to the next day's first; Unix seconds. */
export interface Day {
  readonly beginsSeconds: number;
  readonly endsSeconds: number;
}

/** What happened on one day. */
export interface DayCounts {
  agentsSucceeded: number;
  agentsFailed: number;
  runsSucceeded: number;
  runsFailed: number;
  inputTokens: number;
  outputTokens: number;
  cacheTokens: number;
  /** An estimate; `null` while nothing had a price. */
  costUsd: number | null;
}

export interface TodayState {
  readonly day: Day;
  readonly counts: DayCounts;
  readonly unpricedModels: readonly string[];
}

/** More are not named: a person wants to know that there are such, and which first. */
const MAX_UNPRICED_MODELS = 5;
const NO_DAY: Day = { beginsSeconds: 0, endsSeconds: 0 };

/**
 * Sums of the present day, for people: metrics leave that to Prometheus. An event belongs to the day of its own time,
 * so what is read late is not taken for today's.
 */
export class Today {
  readonly #dayAt: (atSeconds: number) => Day;
  #day: Day = NO_DAY;
  #counts: DayCounts = noCounts();
  #unpricedModels = new Set<string>();

  /** @param dayAt The day a moment is in; decides by which time zone days begin. */
  constructor(dayAt: (atSeconds: number) => Day) {
    this.#dayAt = dayAt;
  }

  /** The day's counts so far, to be read or added to; `null` when the moment is not today. */
  at(atSeconds: number, nowSeconds: number): DayCounts | null {
    this.#turnTo(nowSeconds);
    return isIn(this.#day, atSeconds) ? this.#counts : null;
  }

  unpricedModels(): readonly string[] {
    return [...this.#unpricedModels];
  }

  addUsage(event: ClaudeTokenUsage, cost: DayCost, atSeconds: number, nowSeconds: number): void {
    const counts = this.at(atSeconds, nowSeconds);
    if (counts === null) return;
    counts.inputTokens += event.inputTokens;
    counts.outputTokens += event.outputTokens;
    counts.cacheTokens += event.cacheReadTokens + event.cacheCreationTokens;
    this.addCost(cost, atSeconds, nowSeconds);
  }

  addCost({ model, costUsd }: DayCost, atSeconds: number, nowSeconds: number): void {
    const counts = this.at(atSeconds, nowSeconds);
    if (counts === null) return;
    if (costUsd !== null) counts.costUsd = (counts.costUsd ?? 0) + costUsd;
    else if (this.#unpricedModels.size < MAX_UNPRICED_MODELS) this.#unpricedModels.add(model);
  }

  saveState(): TodayState {
    return { day: this.#day, counts: { ...this.#counts }, unpricedModels: this.unpricedModels() };
  }

  loadState({ day, counts, unpricedModels }: TodayState): void {
    this.#day = day;
    this.#counts = { ...counts };
    this.#unpricedModels = new Set(unpricedModels);
  }

  #turnTo(nowSeconds: number): void {
    if (isIn(this.#day, nowSeconds)) return;
    this.#day = this.#dayAt(nowSeconds);
    this.#counts = noCounts();
    this.#unpricedModels.clear();
  }
}

/** What usage cost; `null`: its model has no price. */
export interface DayCost {
  readonly model: string;
  readonly costUsd: number | null;
}

function isIn({ beginsSeconds, endsSeconds }: Day, atSeconds: number): boolean {
  return atSeconds >= beginsSeconds && atSeconds < endsSeconds;
}

function noCounts(): DayCounts {
  return {
    agentsSucceeded: 0,
    agentsFailed: 0,
    runsSucceeded: 0,
    runsFailed: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheTokens: 0,
    costUsd: null,
  };
}
