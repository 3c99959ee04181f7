/** ASCII text to be found in bytes, compared four bytes at a time. */
export class Literal {
  readonly length: number;
  /** Its first four bytes, and the two after them. */
  readonly four: number;
  readonly nextTwo: number;
  readonly #words: Int32Array;
  readonly #last: number;

  /** @param text six characters or more */
  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.four = view.getInt32(0, true);
    this.nextTwo = view.getUint16(4, true);
    this.#words = Int32Array.from({ length: bytes.length >> 2 }, (_, word) => view.getInt32(word * 4, true));
    this.#last = view.getInt32(bytes.length - 4, true);
  }

  isAt(view: DataView, at: number): boolean {
    const words = this.#words;
    for (let word = 0; word < words.length; word++) {
      if (view.getInt32(at + word * 4, true) !== words[word]) return false;
    }
    return view.getInt32(at + this.length - 4, true) === this.#last;
  }
}
