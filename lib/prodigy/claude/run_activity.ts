/** Runs remembered; the one that moved longest ago goes first. */
const MAX_RUNS = 4_096;

/** When each Prodigy run's Claude sessions last moved: a run's own files rest for as long as one command takes. */
export class RunActivity {
  readonly #seconds = new Map<string, number>();

  /** @param atSeconds Unix time of the movement. */
  touch(runId: string, atSeconds: number): void {
    const newest = Math.max(atSeconds, this.#seconds.get(runId) ?? -Infinity);
    this.#seconds.delete(runId);
    this.#seconds.set(runId, newest);
    const oldest = this.#seconds.size > MAX_RUNS ? this.#seconds.keys().next().value : undefined;
    if (oldest !== undefined) this.#seconds.delete(oldest);
  }

  lastSeconds(runId: string): number | null {
    return this.#seconds.get(runId) ?? null;
  }

  save(): unknown {
    return [...this.#seconds];
  }

  /** @throws {TypeError} when `state` is not what `save` gave. */
  load(state: unknown): void {
    if (!Array.isArray(state)) throw new TypeError("Cannot load activity as it must be a list");
    for (const row of state) {
      const [runId, seconds]: readonly unknown[] = Array.isArray(row) ? row : [];
      if (typeof runId !== "string" || typeof seconds !== "number") {
        throw new TypeError("Cannot load activity as each row must be a run and a time");
      }
      this.#seconds.set(runId, seconds);
    }
  }
}
