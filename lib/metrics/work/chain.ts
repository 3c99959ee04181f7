/** What can be in a chain, in one at a time. */
export interface Link<T extends Link<T>> {
  chain: Chain<T> | null;
  previous: T | null;
  next: T | null;
}

/**
 * A set in the order of adding, whose members know their neighbours: unlike a `Set` it hashes nothing and passes over
 * nothing that has gone to find its first.
 */
export class Chain<T extends Link<T>> {
  #first: T | null = null;
  #last: T | null = null;
  #size = 0;

  get first(): T | null {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** As the last, out of the chain it was in; nothing when it is here already. */
  add(one: T): void {
    if (one.chain === this) return;
    one.chain?.remove(one);
    one.chain = this;
    one.previous = this.#last;
    if (this.#last === null) this.#first = one;
    else this.#last.next = one;
    this.#last = one;
    this.#size++;
  }

  /** @returns whether it was here. */
  remove(one: T): boolean {
    if (one.chain !== this) return false;
    if (one.previous === null) this.#first = one.next;
    else one.previous.next = one.next;
    if (one.next === null) this.#last = one.previous;
    else one.next.previous = one.previous;
    one.chain = one.previous = one.next = null;
    this.#size--;
    return true;
  }

  takeFirst(): T | null {
    const first = this.#first;
    if (first !== null) this.remove(first);
    return first;
  }

  /** The one at hand may be taken out meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let one = this.#first; one !== null;) {
      const { next } = one;
      yield one;
      one = next;
    }
  }
}
