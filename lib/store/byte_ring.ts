/** Where some bytes lie. */
export interface Slot {
  readonly start: number;
  readonly sizeBytes: number;
}

/**
 * Pieces of bytes in a fixed piece of memory, freed in the order they were written. A line cut out of a block would keep
 * the whole block alive as long as it waits; a copy does not, and there is a bound to all of them.
 */
export class ByteRing {
  readonly #bytes: Uint8Array;
  /** Where the oldest piece begins, and where the next will. */
  #tail = 0;
  #head = 0;
  #count = 0;

  constructor(sizeBytes: number) {
    this.#bytes = new Uint8Array(sizeBytes);
  }

  /**
   * @param bytes not empty
   * @returns `null` when there is no room
   */
  write(bytes: Uint8Array): Slot | null {
    if (this.#count === 0) this.#tail = this.#head = 0;
    const start = this.#room(bytes.length);
    if (start === null) return null;
    this.#bytes.set(bytes, start);
    this.#head = start + bytes.length;
    this.#count++;
    return { start, sizeBytes: bytes.length };
  }

  /** The bytes themselves, good until they are freed. */
  read({ start, sizeBytes }: Slot): Uint8Array {
    return this.#bytes.subarray(start, start + sizeBytes);
  }

  /** To be called for each slot, the oldest first. */
  free({ start, sizeBytes }: Slot): void {
    this.#tail = start + sizeBytes;
    this.#count--;
  }

  #room(sizeBytes: number): number | null {
    const isWrapped = this.#count > 0 && this.#head <= this.#tail;
    if ((isWrapped ? this.#tail : this.#bytes.length) - this.#head >= sizeBytes) return this.#head;
    return !isWrapped && this.#tail >= sizeBytes ? 0 : null;
  }
}
