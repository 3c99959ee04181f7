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
