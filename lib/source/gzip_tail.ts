import { gunzipSync } from "node:zlib";
import { FILE_START, type FilePlace } from "./file_place.ts";
import { fingerprintAt, readAt, type Tail, type TailOptions, type TailPiece } from "./file_tail.ts";
import { type Fingerprint, FINGERPRINT_BYTES, fingerprintOf, sameFingerprint } from "./fingerprint.ts";
import { LineSplitter } from "./line_splitter.ts";

/** The place in a gzip file that is to be left unread, whatever it holds. */
export const GZIP_END: FilePlace = { ...FILE_START, offsetBytes: Number.MAX_SAFE_INTEGER };

/** Whether the file begins with gzip's magic bytes. Prodigy's rotated `.jsonl.gz` files are plain text and do not. */
export function isGzip(file: Deno.FsFile): boolean {
  const magic = new Uint8Array(2);
  return readAt(file, 0, magic) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
}

/**
 * The lines of a real gzip file. Places in it count unpacked bytes, its head is that of the packed ones.
 *
 * It is unpacked at once, into at most `gzipMaxBytes`, because `DecompressionStream` is asynchronous and a look is not,
 * and because its content must be compared with what was read before, far behind its start. That happens once per file,
 * takes some 25 ms per 10 MB, and occurs only where somebody packs event files; Prodigy does not.
 */
export class GzipTail implements Tail {
  readonly #file: Deno.FsFile;
  readonly #chunkBytes: number;
  readonly #lineMaxBytes: number;
  readonly #gzipMaxBytes: number;
  #place: FilePlace;
  #content: Uint8Array | null = null;
  #seenBytes = 0;
  #isDoubtful = true;

  constructor(file: Deno.FsFile, options: TailOptions & { readonly gzipMaxBytes: number }) {
    this.#file = file;
    this.#chunkBytes = options.buffer.length;
    this.#lineMaxBytes = options.lineMaxBytes;
    this.#gzipMaxBytes = options.gzipMaxBytes;
    this.#place = options.from;
  }

  get place(): FilePlace {
    return this.#place;
  }

  /** Size of the packed file when it was read; 0 before. */
  get seenBytes(): number {
    return this.#seenBytes;
  }

  /** A packed file is not written on: an unfinished last line is given up. */
  get hasPartialLine(): boolean {
    return false;
  }

  stat(): Deno.FileInfo {
    return this.#file.statSync();
  }

  /** Makes the next read look whether the file has changed. */
  doubtHead(): void {
    this.#isDoubtful = true;
  }

  moveTo(place: FilePlace): void {
    this.#place = place;
  }

  contentBytes(): number {
    return this.#unpacked().length;
  }

  fingerprintAt(offsetBytes: number, lengthBytes: number): Fingerprint {
    return fingerprintOf(this.#unpacked().subarray(offsetBytes, offsetBytes + lengthBytes));
  }

  /** @throws {Error} what the file system says; when the file holds too much, or is no whole gzip file (yet) */
  *read(): Generator<TailPiece> {
    if (!this.#isDoubtful) return;
    const { size } = this.stat();
    const head = fingerprintAt(this.#file, 0, FINGERPRINT_BYTES);
    if (size === this.#seenBytes && sameFingerprint(head, this.#place.head)) {
      this.#isDoubtful = false;
      return;
    }
    if (this.#place.head.lengthBytes > 0 && !sameFingerprint(this.#place.head, head)) {
      const before = this.#place;
      this.#place = FILE_START;
      yield { kind: "accident", decision: "rewritten", before, partialLost: false };
    }
    if (this.#place.offsetBytes !== GZIP_END.offsetBytes) yield* this.#readLines(this.#unpacked(), head);
    this.#content = null;
    this.#seenBytes = size;
    this.#isDoubtful = false;
  }

  close(): void {
    this.#content = null;
    this.#file.close();
  }

  *#readLines(content: Uint8Array, head: Fingerprint): Generator<TailPiece> {
    const splitter = new LineSplitter({ lineMaxBytes: this.#lineMaxBytes, from: this.#place });
    while (splitter.positionBytes < content.length) {
      const from = splitter.positionBytes;
      const piece = splitter.take(content.subarray(from, from + this.#chunkBytes));
      this.#place = { ...FILE_START, ...splitter.place, head };
      if (piece.kind !== "nothing") yield piece;
    }
    if (splitter.partialBytes === 0) return;
    this.#place = { ...FILE_START, offsetBytes: content.length, head };
    yield { kind: "unterminated" };
  }

  #unpacked(): Uint8Array {
    this.#content ??= unpack(this.#file, this.#gzipMaxBytes);
    return this.#content;
  }
}

function unpack(file: Deno.FsFile, maxBytes: number): Uint8Array {
  const { size } = file.statSync();
  if (size > maxBytes) throw new RangeError(`Cannot unpack as the file is larger than ${maxBytes} bytes`);
  const packed = new Uint8Array(size);
  try {
    return gunzipSync(packed.subarray(0, readAt(file, 0, packed)), { maxOutputLength: maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError) throw new RangeError(`Cannot unpack into ${maxBytes} bytes`, { cause });
    throw new Error("Cannot unpack as it is no whole gzip file", { cause });
  }
}
