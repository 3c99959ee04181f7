/** Chunks kept for reuse: memory that is new to the process costs more than copying into it. */
const SPARE_CHUNKS = 4;

interface Chunk<P> {
  readonly buffer: Uint8Array;
  sizeBytes: number;
  /** Of the frame that was put in last. */
  position: P;
}

/** Whole lines, in the order they came, copied into chunks that are used again. `P` says where a frame's lines end. */
export class LineQueue<P> {
  readonly #chunkBytes: number;
  readonly #chunks: Chunk<P>[] = [];
  #sizeBytes = 0;
  readonly #spare: Uint8Array[] = [];

  /** @param chunkBytes What a chunk takes, unless one frame is larger. */
  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  /** Bytes of lines in the queue. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  put(parts: readonly Uint8Array[], sizeBytes: number, position: P): void {
    const chunk = this.#room(sizeBytes, position);
    for (const part of parts) {
      chunk.buffer.set(part, chunk.sizeBytes);
      chunk.sizeBytes += part.length;
    }
    chunk.position = position;
    this.#sizeBytes += sizeBytes;
  }

  /** The oldest lines, as one block; its bytes hold until `reuse`. `null`: there are none. */
  take(): { readonly bytes: Uint8Array; readonly position: P } | null {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return null;
    this.#sizeBytes -= chunk.sizeBytes;
    return { bytes: chunk.buffer.subarray(0, chunk.sizeBytes), position: chunk.position };
  }

  /** Tells that the bytes of a block are not needed any more. */
  reuse({ buffer }: Uint8Array): void {
    if (buffer.byteLength === this.#chunkBytes && this.#spare.length < SPARE_CHUNKS) {
      this.#spare.push(new Uint8Array(buffer));
    }
  }

  #room(sizeBytes: number, position: P): Chunk<P> {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.sizeBytes + sizeBytes <= last.buffer.length) return last;
    const buffer = sizeBytes > this.#chunkBytes
      ? new Uint8Array(sizeBytes)
      : this.#spare.pop() ?? new Uint8Array(this.#chunkBytes);
    const chunk = { buffer, sizeBytes: 0, position };
    this.#chunks.push(chunk);
    return chunk;
  }
}
