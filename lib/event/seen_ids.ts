import { IdHash } from "./id_hash.ts";

/** "SID2", little-endian: the form of `save`. The digit stands for the hash, too: other hashes know no ids. */
const MAGIC = 0x32444953;
const HEADER_WORDS = 2;
const WORDS_PER_ID = 2;
/** Beyond it the index of one generation would take more than 256 MiB. */
const MAX_CAPACITY = 1 << 24;

/**
 * Remembers which event ids were seen, in a window of fixed memory: at least the last `capacity` different ids, at
 * most twice as many. Two generations: ids go into the young one, and when that is full it becomes the old one, and
 * the old one is forgotten. An id met again counts as the newest.
 *
 * An id is kept as 64 bits of hash, not as text (8 bytes and some 10 of index against about 60). So a new id may be
 * taken for a seen one: with n ids remembered, once in 2^64 / n new ids, for a window of 100,000 about once in 10^14.
 * Not a defence against someone who makes up ids to collide; whoever may write events may as well write false ones.
 */
export class SeenIds {
  readonly #hash = new IdHash();
  #young: Generation;
  #old: Generation;

  /** @throws {RangeError} when `capacity` is not a whole number from 1 to 2^24. */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
      throw new RangeError(
        `Cannot remember ids as capacity must be 1 to ${MAX_CAPACITY}: current value is ${capacity}`,
      );
    }
    this.#young = new Generation(capacity);
    this.#old = new Generation(capacity);
  }

  /**
   * Restores what `save` gave. `capacity` may differ from the saved one: a smaller window keeps the newest ids.
   *
   * @throws {TypeError} when `bytes` is not what `save` gave.
   */
  static load(bytes: Uint8Array, capacity: number): SeenIds {
    const words = new Int32Array(bytes.slice().buffer, 0, bytes.byteLength >> 2);
    const count = words[1] ?? 0;
    if (words[0] !== MAGIC || bytes.byteLength !== (HEADER_WORDS + count * WORDS_PER_ID) * 4) {
      throw new TypeError(`Cannot load seen ids as these ${bytes.byteLength} bytes must be of the form "SID2"`);
    }
    const seen = new SeenIds(capacity);
    for (let at = HEADER_WORDS; at < words.length; at += WORDS_PER_ID) {
      seen.#addFingerprint(words[at] ?? 0, words[at + 1] ?? 0);
    }
    return seen;
  }

  /** Remembers `id`; `true` when it is new, `false` when it was seen within the window. */
  add(id: string): boolean {
    return this.addHash(this.#hash.ofText(id));
  }

  /** As `add`, for whoever has the id's hash already. */
  addHash({ high, low }: IdHash): boolean {
    return this.#addFingerprint(high, low);
  }

  /** Whether `id` was seen within the window; does not remember it. */
  has(id: string): boolean {
    return this.hasHash(this.#hash.ofText(id));
  }

  /** As `has`, for whoever has the id's hash already. */
  hasHash({ high, low }: IdHash): boolean {
    return this.#young.has(high, low) || this.#old.has(high, low);
  }

  /** The remembered fingerprints, oldest first; takes one copy of them. */
  save(): Uint8Array {
    const old = this.#old.entries();
    const young = this.#young.entries();
    const words = new Int32Array(HEADER_WORDS + old.length + young.length);
    words[0] = MAGIC;
    words[1] = (old.length + young.length) / WORDS_PER_ID;
    words.set(old, HEADER_WORDS);
    words.set(young, HEADER_WORDS + old.length);
    return new Uint8Array(words.buffer);
  }

  #addFingerprint(high: number, low: number): boolean {
    if (this.#young.has(high, low)) return false;
    const isNew = !this.#old.has(high, low);
    if (this.#young.isFull) {
      const forgotten = this.#old;
      this.#old = this.#young;
      this.#young = forgotten;
      forgotten.clear();
    }
    this.#young.append(high, low);
    return isNew;
  }
}

/** Fingerprints in the order they came, with an open-addressing index over them. */
class Generation {
  readonly #entries: Int32Array;
  /** Position in `#entries` + 1; 0 is empty. At most half full, so a look-up takes one or two steps. */
  readonly #index: Int32Array;
  readonly #mask: number;
  #count = 0;

  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#entries = new Int32Array(capacity * WORDS_PER_ID);
    this.#index = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  get isFull(): boolean {
    return this.#count * WORDS_PER_ID === this.#entries.length;
  }

  has(high: number, low: number): boolean {
    for (let slot = low & this.#mask;; slot = (slot + 1) & this.#mask) {
      const position = this.#index[slot] ?? 0;
      if (position === 0) return false;
      const at = (position - 1) * WORDS_PER_ID;
      if (this.#entries[at] === high && this.#entries[at + 1] === low) return true;
    }
  }

  /** Only while there is room, and only what it has not yet. */
  append(high: number, low: number): void {
    const at = this.#count * WORDS_PER_ID;
    this.#entries[at] = high;
    this.#entries[at + 1] = low;
    this.#count++;
    let slot = low & this.#mask;
    while (this.#index[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#index[slot] = this.#count;
  }

  entries(): Int32Array {
    return this.#entries.subarray(0, this.#count * WORDS_PER_ID);
  }

  clear(): void {
    this.#index.fill(0);
    this.#count = 0;
  }
}
