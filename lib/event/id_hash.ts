/**
 * 64 bits of hash of an id, in two halves: the same from its text as from its bytes. Mutable, because a new pair for every
 * event would cost as much as making the hash. No security meaning.
 */
export class IdHash {
  high = 0;
  low = 0;

  ofText(id: string): this {
    this.#begin(id.length);
    const { length } = id;
    for (let at = 0; at < length; at += 4) {
      const a = id.charCodeAt(at);
      const b = at + 1 < length ? id.charCodeAt(at + 1) : 0;
      const c = at + 2 < length ? id.charCodeAt(at + 2) : 0;
      const d = at + 3 < length ? id.charCodeAt(at + 3) : 0;
      this.#add((a & 0xff) | ((b & 0xff) << 8) | ((c & 0xff) << 16) | (d << 24));
      if ((a | b | c | d) > 0xff) this.#add((a >> 8) | (b & 0xff00) | ((c & 0xff00) << 8) | ((d & 0xff00) << 16));
    }
    return this.#finish();
  }

  /** @param view at least three bytes longer than the id, whose bytes are ASCII */
  ofBytes(view: DataView, start: number, end: number): this {
    this.#begin(end - start);
    let at = start;
    for (; at <= end - 4; at += 4) this.#add(view.getInt32(at, true));
    if (at < end) this.#add(view.getInt32(at, true) & ((1 << ((end - at) * 8)) - 1));
    return this.#finish();
  }

  /** The length keeps "a" and "a\0" apart. */
  #begin(length: number): void {
    this.high = 0x9e3779b9 ^ length;
    this.low = 0x85ebca6b ^ length;
  }

  /** Multiplying moves bits up and shifting moves them down, so that every character reaches every bit of both halves. */
  #add(four: number): void {
    const high = Math.imul(this.high ^ four, 0x9e3779b1);
    this.high = high ^ (high >>> 15);
    const low = Math.imul(this.low ^ four, 0x85ebca77);
    this.low = low ^ (low >>> 13);
  }

  #finish(): this {
    this.high = mix(this.high);
    this.low = mix(this.low);
    return this;
  }
}

/** murmur3's last step: each bit of the input changes each bit of the output with even odds. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
