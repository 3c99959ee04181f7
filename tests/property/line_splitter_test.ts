import assert from "node:assert/strict";
import fc from "fast-check";
import { textOf } from "../../lib/source/line_block.ts";
import { LineSplitter } from "../../lib/source/line_splitter.ts";

/** Bytes that make trouble: newlines, carriage returns, NUL, marks, and characters of one to four bytes. */
const content = fc.array(
  fc.constantFrom("a", "bc", "\n", "\n", "\r\n", "\0", "\0\0\0", "ä", "€", "🦕", "\uFEFF", "0123456789", "\n\n"),
  { maxLength: 60 },
).map((parts) => new TextEncoder().encode(parts.join("")));

function split(bytes: Uint8Array, cuts: readonly number[], lineMaxBytes: number): unknown {
  const splitter = new LineSplitter({ lineMaxBytes });
  const lines: string[] = [];
  let tooLong = 0;
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    // A copy, so that a splitter which looked beyond its chunk would be caught.
    let rest = bytes.slice(from, end);
    while (rest.length > 0) {
      const piece = splitter.take(rest);
      assert.ok(piece.consumedBytes > 0 && piece.consumedBytes <= rest.length);
      if (piece.kind === "lines") lines.push(...textOf(piece.lines).split("\n"));
      if (piece.kind === "too_long") tooLong++;
      rest = rest.subarray(piece.consumedBytes);
    }
    from = end;
  }
  return { lines, tooLong, place: splitter.place, positionBytes: splitter.positionBytes };
}

Deno.test("LineSplitter gives the same lines and offsets however the bytes are cut", () => {
  fc.assert(
    fc.property(content, fc.array(fc.nat(), { maxLength: 20 }), fc.integer({ min: 0, max: 40 }), (bytes, cuts, max) => {
      assert.deepEqual(split(bytes, cuts, max), split(bytes, [], max));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("LineSplitter gives what a plain split gives when no line is too long", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat()), (parts, cuts) => {
      const lines = parts.map((part) => part.replaceAll(/[\n\0\uFEFF]/g, ""));
      const bytes = new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
      assert.deepEqual(split(bytes, cuts, 10_000), {
        lines: lines.map((line) => line.toWellFormed()),
        tooLong: 0,
        place: { offsetBytes: bytes.length, skipping: false },
        positionBytes: bytes.length,
      });
    }),
  );
});

Deno.test("LineSplitter reads on from its place as if it had never stopped", () => {
  fc.assert(
    fc.property(content, fc.nat(), fc.integer({ min: 0, max: 40 }), (bytes, cut, lineMaxBytes) => {
      const at = cut % (bytes.length + 1);
      const before = collect(new LineSplitter({ lineMaxBytes }), bytes.subarray(0, at));
      const resumed = new LineSplitter({ lineMaxBytes, from: before.splitter.place });
      const after = collect(resumed, bytes.subarray(before.splitter.place.offsetBytes));
      const whole = collect(new LineSplitter({ lineMaxBytes }), bytes);
      assert.deepEqual([...before.found, ...after.found], whole.found);
      assert.deepEqual(resumed.place, whole.splitter.place);
    }),
    { numRuns: 1_000 },
  );
});

function collect(splitter: LineSplitter, bytes: Uint8Array): { splitter: LineSplitter; found: readonly string[] } {
  const found: string[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const piece = splitter.take(rest);
    if (piece.kind === "lines") found.push(...textOf(piece.lines).split("\n"));
    if (piece.kind === "too_long") found.push("<too long>");
    rest = rest.subarray(piece.consumedBytes);
  }
  return { splitter, found };
}
