/** Different contents remembered per generation; there are two of them. */
const GENERATION_SIZE = 8192;

export type OccurrencesState = readonly (readonly [key: number, count: number])[];

/**
 * Numbers equal contents: 0 for the first, 1 for the next. With the memory in the snapshot, what is read again after a
 * crash gets the same numbers as before. Two generations: contents not met for so long are forgotten.
 */
export class Occurrences {
  #young = new Map<number, number>();
  #old = new Map<number, number>();

  /** How often this content was met before; meets it once more. */
  next(content: string): number {
    const key = hash53(content);
    const count = this.#young.get(key) ?? this.#old.get(key) ?? 0;
    this.#young.set(key, count + 1);
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    return count;
  }

  saveState(): OccurrencesState {
    return [...new Map([...this.#old, ...this.#young])];
  }

  /** @throws {TypeError} when `state` is not what `saveState` gave. */
  loadState(state: unknown): void {
    if (!Array.isArray(state) || !state.every(isEntry)) {
      throw new TypeError("Cannot load the numbers of events without an id as they must be pairs of whole numbers");
    }
    this.#old = new Map(state);
    this.#young = new Map();
  }
}

function isEntry(entry: unknown): entry is [number, number] {
  return Array.isArray(entry) && entry.length === 2 && entry.every(Number.isSafeInteger);
}

/** 53 bits of two FNV-1a hashes: one in 10^11 that any two of 16,384 contents share a number. */
function hash53(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x2f4a9c11;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
