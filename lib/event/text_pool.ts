import type { Buffer } from "node:buffer";

/** A power of two: some hundred jobs, agents and tools are in use at one time. */
const SLOTS = 2048;
const SHORTEST = 4;
const LONGEST = 64;
const WORDS = LONGEST / 4;

/**
 * Strings made of bytes, each made once as long as it is in use: job ids, agent ids and tool names come again and again,
 * and comparing bytes with those of a known string is faster than making a new one. The same string object also has its
 * hash already, so the maps it is looked up in are faster, too.
 *
 * A slot holds one string; another one that falls into it takes its place. What is made is a string of its own: one cut
 * out of a block would keep the whole block alive.
 */
export class TextPool {
  readonly #texts: string[] = new Array(SLOTS).fill("");
  readonly #words = new Int32Array(SLOTS * WORDS);

  /** The text of ASCII bytes. @param view of `bytes` */
  text(bytes: Buffer, view: DataView, start: number, end: number): string {
    const length = end - start;
    if (length < SHORTEST || length > LONGEST) return bytes.toString("latin1", start, end);
    const first = view.getInt32(start, true);
    const last = view.getInt32(end - 4, true);
    const middle = view.getInt32(start + ((length - 4) >> 1), true);
    const mixed = Math.imul(first ^ Math.imul(middle, 0x9e3779b1) ^ length, 0x85ebca6b) ^ Math.imul(last, 0xc2b2ae35);
    const slot = (mixed ^ (mixed >>> 15)) & (SLOTS - 1);
    const known = this.#texts[slot] ?? "";
    if (known.length === length && this.#isAt(slot, view, start, end)) return known;
    this.#remember(slot, view, start, length);
    return this.#texts[slot] = bytes.toString("latin1", start, end);
  }

  #isAt(slot: number, view: DataView, start: number, end: number): boolean {
    let word = slot * WORDS;
    let at = start;
    for (; at <= end - 4; at += 4) {
      if (this.#words[word++] !== view.getInt32(at, true)) return false;
    }
    return at === end || this.#words[word] === view.getInt32(end - 4, true);
  }

  #remember(slot: number, view: DataView, start: number, length: number): void {
    const words = length >> 2;
    for (let word = 0; word < words; word++) this.#words[slot * WORDS + word] = view.getInt32(start + 4 * word, true);
    if ((length & 3) !== 0) this.#words[slot * WORDS + words] = view.getInt32(start + length - 4, true);
  }
}
