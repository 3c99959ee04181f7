/** Restless runs looked at in one look; with more, they take turns. */
const RESTLESS_PER_LOOK = 100;
/** What looking at resting runs may cost in one look, in calls of the file system at some 10 us each. */
const RESTING_CALLS_PER_LOOK = 400;
const CALLS_LIGHT = 1;
const CALLS_HEAVY = 8;

/**
 * Whose turn it is. New runs are looked at in every look and restless ones in nearly every; the thousands that rest,
 * most of them for ever, take turns, so that a look costs the same however long Prodigy has been in use.
 */
export class RunTurns {
  #ids: readonly string[] = [];
  #known = new Set<string>();
  readonly #fresh = new Set<string>();
  readonly #restless = new Set<string>();
  #position = 0;

  /** All runs there are now. */
  setIds(ids: readonly string[]): void {
    const known = new Set(ids);
    for (const id of known) if (!this.#known.has(id)) this.#fresh.add(id);
    for (const set of [this.#fresh, this.#restless]) {
      for (const id of set) if (!known.has(id)) set.delete(id);
    }
    this.#ids = ids;
    this.#known = known;
  }

  /**
   * The runs that are due in this look, each once; `noted` is to be called for each before the next.
   * @param isHeavy whether a look at it goes through its directories, or only asks for its session file
   */
  *due(isHeavy: (id: string) => boolean): Generator<string> {
    const first = new Set([...this.#fresh, ...[...this.#restless].slice(0, RESTLESS_PER_LOOK)]);
    yield* first;
    let calls = 0;
    for (let visits = 0; visits < this.#ids.length && calls < RESTING_CALLS_PER_LOOK; visits++) {
      const id = this.#ids[this.#position++ % this.#ids.length];
      if (id === undefined || first.has(id) || this.#restless.has(id)) continue;
      calls += isHeavy(id) ? CALLS_HEAVY : CALLS_LIGHT;
      yield id;
    }
    if (this.#ids.length > 0) this.#position %= this.#ids.length;
  }

  /** It was looked at. @param isRestless whether more of it is expected soon */
  noted(id: string, isRestless: boolean): void {
    this.#fresh.delete(id);
    // To the end of the row.
    this.#restless.delete(id);
    if (isRestless) this.#restless.add(id);
  }
}
