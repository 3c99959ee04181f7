import assert from "node:assert/strict";
import fc from "fast-check";
import { PiecewiseGzip } from "../../lib/server/piecewise_gzip.ts";
import { RenderedBody } from "../../lib/server/rendered_body.ts";

/** Short ones, and some that are long enough to be compressed apart; of one to four bytes a character. */
const PIECE = fc.oneof(
  fc.constantFrom("", "\n", "a 1\n", "ä€😀\n"),
  fc.tuple(fc.constantFrom("a", "ä", "€", "😀"), fc.integer({ min: 1, max: 40_000 })).map(([one, length]) =>
    one.repeat(length)
  ),
);
const BODIES = fc.array(fc.array(PIECE, { maxLength: 8 }), { minLength: 1, maxLength: 6 });

/** Another reader than the one that belongs to the writer; it takes nothing after the end, and no wrong sum. */
async function unzipped(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

Deno.test("what PiecewiseGzip compresses is what it was given, whatever it was given before", async () => {
  const gzip = new PiecewiseGzip();
  await fc.assert(fc.asyncProperty(BODIES, async (bodies) => {
    let pieces: readonly string[] = [];
    for (const body of bodies) {
      // Some of the pieces before, and the new ones.
      pieces = [...pieces.slice(0, body.length), ...body];
      const bytes = new RenderedBody(pieces, gzip).gzipped();
      assert.equal(await unzipped(bytes), pieces.join(""));
      assert.deepEqual(bytes, new RenderedBody(pieces).gzipped());
    }
  }));
});

Deno.test("PiecewiseGzip compresses what has not changed once", () => {
  const gzip = new PiecewiseGzip();
  const piece = Array.from({ length: 100_000 }, (_, index) => Math.imul(index, 0x9e3779b1)).join("\n");
  const timeMs = (...pieces: readonly string[]): number => {
    const startMs = performance.now();
    new RenderedBody(pieces, gzip).gzipped();
    return performance.now() - startMs;
  };
  const pairs = Array.from({ length: 5 }, (_, round) => [timeMs(`${round}${piece}`), timeMs(`${round}${piece}`)]);
  const best = (which: 0 | 1): number => Math.min(...pairs.map((pair) => pair[which] ?? NaN));
  assert.ok(best(1) < best(0) / 3, `${best(1)} ms, and ${best(0)} ms when it has changed`);
});
