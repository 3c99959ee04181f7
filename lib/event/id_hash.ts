/** Together with the length, which keeps "a" and "a\0" apart. */
const HIGH_START = 0x9e3779b9;
const LOW_START = 0x85ebca6b;

/**
 * 64 bits of hash of an id, in two halves: the same from its text as from its bytes. Mutable, because a new pair for every
 * event would cost as much as making the hash. No security meaning.
 */
export class IdHash {
  high = 0;
  low = 0;

  ofText(id: string): this {
    const { length } = id;
    let high = HIGH_START ^ length;
    let low = LOW_START ^ length;
    for (let at = 0; at < length; at += 4) {
      const a = id.charCodeAt(at);
      const b = at + 1 < length ? id.charCodeAt(at + 1) : 0;
      const c = at + 2 < length ? id.charCodeAt(at + 2) : 0;
      const d = at + 3 < length ? id.charCodeAt(at + 3) : 0;
      const lowBytes = (a & 0xff) | ((b & 0xff) << 8) | ((c & 0xff) << 16) | (d << 24);
      high = intoHigh(high, lowBytes);
      low = intoLow(low, lowBytes);
      if ((a | b | c | d) <= 0xff) continue;
      const highBytes = (a >> 8) | (b & 0xff00) | ((c & 0xff00) << 8) | ((d & 0xff00) << 16);
      high = intoHigh(high, highBytes);
      low = intoLow(low, highBytes);
    }
    return this.#finish(high, low);
  }

  /** @param view at least three bytes longer than the id, whose bytes are ASCII */
  ofBytes(view: DataView, start: number, end: number): this {
    let high = HIGH_START ^ (end - start);
    let low = LOW_START ^ (end - start);
    let at = start;
    for (; at <= end - 4; at += 4) {
      const four = view.getInt32(at, true);
      high = intoHigh(high, four);
      low = intoLow(low, four);
    }
    if (at < end) {
      const rest = view.getInt32(at, true) & ((1 << ((end - at) * 8)) - 1);
      high = intoHigh(high, rest);
      low = intoLow(low, rest);
    }
    return this.#finish(high, low);
  }

  #finish(high: number, low: number): this {
    this.high = mix(high);
    this.low = mix(low);
    return this;
  }
}

/** Multiplying moves bits up and shifting moves them down, so that every character reaches every bit of both halves. */
function intoHigh(high: number, four: number): number {
  const mixed = Math.imul(high ^ four, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function intoLow(low: number, four: number): number {
  const mixed = Math.imul(low ^ four, 0x85ebca77);
  return mixed ^ (mixed >>> 13);
}

/** murmur3's last step: each bit of the input changes each bit of the output with even odds. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
