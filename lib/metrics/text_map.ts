import { textHash } from "../event/text_hash.ts";

/** A power of two, as every size is. */
const SMALLEST_SLOTS = 16;
const FREE = 0;

/**
 * A map by text for what has a new key all the time: a `Map` takes nearly twice as long over a text it is asked
 * about first, see `textHash`. Over one that comes again it is the faster one, so what has few keys is better off with it.
 *
 * Open addressing, at most half full: a key is in the first free slot after the one its hash says.
 */
export class TextMap<V> {
  #size = 0;
  #mask = SMALLEST_SLOTS - 1;
  #hashes = new Int32Array(SMALLEST_SLOTS);
  #keys: string[] = new Array(SMALLEST_SLOTS).fill("");
  #values: (V | undefined)[] = new Array(SMALLEST_SLOTS).fill(undefined);

  get size(): number {
    return this.#size;
  }

  /** @param hash of the key, where it is known */
  get(key: string, hash = textHash(key)): V | undefined {
    return this.#values[this.#slotOf(key, taken(hash))];
  }

  set(key: string, value: V): void {
    const hash = taken(textHash(key));
    const slot = this.#slotOf(key, hash);
    const isNew = this.#hashes[slot] === FREE;
    this.#put(slot, hash, key, value);
    if (isNew && ++this.#size * 2 > this.#mask) this.#grow();
  }

  /**
   * @param hash of the key, where it is known
   * @returns whether it was here.
   */
  delete(key: string, hash = textHash(key)): boolean {
    let slot = this.#slotOf(key, taken(hash));
    if (this.#hashes[slot] === FREE) return false;
    this.#size--;
    // What was put further on because this slot was taken moves up, or it would not be found any more.
    for (let next = (slot + 1) & this.#mask; this.#hashes[next] !== FREE; next = (next + 1) & this.#mask) {
      const moved = this.#hashes[next] ?? FREE;
      const isPastSlot = ((next - homeOf(moved)) & this.#mask) >= ((next - slot) & this.#mask);
      if (!isPastSlot) continue;
      this.#put(slot, moved, this.#keys[next] ?? "", this.#values[next]);
      slot = next;
    }
    this.#put(slot, FREE, "", undefined);
    return true;
  }

  /** Where the key is, or would be put. */
  #slotOf(key: string, hash: number): number {
    const hashes = this.#hashes;
    const mask = this.#mask;
    for (let slot = homeOf(hash) & mask;; slot = (slot + 1) & mask) {
      const held = hashes[slot];
      if (held === FREE || (held === hash && this.#keys[slot] === key)) return slot;
    }
  }

  #put(slot: number, hash: number, key: string, value: V | undefined): void {
    this.#hashes[slot] = hash;
    this.#keys[slot] = key;
    this.#values[slot] = value;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const keys = this.#keys;
    const values = this.#values;
    const slots = hashes.length * 2;
    this.#mask = slots - 1;
    this.#hashes = new Int32Array(slots);
    this.#keys = new Array(slots).fill("");
    this.#values = new Array(slots).fill(undefined);
    for (const [from, hash] of hashes.entries()) {
      const key = keys[from] ?? "";
      if (hash !== FREE) this.#put(this.#slotOf(key, hash), hash, key, values[from]);
    }
  }
}

/** Odd, so never that of a free slot. */
function taken(hash: number): number {
  return hash | 1;
}

/** The slot a key is in when no other one is in its way. The lowest bit is the same in all. */
function homeOf(hash: number): number {
  return hash >>> 1;
}
