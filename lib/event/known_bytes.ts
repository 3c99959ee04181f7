import { ByteSlots } from "./byte_slots.ts";

/** A power of two: three members of metadata have six orders, and some processes may write at one time. */
const SLOTS = 64;
const SHORTEST = 4;
const LONGEST = 128;

/**
 * How many bytes from the place it is asked about `KnownBytes` may look at, whatever is there; no further than they are
 * those of a piece, so the bytes that are given should end with one that is in no piece.
 */
export const KNOWN_BYTES_REACH = 48;

/**
 * Pieces of lines that come again and again, the last few of them: that the bytes are those of a piece is known in a
 * fraction of the time it took to take them apart. What was found out of a piece holds as long as nothing but its bytes
 * was looked at.
 */
export class KnownBytes {
  readonly #bytes = new ByteSlots(SLOTS, LONGEST);
  readonly #lengths = new Int32Array(SLOTS);
  readonly #texts: string[] = new Array(SLOTS).fill("");
  #text = "";

  /** What was remembered with the piece that was found last. */
  get text(): string {
    return this.#text;
  }

  /** @returns the length of the piece that begins there; 0 when it is none of those known. */
  lengthAt(view: DataView, at: number): number {
    const slot = slotOf(view, at);
    const length = this.#lengths[slot] ?? 0;
    if (length === 0 || !this.#bytes.isAt(slot, view, at, at + length)) return 0;
    this.#text = this.#texts[slot] ?? "";
    return length;
  }

  /** In place of the one that looks most like it. One that is shorter than four bytes or very long is not remembered. */
  remember(view: DataView, at: number, end: number, text = ""): void {
    const length = end - at;
    if (length < SHORTEST || length > LONGEST) return;
    const slot = slotOf(view, at);
    this.#lengths[slot] = length;
    this.#texts[slot] = text;
    this.#bytes.put(slot, view, at, end);
  }
}

/** By bytes in which the orders of Prodigy's metadata differ: after its name, and further on. */
function slotOf(view: DataView, at: number): number {
  const mixed = view.getInt32(at + 13, true) ^ Math.imul(view.getInt32(at + 32, true), 0x9e3779b1) ^
    Math.imul(view.getInt32(at + 44, true), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 26;
}
