import { constants, crc32, deflateRawSync } from "node:zlib";

/** A text as bytes, and where in them each of the pieces it is made of ends. */
export interface EncodedPieces {
  readonly pieces: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
}

/** One long piece or some short ones in a row, compressed without regard to what is before or after them. */
interface Part {
  readonly pieces: readonly string[];
  readonly deflated: Uint8Array;
}

/** Half of the default's time for about a tenth more bytes, and the receiver is near. */
const LEVEL = 1;
/** The default's 8 takes more than a quarter of a megabyte to begin with: longer than compressing a few kilobytes. */
const MEM_LEVEL = 5;
/** Worth a part of its own. All shorter ones in a row are a part. */
const LONG_PIECE = 16 * 1024;
/** RFC 1952: deflated, no name, no time, from an unknown system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
const TRAILER_BYTES = 8;
/** An empty last block: those before it end with a flush, after which RFC 1951 lets anything follow. */
const END = deflateRawSync(new Uint8Array());

/**
 * Compresses one text after another, each mostly made of the same pieces as the one before: of a scrape's hundreds of
 * kilobytes little has changed since the last one, and to compress them all is a quarter of answering it.
 */
export class PiecewiseGzip {
  #parts: readonly Part[] = [];

  gzip(text: EncodedPieces): Uint8Array<ArrayBuffer> {
    this.#parts = this.#compress(text);
    const trailer = new Uint8Array(TRAILER_BYTES);
    const view = new DataView(trailer.buffer);
    view.setUint32(0, crc32(text.bytes), true);
    view.setUint32(4, text.bytes.length, true);
    return joined([HEADER, ...this.#parts.map(({ deflated }) => deflated), END, trailer]);
  }

  #compress({ pieces, bytes, ends }: EncodedPieces): readonly Part[] {
    const parts: Part[] = [];
    let start = 0;
    for (let first = 0; first < pieces.length;) {
      const next = partEnd(pieces, first);
      const end = ends[next - 1] ?? start;
      const part = pieces.slice(first, next);
      const former = this.#parts[parts.length];
      parts.push(
        former !== undefined && isSame(former.pieces, part)
          ? former
          : { pieces: part, deflated: deflated(bytes.subarray(start, end)) },
      );
      first = next;
      start = end;
    }
    return parts;
  }
}

/** A copy, as zlib's own bytes lie in a larger block that would be kept with them. */
function deflated(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(
    deflateRawSync(bytes, { level: LEVEL, memLevel: MEM_LEVEL, finishFlush: constants.Z_SYNC_FLUSH }),
  );
}

/** @returns the piece after the part's last one. */
function partEnd(pieces: readonly string[], first: number): number {
  const isLong = (index: number): boolean => (pieces[index]?.length ?? 0) >= LONG_PIECE;
  let end = first + 1;
  if (isLong(first)) return end;
  while (end < pieces.length && !isLong(end)) end++;
  return end;
}

/** Texts that have not changed are the same object, which comparing sees at once. */
function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((piece, index) => piece === other[index]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
