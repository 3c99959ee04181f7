interface Entry<T> {
  readonly name: string;
  readonly value: T;
}

/**
 * A look-up by names that were just parsed. A `Map` hashes such a string first, which for some twenty characters
 * takes as long as all else that is done with it; of some forty names only a handful share a length, so comparing
 * those is twice as fast.
 */
export class NameTable<T> {
  readonly #byLength: readonly (readonly Entry<T>[])[];

  constructor(entries: Iterable<readonly [string, T]>) {
    const byLength: Entry<T>[][] = [];
    for (const [name, value] of entries) {
      while (byLength.length <= name.length) byLength.push([]);
      byLength[name.length]?.push({ name, value });
    }
    this.#byLength = byLength;
  }

  find(name: string): T | undefined {
    const sameLength = this.#byLength[name.length];
    if (sameLength === undefined) return undefined;
    for (const entry of sameLength) {
      if (entry.name === name) return entry.value;
    }
    return undefined;
  }
}
