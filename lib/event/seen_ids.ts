import { IdHash } from "./id_hash.ts";

/** "SID2", little-endian: the form of `capture`. The digit stands for the hash, too: other hashes know no ids. */
const MAGIC = 0x32444953;
const HEADER_WORDS = 2;
const WORDS_PER_ID = 2;
const LANES = 2;
const WORDS_A_STEP = 32 * 1024;
/** Slots for each word of the filter: four ids in a word of a full lane, so that one new id in thirteen is looked up in vain. */
const SLOTS_A_FILTER_WORD = 8;
/** A slot holds a position + 1 in its low bits, 0 for none, and bits of the hash above. */
const POSITION_BITS = 25;
const POSITION_MASK = 2 ** POSITION_BITS - 1;
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
  /**
   * Open addressing over both generations: each slot has a lane for either, side by side, so that looking into both
   * waits for memory once. A lane is at most half full, so a look-up takes one or two steps.
   */
  readonly #index: Int32Array;
  readonly #mask: number;
  /**
   * Two bits of a word for every id, the lanes side by side as well: it says of nearly every new id that it is new, and is
   * small enough (256 KiB for 131,072 ids) to stay in the processor's cache, where the index waits for memory.
   */
  readonly #filter: Int32Array;
  readonly #filterMask: number;
  /** Fingerprints in the order they came. */
  readonly #entries: readonly [Int32Array, Int32Array];
  readonly #counts: [number, number] = [0, 0];
  readonly #capacity: number;
  /** How many of the young generation are in the index; the others will be together, so that their waits overlap. */
  #indexed = 0;
  /** Keeps the compiler from leaving out a look at memory. */
  #touched = 0;
  /** Lane of the young generation. */
  #young: 0 | 1 = 0;

  /** @throws {RangeError} when `capacity` is not a whole number from 1 to 2^24. */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
      throw new RangeError(
        `Cannot remember ids as capacity must be 1 to ${MAX_CAPACITY}: current value is ${capacity}`,
      );
    }
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#index = new Int32Array(slots * LANES);
    this.#mask = slots - 1;
    const filterWords = Math.ceil(slots / SLOTS_A_FILTER_WORD);
    this.#filter = new Int32Array(filterWords * LANES);
    this.#filterMask = filterWords - 1;
    this.#entries = [new Int32Array(capacity * WORDS_PER_ID), new Int32Array(capacity * WORDS_PER_ID)];
    this.#capacity = capacity;
  }

  /**
   * Restores what `capture` gave. `capacity` may differ from the saved one: a smaller window keeps the newest ids.
   *
   * @throws {TypeError} when `bytes` is not what `capture` gave.
   */
  static load(bytes: Uint8Array, capacity: number): SeenIds {
    const words = new Int32Array(bytes.slice().buffer, 0, bytes.byteLength >> 2);
    const count = words[1] ?? 0;
    if (words[0] !== MAGIC || bytes.byteLength !== (HEADER_WORDS + count * WORDS_PER_ID) * 4) {
      throw new TypeError(`Cannot load seen ids as these ${bytes.byteLength} bytes must be of the form "SID2"`);
    }
    const seen = new SeenIds(capacity);
    for (let at = HEADER_WORDS; at < words.length; at += WORDS_PER_ID) {
      seen.#add(words[at] ?? 0, words[at + 1] ?? 0);
    }
    return seen;
  }

  /** Remembers `id`; `true` when it is new, `false` when it was seen within the window. */
  add(id: string): boolean {
    return this.addHash(this.#hash.ofText(id));
  }

  /** As `add`, for whoever has the id's hash already. */
  addHash({ high, low }: IdHash): boolean {
    return this.#add(high, low);
  }

  /** Whether `id` was seen within the window; does not remember it. */
  has(id: string): boolean {
    return this.hasHash(this.#hash.ofText(id));
  }

  /** As `has`, for whoever has the id's hash already. */
  hasHash({ high, low }: IdHash): boolean {
    if (!this.#mayHold(high, low)) return false;
    this.#indexAll();
    return this.#isIn(0, high, low) || this.#isIn(1, high, low);
  }

  /**
   * Copies the remembered fingerprints, oldest first, a part at a time: memory that is new to the process takes
   * milliseconds. Nothing may be added meanwhile.
   */
  *capture(): Generator<void, Uint8Array> {
    const old = this.#remembered(this.#young === 0 ? 1 : 0);
    const young = this.#remembered(this.#young);
    const words = new Int32Array(HEADER_WORDS + old.length + young.length);
    words[0] = MAGIC;
    words[1] = (old.length + young.length) / WORDS_PER_ID;
    let end = HEADER_WORDS;
    for (const generation of [old, young]) {
      for (let at = 0; at < generation.length; at += WORDS_A_STEP) {
        const some = generation.subarray(at, at + WORDS_A_STEP);
        words.set(some, end);
        end += some.length;
        yield;
      }
    }
    return new Uint8Array(words.buffer);
  }

  #add(high: number, low: number): boolean {
    let isNew = true;
    if (this.#mayHold(high, low)) {
      this.#indexAll();
      if (this.#isIn(this.#young, high, low)) return false;
      isNew = !this.#isIn(this.#young === 0 ? 1 : 0, high, low);
    }
    if (this.#counts[this.#young] === this.#capacity) this.#turn();
    this.#append(high, low);
    return isNew;
  }

  /** `false`: neither generation has it. */
  #mayHold(high: number, low: number): boolean {
    const at = (high & this.#filterMask) * LANES;
    const bits = filterBits(high, low);
    return ((this.#filter[at] ?? 0) & bits) === bits || ((this.#filter[at + 1] ?? 0) & bits) === bits;
  }

  #isIn(lane: 0 | 1, high: number, low: number): boolean {
    const entries = this.#entries[lane];
    for (let slot = low & this.#mask;; slot = (slot + 1) & this.#mask) {
      const held = this.#index[slot * LANES + lane] ?? 0;
      if (held === 0) return false;
      // The bits of the hash tell most others apart without another wait for memory.
      if (((held ^ high) & ~POSITION_MASK) !== 0) continue;
      const at = ((held & POSITION_MASK) - 1) * WORDS_PER_ID;
      if (entries[at] === high && entries[at + 1] === low) return true;
    }
  }

  /** Only while there is room, and only what the young generation has not yet. */
  #append(high: number, low: number): void {
    const lane = this.#young;
    const at = this.#counts[lane]++ * WORDS_PER_ID;
    const entries = this.#entries[lane];
    entries[at] = high;
    entries[at + 1] = low;
    const word = (high & this.#filterMask) * LANES + lane;
    this.#filter[word] = (this.#filter[word] ?? 0) | filterBits(high, low);
  }

  /** To be called before the index is asked. */
  #indexAll(): void {
    const lane = this.#young;
    const count = this.#counts[lane];
    if (this.#indexed === count) return;
    const entries = this.#entries[lane];
    // Looked at before anything depends on what is there, so that the waits for memory overlap.
    let touched = 0;
    for (let id = this.#indexed; id < count; id++) {
      touched |= this.#index[((entries[id * WORDS_PER_ID + 1] ?? 0) & this.#mask) * LANES + lane] ?? 0;
    }
    this.#touched = touched;
    for (let id = this.#indexed; id < count; id++) this.#indexOne(lane, id);
    this.#indexed = count;
  }

  #indexOne(lane: 0 | 1, id: number): void {
    const entries = this.#entries[lane];
    const high = entries[id * WORDS_PER_ID] ?? 0;
    let slot = (entries[id * WORDS_PER_ID + 1] ?? 0) & this.#mask;
    while (this.#index[slot * LANES + lane] !== 0) slot = (slot + 1) & this.#mask;
    this.#index[slot * LANES + lane] = (id + 1) | (high & ~POSITION_MASK);
  }

  /** The young generation becomes the old one, and the old one is forgotten. */
  #turn(): void {
    this.#indexAll();
    this.#young = this.#young === 0 ? 1 : 0;
    this.#counts[this.#young] = 0;
    this.#indexed = 0;
    for (let at: number = this.#young; at < this.#index.length; at += LANES) this.#index[at] = 0;
    for (let at: number = this.#young; at < this.#filter.length; at += LANES) this.#filter[at] = 0;
  }

  #remembered(lane: 0 | 1): Int32Array {
    return this.#entries[lane].subarray(0, this.#counts[lane] * WORDS_PER_ID);
  }
}

/** Two of 32 bits, by bits of the hash that choose neither the word nor the slot, whatever the capacity. */
function filterBits(high: number, low: number): number {
  return (1 << (high >>> 27)) | (1 << (low >>> 27));
}
