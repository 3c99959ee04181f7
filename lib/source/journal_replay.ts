const READ_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads the file at `path` from `offset` in blocks of whole lines; `endOffset` is the offset after a block. What follows
 * the last newline is left out: the write of that line was cut short.
 *
 * @throws {Error} when the file cannot be opened or read.
 */
export function* readWholeLines(
  path: string,
  offset: number,
): Iterable<{ readonly lines: Uint8Array; readonly endOffset: number }> {
  using file = Deno.openSync(path);
  file.seekSync(offset, Deno.SeekMode.Start);
  let endOffset = offset;
  let buffer = new Uint8Array(READ_BYTES);
  let filled = 0;
  for (;;) {
    if (filled === buffer.length) buffer = enlarge(buffer);
    const length = file.readSync(buffer.subarray(filled));
    if (length === null) return;
    filled += length;
    const linesEnd = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
    if (linesEnd === 0) continue;
    const lines = buffer.slice(0, linesEnd);
    buffer.copyWithin(0, linesEnd, filled);
    filled -= linesEnd;
    endOffset += linesEnd;
    yield { lines, endOffset };
  }
}

/** Lines are as long as `line_max_bytes` was when they arrived, so the buffer grows until one fits. */
function enlarge(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(buffer.length * 2);
  larger.set(buffer);
  return larger;
}
