/**
 * A map by name that costs nothing much while it has one entry. A `Map` takes 200 bytes, and for a name it is asked about
 * first V8 looks into its table of all strings; in a flood of jobs, each with little in it, that is felt.
 */
export class SmallMap<V extends NonNullable<unknown>> {
  #onlyName = "";
  #onlyValue: V | undefined = undefined;
  #all: Map<string, V> | null = null;

  get size(): number {
    if (this.#all !== null) return this.#all.size;
    return this.#onlyValue === undefined ? 0 : 1;
  }

  get(name: string): V | undefined {
    if (this.#all !== null) return this.#all.get(name);
    return name === this.#onlyName ? this.#onlyValue : undefined;
  }

  set(name: string, value: V): void {
    if (this.#all === null && (this.#onlyValue === undefined || name === this.#onlyName)) {
      this.#onlyName = name;
      this.#onlyValue = value;
    } else {
      this.#all ??= new Map(this);
      this.#all.set(name, value);
    }
  }

  delete(name: string): void {
    if (this.#all !== null) this.#all.delete(name);
    else if (name === this.#onlyName) this.#onlyValue = undefined;
  }

  [Symbol.iterator](): IterableIterator<[string, V]> {
    if (this.#all !== null) return this.#all.entries();
    const only: [string, V][] = this.#onlyValue === undefined ? [] : [[this.#onlyName, this.#onlyValue]];
    return only.values();
  }
}
