/** Where a text lies. */
export interface TextSlot {
  readonly start: number;
  readonly sizeBytes: number;
}

/**
 * Texts in a fixed piece of memory, freed in the order they were written. A line cut out of a block would keep the whole
 * block alive as long as it waits; its bytes do not, and there is a bound to them.
 */
export class TextRing {
  readonly #bytes: Uint8Array;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  /** Where the oldest text begins, and where the next will. */
  #tail = 0;
  #head = 0;
  #count = 0;

  constructor(sizeBytes: number) {
    this.#bytes = new Uint8Array(sizeBytes);
  }

  /**
   * @param text not empty
   * @returns `null` when there is no room
   */
  write(text: string): TextSlot | null {
    if (this.#count === 0) this.#tail = this.#head = 0;
    const isWrapped = this.#count > 0 && this.#head <= this.#tail;
    const slot = this.#writeAt(this.#head, isWrapped ? this.#tail : this.#bytes.length, text) ??
      (isWrapped ? null : this.#writeAt(0, this.#tail, text));
    if (slot === null) return null;
    this.#head = slot.start + slot.sizeBytes;
    this.#count++;
    return slot;
  }

  read({ start, sizeBytes }: TextSlot): string {
    return this.#decoder.decode(this.#bytes.subarray(start, start + sizeBytes));
  }

  /** To be called for each slot, the oldest first. */
  free({ start, sizeBytes }: TextSlot): void {
    this.#tail = start + sizeBytes;
    this.#count--;
  }

  #writeAt(start: number, end: number, text: string): TextSlot | null {
    // UTF-8 is never shorter than UTF-16 has units.
    if (end - start < text.length) return null;
    const { read, written } = this.#encoder.encodeInto(text, this.#bytes.subarray(start, end));
    return read === text.length ? { start, sizeBytes: written } : null;
  }
}
