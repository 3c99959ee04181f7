/** What was read of a file from some offset on. Offsets are in bytes. */
export type LinePiece =
  /** Whole lines, joined by "\n"; reading goes on at `endOffset`. */
  | { readonly kind: "lines"; readonly text: string; readonly endOffset: number }
  /** What stands after the last newline at the end of the file; it may still grow. */
  | { readonly kind: "tail"; readonly text: string; readonly endOffset: number }
  /** A part of a line longer than the limit; `isInside` tells whether the line goes on after it. */
  | { readonly kind: "skipped"; readonly isStart: boolean; readonly isInside: boolean; readonly endOffset: number };

/** A reading slice of about a millisecond. */
export const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/**
 * Reads a file's lines in chunks. A line longer than `lineMaxBytes` is skipped without being held in memory; one
 * between the chunk's size and that limit is read with a larger buffer.
 *
 * @param start.isInside The offset lies inside a line that is being skipped.
 */
export function* readLinePieces(
  file: Deno.FsFile,
  start: { readonly offset: number; readonly isInside: boolean },
  lineMaxBytes: number,
): Generator<LinePiece, void> {
  const decoder = new TextDecoder();
  let { offset, isInside } = start;
  // Appended lines are short: no large buffer for them.
  let buffer = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(1024, file.statSync().size - offset + 1)));
  for (;;) {
    const chunk = buffer.subarray(0, readAt(file, offset, buffer));
    if (chunk.length === 0) return;
    if (isInside) {
      const end = chunk.indexOf(NEWLINE);
      isInside = end === -1;
      offset += isInside ? chunk.length : end + 1;
      yield { kind: "skipped", isStart: false, isInside, endOffset: offset };
      continue;
    }
    const end = chunk.lastIndexOf(NEWLINE);
    if (end !== -1) {
      offset += end + 1;
      yield { kind: "lines", text: decoder.decode(chunk.subarray(0, end)), endOffset: offset };
      if (buffer.length > CHUNK_BYTES) buffer = new Uint8Array(CHUNK_BYTES);
    } else if (chunk.length > lineMaxBytes) {
      offset += chunk.length;
      isInside = true;
      yield { kind: "skipped", isStart: true, isInside, endOffset: offset };
      buffer = new Uint8Array(CHUNK_BYTES);
    } else if (chunk.length < buffer.length) {
      yield { kind: "tail", text: decoder.decode(chunk), endOffset: offset + chunk.length };
      return;
    } else {
      buffer = new Uint8Array(Math.min(buffer.length * 4, Math.max(CHUNK_BYTES, lineMaxBytes + 1)));
    }
  }
}

/** Fills the buffer as far as the file goes. */
function readAt(file: Deno.FsFile, offset: number, buffer: Uint8Array): number {
  file.seekSync(offset, Deno.SeekMode.Start);
  let length = 0;
  while (length < buffer.length) {
    const read = file.readSync(buffer.subarray(length));
    if (read === null || read === 0) break;
    length += read;
  }
  return length;
}
