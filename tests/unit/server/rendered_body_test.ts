import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { RenderedBody } from "../../../lib/server/rendered_body.ts";

/** Larger than what is there to encode into, and with characters of one to four bytes on the way. */
const PIECES = Array.from({ length: 3_000 }, (_, index) => `${index} ä€😀 ${"x".repeat(index % 400)}\n`);
const TEXT = PIECES.join("");

Deno.test("RenderedBody joins its pieces, plain and gzipped", () => {
  assert.equal(new TextDecoder().decode(new RenderedBody(PIECES).plain()), TEXT);
  assert.equal(gunzipSync(new RenderedBody(PIECES).gzipped()).toString(), TEXT);
  assert.equal(new RenderedBody([]).plain().length, 0);
  assert.equal(gunzipSync(new RenderedBody([""]).gzipped()).length, 0);
});

Deno.test("RenderedBody encodes once, and keeps what it encoded", () => {
  const body = new RenderedBody(["a 1\n"]);
  const [plain, gzipped] = [body.plain(), body.gzipped()];
  new RenderedBody(PIECES).plain();
  assert.ok(body.plain() === plain && body.gzipped() === gzipped);
  assert.equal(new TextDecoder().decode(plain), "a 1\n");
  assert.equal(gunzipSync(gzipped).toString(), "a 1\n");
});
