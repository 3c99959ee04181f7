import { gzipSync } from "node:zlib";

/** Level 1 is half of the default's time for about a tenth more bytes, and the receiver is near. */
const GZIP_LEVEL = 1;
const FIRST_BYTES = 256 * 1024;

/** Encodes into memory that it uses again: memory that is new each time costs more than the encoding. */
class PieceEncoder {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(FIRST_BYTES);

  /** @returns bytes that last until the next call */
  encode(pieces: readonly string[]): Uint8Array<ArrayBuffer> {
    let length = 0;
    for (const piece of pieces) length += this.#encodeAt(length, piece);
    return this.#bytes.subarray(0, length);
  }

  #encodeAt(start: number, piece: string): number {
    for (;;) {
      const { read, written } = this.#encoder.encodeInto(piece, this.#bytes.subarray(start));
      if (read === piece.length) return written;
      const more = new Uint8Array(this.#bytes.length * 2);
      more.set(this.#bytes.subarray(0, start));
      this.#bytes = more;
    }
  }
}

const ENCODER = new PieceEncoder();

/** A rendered body, encoded once for everybody who asks for it. */
export class RenderedBody {
  readonly #pieces: readonly string[];
  #plain: Uint8Array<ArrayBuffer> | null = null;
  #gzipped: Uint8Array<ArrayBuffer> | null = null;

  /** @param pieces Its text, one after the other. */
  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  plain(): Uint8Array<ArrayBuffer> {
    return this.#plain ??= ENCODER.encode(this.#pieces).slice();
  }

  gzipped(): Uint8Array<ArrayBuffer> {
    return this.#gzipped ??= new Uint8Array(gzipSync(ENCODER.encode(this.#pieces), { level: GZIP_LEVEL }));
  }
}
