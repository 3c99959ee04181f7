import type { Buffer } from "node:buffer";
import { ByteSlots } from "./byte_slots.ts";
import { rememberTextHash } from "./text_hash.ts";

/** A power of two: some hundred jobs, agents and tools are in use at one time. */
const SLOTS = 2048;
const SHORTEST = 4;
const LONGEST = 64;
/** Up to so many bytes, making a text of them one by one is faster than calling out of JavaScript for it. */
const FEW = 20;

/**
 * Strings made of bytes, each made once as long as it is in use: job ids, agent ids and tool names come again and again,
 * and comparing bytes with those of a known string is faster than making a new one. The same string object also has its
 * hash already, so the maps it is looked up in are faster, too; of a new one the hash is noted while it is bytes.
 *
 * A slot holds one string; another one that falls into it takes its place. What is made is a string of its own: one cut
 * out of a block would keep the whole block alive.
 */
export class TextPool {
  readonly #texts: string[] = new Array(SLOTS).fill("");
  readonly #bytes = new ByteSlots(SLOTS, LONGEST);
  /** One for each length: what is spread must have as many as the text. */
  readonly #codes = Array.from({ length: FEW + 1 }, (_, length) => new Array<number>(length).fill(0));

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
    if (known.length === length && this.#bytes.isAt(slot, view, start, end)) return known;
    this.#bytes.put(slot, view, start, end);
    const text = length <= FEW ? this.#ofFew(bytes, start, length) : bytes.toString("latin1", start, end);
    rememberTextHash(text, view, start, end);
    return this.#texts[slot] = text;
  }

  #ofFew(bytes: Buffer, start: number, length: number): string {
    const codes = this.#codes[length] ?? [];
    for (let at = 0; at < length; at++) codes[at] = bytes[start + at] ?? 0;
    return String.fromCharCode(...codes);
  }
}
