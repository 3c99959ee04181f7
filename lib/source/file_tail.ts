import {
  EMPTY_FINGERPRINT,
  type Fingerprint,
  FINGERPRINT_BYTES,
  fingerprintOf,
  sameFingerprint,
} from "./fingerprint.ts";
import { FILE_START, type FilePlace } from "./file_place.ts";
import { LineSplitter, type SplitPiece } from "./line_splitter.ts";
import { type ContentDecision, decideContent, type ReadContent, type SeenContent } from "./tail_decision.ts";

/** The file no longer holds what was read from it; the tail has gone back to where it may read on. */
export interface ContentAccident {
  readonly kind: "accident";
  readonly decision: Exclude<ContentDecision, "unchanged" | "grown">;
  /** Where the tail was before. */
  readonly before: FilePlace;
  /** An unfinished line was kept, and its end will never come. */
  readonly partialLost: boolean;
}

/** Lines, lines given up, and what happened to the file. The place is right after the last piece, whenever it is read. */
export type TailPiece =
  | Exclude<SplitPiece, { readonly kind: "nothing" }>
  | { readonly kind: "unterminated" }
  | ContentAccident;

/** An open file. */
export interface Tail {
  readonly place: FilePlace;
  /** How much of the file was looked at, in its own bytes. */
  readonly seenBytes: number;
  readonly hasPartialLine: boolean;
  /** Size and parts of the content, to compare it with what was read before. */
  contentBytes(): number;
  fingerprintAt(offsetBytes: number, lengthBytes: number): Fingerprint;
  /** Begins elsewhere. Only before the first read. */
  moveTo(place: FilePlace): void;
  stat(): Deno.FileInfo;
  /** Makes the next read compare the file's head even if nothing has been appended. */
  doubtHead(): void;
  read(): Generator<TailPiece>;
  close(): void;
}

export interface TailOptions {
  readonly from: FilePlace;
  readonly lineMaxBytes: number;
  /** Shared by all tails: what a chunk is read into; at least 64 KiB. */
  readonly buffer: Uint8Array;
}

/**
 * One open file, read from its place to its end as of now, again and again while it grows.
 *
 * Every read begins 256 bytes early and compares them with what was read there before, and when there is something new
 * the file's first bytes are compared too, *after* the read: so a truncation cannot slip in between check and read, and
 * a file that was truncated and has grown past the old place is noticed before any of its bytes are taken for a
 * continuation. Both together cost less than one stat.
 */
export class FileTail implements Tail {
  readonly #file: Deno.FsFile;
  readonly #buffer: Uint8Array;
  readonly #splitter: LineSplitter;
  #head = EMPTY_FINGERPRINT;
  #beforeOffset = EMPTY_FINGERPRINT;
  #beforePosition = EMPTY_FINGERPRINT;
  /** The offset `#beforeOffset` belongs to. */
  #rememberedOffsetBytes = 0;
  #headIsDoubtful = true;

  constructor(file: Deno.FsFile, options: TailOptions) {
    this.#file = file;
    this.#buffer = options.buffer;
    this.#splitter = new LineSplitter({ lineMaxBytes: options.lineMaxBytes });
    this.moveTo(options.from);
  }

  get place(): FilePlace {
    return { ...this.#splitter.place, head: this.#head, beforeOffset: this.#beforeOffset };
  }

  get seenBytes(): number {
    return this.#splitter.positionBytes;
  }

  get hasPartialLine(): boolean {
    return this.#splitter.partialBytes > 0;
  }

  contentBytes(): number {
    return this.stat().size;
  }

  fingerprintAt(offsetBytes: number, lengthBytes: number): Fingerprint {
    return fingerprintAt(this.#file, offsetBytes, lengthBytes);
  }

  moveTo(place: FilePlace): void {
    this.#splitter.moveTo(place);
    this.#head = place.head;
    this.#beforeOffset = place.beforeOffset;
    this.#beforePosition = place.beforeOffset;
    this.#rememberedOffsetBytes = place.offsetBytes;
  }

  stat(): Deno.FileInfo {
    return this.#file.statSync();
  }

  doubtHead(): void {
    this.#headIsDoubtful = true;
  }

  /**
   * Reads to the end. May be stopped after any piece; the place is then right after that piece.
   * A file that grows while it is read is read to the size it had at the second chunk, so that one writer cannot keep
   * the others waiting.
   *
   * @throws {Error} what the file system says
   */
  *read(): Generator<TailPiece> {
    let limitBytes: number | null = null;
    for (;;) {
      const base = this.seenBytes - this.#beforePosition.lengthBytes;
      const chunk = this.#buffer.subarray(0, readAt(this.#file, base, this.#buffer));
      if (!this.#continues(chunk)) {
        const accident = this.#goBack();
        if (accident === null) return;
        yield accident;
        continue;
      }
      yield* this.#takeAll(chunk, base);
      if (chunk.length < this.#buffer.length) return;
      limitBytes ??= this.stat().size;
      if (this.seenBytes >= limitBytes) return;
    }
  }

  close(): void {
    this.#file.close();
  }

  *#takeAll(chunk: Uint8Array, base: number): Generator<TailPiece> {
    let rest = chunk.subarray(this.#beforePosition.lengthBytes);
    while (rest.length > 0) {
      const piece = this.#splitter.take(rest);
      rest = rest.subarray(piece.consumedBytes);
      this.#remember(chunk, base);
      if (piece.kind !== "nothing") yield piece;
    }
  }

  #continues(chunk: Uint8Array): boolean {
    const { lengthBytes } = this.#beforePosition;
    if (!sameFingerprint(fingerprintOf(chunk.subarray(0, lengthBytes)), this.#beforePosition)) return false;
    if (chunk.length === lengthBytes && !this.#headIsDoubtful) return true;
    this.#headIsDoubtful = false;
    return sameFingerprint(fingerprintAt(this.#file, 0, this.#head.lengthBytes), this.#head);
  }

  /** `null` when there is no reason to go back after all (the file changed between two looks at it). */
  #goBack(): ContentAccident | null {
    const known: ReadContent = {
      ...this.place,
      positionBytes: this.seenBytes,
      beforePosition: this.#beforePosition,
    };
    const decision = decideContent(known, this.#see(known));
    if (decision === "unchanged" || decision === "grown") return null;
    const before = this.place;
    const partialLost = this.hasPartialLine;
    this.moveTo(decision === "partial_line_lost" ? before : FILE_START);
    return { kind: "accident", decision, before, partialLost };
  }

  #see(known: ReadContent): SeenContent {
    const before = (endBytes: number, { lengthBytes }: Fingerprint): Fingerprint =>
      fingerprintAt(this.#file, endBytes - lengthBytes, lengthBytes);
    return {
      sizeBytes: this.stat().size,
      head: fingerprintAt(this.#file, 0, known.head.lengthBytes),
      beforeOffset: before(known.offsetBytes, known.beforeOffset),
      beforePosition: before(known.positionBytes, known.beforePosition),
    };
  }

  /** @param chunk holds the file's bytes from `base` on, past the position and at least 256 bytes before the offset */
  #remember(chunk: Uint8Array, base: number): void {
    const before = (endBytes: number): Fingerprint =>
      fingerprintOf(chunk.subarray(Math.max(0, endBytes - base - FINGERPRINT_BYTES), endBytes - base));
    const { offsetBytes } = this.#splitter.place;
    this.#beforePosition = before(this.seenBytes);
    if (offsetBytes === this.#rememberedOffsetBytes) return;
    this.#rememberedOffsetBytes = offsetBytes;
    this.#beforeOffset = before(offsetBytes);
    if (this.#head.lengthBytes < FINGERPRINT_BYTES) {
      this.#head = fingerprintAt(this.#file, 0, Math.min(FINGERPRINT_BYTES, offsetBytes));
    }
  }
}

/** One read: a regular file gives fewer bytes than asked for only at its end. */
export function readAt(file: Deno.FsFile, offsetBytes: number, into: Uint8Array): number {
  file.seekSync(offsetBytes, Deno.SeekMode.Start);
  return file.readSync(into) ?? 0;
}

export function fingerprintAt(file: Deno.FsFile, offsetBytes: number, lengthBytes: number): Fingerprint {
  if (lengthBytes === 0) return EMPTY_FINGERPRINT;
  const bytes = new Uint8Array(lengthBytes);
  return fingerprintOf(bytes.subarray(0, readAt(file, offsetBytes, bytes)));
}

/** The place from which only what is written from now on is read. An unfinished last line will be read when it ends. */
export function placeAtEnd(file: Deno.FsFile, buffer: Uint8Array): FilePlace {
  const { size } = file.statSync();
  const from = Math.max(0, size - buffer.length);
  const newline = buffer.subarray(0, readAt(file, from, buffer)).lastIndexOf(0x0a);
  const skipping = newline === -1 && size > 0;
  const offsetBytes = skipping ? size : from + newline + 1;
  const beforeBytes = Math.min(FINGERPRINT_BYTES, offsetBytes);
  return {
    offsetBytes,
    skipping,
    head: fingerprintAt(file, 0, beforeBytes),
    beforeOffset: fingerprintAt(file, offsetBytes - beforeBytes, beforeBytes),
  };
}
