/**
 * Slots that hold a piece of bytes each, compared and copied four at a time. The caller keeps the lengths, and does not
 * ask about, or put in, a piece that is shorter than four bytes or longer than a slot.
 */
export class ByteSlots {
  readonly #words: Int32Array;
  readonly #wordsASlot: number;

  /** @param bytesASlot a multiple of four */
  constructor(slots: number, bytesASlot: number) {
    this.#wordsASlot = bytesASlot / 4;
    this.#words = new Int32Array(slots * this.#wordsASlot);
  }

  /** Whether these bytes are those of the slot's piece, which has as many. */
  isAt(slot: number, view: DataView, start: number, end: number): boolean {
    let word = slot * this.#wordsASlot;
    let at = start;
    for (; at <= end - 4; at += 4) {
      if (this.#words[word++] !== view.getInt32(at, true)) return false;
    }
    // The last few together with some of those before them.
    return at === end || this.#words[word] === view.getInt32(end - 4, true);
  }

  put(slot: number, view: DataView, start: number, end: number): void {
    let word = slot * this.#wordsASlot;
    let at = start;
    for (; at <= end - 4; at += 4) this.#words[word++] = view.getInt32(at, true);
    if (at < end) this.#words[word] = view.getInt32(end - 4, true);
  }
}
