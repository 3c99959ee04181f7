const NEWLINE = 0x0a;
const NUL = 0;
/** About as many bytes of lines as one block has: all of it is folded before anyone who asks something is answered. */
const BLOCK_BYTES = 64 * 1024;
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/** What one `take` found: whole lines, a line given up, or nothing that is finished yet. */
export type SplitPiece =
  /** `sizeBytes`: what the lines took, newlines included. */
  | { readonly kind: "lines"; readonly consumedBytes: number; readonly lines: Uint8Array; readonly sizeBytes: number }
  | { readonly kind: "too_long"; readonly consumedBytes: number }
  | { readonly kind: "nothing"; readonly consumedBytes: number };

/** Where a stream of lines is to be read on from after a restart. */
export interface SplitPlace {
  /** End of the last whole line, in bytes from the start of the stream. */
  readonly offsetBytes: number;
  /** The bytes at the offset are the rest of a line that was given up: skip to the next newline. */
  readonly skipping: boolean;
}

/**
 * Cuts a stream of bytes into lines, a block of lines at a time: up to the last newline within `BLOCK_BYTES`.
 * Cutting bytes, not characters, keeps a character that lies across two chunks whole.
 *
 * - A line over `lineMaxBytes` is given up as soon as it is known to be too long, and skipped without being kept.
 * - A byte order mark at offset 0 is dropped.
 * - "\r\n" stays as it is: a carriage return is white space to a JSON parser, and looking for it would cost every line.
 * - NUL bytes before a line are a hole, not content. A writer that does not append (Prodigy after its own rotation)
 *   leaves one from 0 to its old place when its file is truncated; a power cut leaves others. They are dropped where a
 *   block would begin with them, however long; shorter ones within a block are left to whoever reads its lines, who
 *   sees each line's first byte anyway.
 *
 * Each `take` moves the place by what it gives back and no further, so the caller may stop between any two of them.
 */
export class LineSplitter {
  readonly #lineMaxBytes: number;
  #offsetBytes: number;
  #skipping: boolean;
  #partial: Uint8Array[] = [];
  #partialBytes = 0;

  constructor(options: { readonly lineMaxBytes: number; readonly from?: SplitPlace }) {
    this.#lineMaxBytes = options.lineMaxBytes;
    this.#offsetBytes = options.from?.offsetBytes ?? 0;
    this.#skipping = options.from?.skipping ?? false;
  }

  get place(): SplitPlace {
    return { offsetBytes: this.#offsetBytes, skipping: this.#skipping };
  }

  /** Where the next byte to be taken lies: the offset and the kept bytes of an unfinished line after it. */
  get positionBytes(): number {
    return this.#offsetBytes + this.#partialBytes;
  }

  /** Bytes of the unfinished last line; 0 when there is none or it is being skipped. */
  get partialBytes(): number {
    return this.#partialBytes;
  }

  /** Goes to another place and forgets the unfinished line. */
  moveTo(place: SplitPlace): void {
    this.#offsetBytes = place.offsetBytes;
    this.#skipping = place.skipping;
    this.#dropPartial();
  }

  /**
   * Takes bytes from the front of `bytes`, at least one; call again with the rest until all are consumed.
   * Keeps copies only, so `bytes` may be a buffer that is used again; the lines it gives back may lie in it.
   */
  take(bytes: Uint8Array): SplitPiece {
    if (this.#skipping) return this.#skip(bytes);
    if (this.#partialBytes === 0 && bytes[0] === NUL) return this.#dropHole(bytes);
    const first = bytes.indexOf(NEWLINE);
    if (first === -1) return this.#keep(bytes);
    if (this.#partialBytes + first > this.#lineMaxBytes) {
      this.#advance(this.#partialBytes + first + 1);
      return { kind: "too_long", consumedBytes: first + 1 };
    }
    // A line that was begun before goes by itself: it must be put together, and the others need no copy.
    return this.#cut(bytes, this.#partialBytes > 0 ? first : this.#lastNewline(bytes, first));
  }

  #skip(bytes: Uint8Array): SplitPiece {
    const newline = bytes.indexOf(NEWLINE);
    const consumedBytes = newline === -1 ? bytes.length : newline + 1;
    this.#skipping = newline === -1;
    this.#offsetBytes += consumedBytes;
    return { kind: "nothing", consumedBytes };
  }

  #dropHole(bytes: Uint8Array): SplitPiece {
    const content = bytes.findIndex((byte) => byte !== NUL);
    const consumedBytes = content === -1 ? bytes.length : content;
    this.#offsetBytes += consumedBytes;
    return { kind: "nothing", consumedBytes };
  }

  #keep(bytes: Uint8Array): SplitPiece {
    const consumedBytes = bytes.length;
    if (this.#partialBytes + consumedBytes > this.#lineMaxBytes) {
      this.#advance(this.#partialBytes + consumedBytes);
      this.#skipping = true;
      return { kind: "too_long", consumedBytes };
    }
    this.#partial.push(bytes.slice());
    this.#partialBytes += consumedBytes;
    return { kind: "nothing", consumedBytes };
  }

  /** The newline up to which every line is short enough, given that the first line is. */
  #lastNewline(bytes: Uint8Array, first: number): number {
    // No line within the chunk can be longer than the chunk: the usual case needs no look at each line.
    if (bytes.length <= this.#lineMaxBytes) return Math.max(first, bytes.lastIndexOf(NEWLINE, BLOCK_BYTES));
    let last = first;
    for (;;) {
      const next = bytes.indexOf(NEWLINE, last + 1);
      if (next === -1 || next > BLOCK_BYTES || next - last - 1 > this.#lineMaxBytes) return last;
      last = next;
    }
  }

  #cut(bytes: Uint8Array, lastNewline: number): SplitPiece {
    const consumedBytes = lastNewline + 1;
    const sizeBytes = this.#partialBytes + consumedBytes;
    const lines = this.#withoutMark(this.#withPartial(bytes.subarray(0, lastNewline)));
    this.#advance(sizeBytes);
    return { kind: "lines", consumedBytes, lines, sizeBytes };
  }

  #withPartial(end: Uint8Array): Uint8Array {
    if (this.#partialBytes === 0) return end;
    const joined = new Uint8Array(this.#partialBytes + end.length);
    let at = 0;
    for (const part of [...this.#partial, end]) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  #withoutMark(block: Uint8Array): Uint8Array {
    const hasMark = this.#offsetBytes === 0 && BYTE_ORDER_MARK.every((byte, index) => block[index] === byte);
    return hasMark ? block.subarray(BYTE_ORDER_MARK.length) : block;
  }

  #advance(byBytes: number): void {
    this.#offsetBytes += byBytes;
    this.#dropPartial();
  }

  #dropPartial(): void {
    if (this.#partialBytes === 0) return;
    this.#partial = [];
    this.#partialBytes = 0;
  }
}
