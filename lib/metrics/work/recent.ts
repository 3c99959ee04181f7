export type RecentState<T> = readonly (readonly [string, T])[];

/**
 * A bounded map of what was set lately: at least the last `capacity` keys, at most twice that.
 * Two generations instead of one ordered map: nothing is moved on a look-up and nothing evicted one by one.
 */
export class Recent<T> {
  readonly #capacity: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  get(key: string): T | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: T): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  saveState(): RecentState<T> {
    return [...this.#old, ...this.#young];
  }

  loadState(state: RecentState<T>): void {
    for (const [key, value] of state) this.set(key, value);
  }
}

/**
 * As `Recent`, of names alone. A class of its own, because a snapshot would otherwise make a pair of each of tens of
 * thousands, every time, while scrapes wait.
 */
export class RecentSet {
  readonly #capacity: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(name: string): boolean {
    return this.#young.has(name) || this.#old.has(name);
  }

  add(name: string): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(name);
  }

  saveState(): readonly string[] {
    return [...this.#old, ...this.#young];
  }

  /** @throws {TypeError} when `state` is not what `saveState` gave. */
  loadState(state: readonly string[]): void {
    if (!state.every((name) => typeof name === "string")) {
      throw new TypeError("Cannot load what was met lately as it must be a list of names");
    }
    for (const name of state) this.add(name);
  }
}
