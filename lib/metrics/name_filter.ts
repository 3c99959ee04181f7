import { textHash } from "../event/text_hash.ts";

const BITS_A_NAME = 16;
const WORD_BITS = 32;
const SMALLEST_WORDS = 64;

/**
 * Says of nearly every name that is not among those added that it is not, and never of one that is: a Bloom filter with
 * two bits for each. Names are not taken out again.
 */
export class NameFilter {
  readonly #words: Int32Array;
  readonly #mask: number;
  #room: number;

  /** @param names how many will be added, more or less. */
  constructor(names: number) {
    const words = 2 ** Math.ceil(Math.log2(Math.max(SMALLEST_WORDS, names * BITS_A_NAME / WORD_BITS)));
    this.#words = new Int32Array(words);
    this.#mask = words - 1;
    this.#room = words * WORD_BITS / BITS_A_NAME;
  }

  /** With more names it says less. */
  get isFull(): boolean {
    return this.#room <= 0;
  }

  add(name: string): void {
    const hash = textHash(name);
    const word = hash & this.#mask;
    this.#words[word] = (this.#words[word] ?? 0) | bitsOf(hash);
    this.#room--;
  }

  mayHold(name: string): boolean {
    const hash = textHash(name);
    const bits = bitsOf(hash);
    return ((this.#words[hash & this.#mask] ?? 0) & bits) === bits;
  }
}

/** The upper bits, as the lower ones choose the word. */
function bitsOf(hash: number): number {
  return (1 << (hash >>> 27)) | (1 << ((hash >>> 22) & 31));
}
