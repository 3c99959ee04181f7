import { type EncodedPieces, PiecewiseGzip } from "./piecewise_gzip.ts";

const FIRST_BYTES = 256 * 1024;

/** Encodes into memory that it uses again: memory that is new each time costs more than the encoding. */
class PieceEncoder {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(FIRST_BYTES);

  /** @returns bytes that last until the next call */
  encode(pieces: readonly string[]): EncodedPieces {
    const ends: number[] = [];
    let length = 0;
    for (const piece of pieces) ends.push(length += this.#encodeAt(length, piece));
    return { pieces, bytes: this.#bytes.subarray(0, length), ends };
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
  readonly #gzip: PiecewiseGzip;
  #plain: Uint8Array<ArrayBuffer> | null = null;
  #gzipped: Uint8Array<ArrayBuffer> | null = null;

  /**
   * @param pieces Its text, one after the other.
   * @param gzip that of bodies which had much in common with it
   */
  constructor(pieces: readonly string[], gzip = new PiecewiseGzip()) {
    this.#pieces = pieces;
    this.#gzip = gzip;
  }

  plain(): Uint8Array<ArrayBuffer> {
    return this.#plain ??= ENCODER.encode(this.#pieces).bytes.slice();
  }

  gzipped(): Uint8Array<ArrayBuffer> {
    return this.#gzipped ??= this.#gzip.gzip(ENCODER.encode(this.#pieces));
  }
}
