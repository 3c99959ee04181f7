import assert from "node:assert/strict";
import { KNOWN_BYTES_REACH, KnownBytes } from "../../../lib/event/known_bytes.ts";

function viewOf(text: string): DataView {
  const bytes = new Uint8Array(text.length + KNOWN_BYTES_REACH);
  new TextEncoder().encodeInto(text, bytes);
  return new DataView(bytes.buffer);
}

const PIECE = ',"metadata":{"host":"localhost","thread":"tokio-rt-worker","pid":23682}}';

Deno.test("KnownBytes.lengthAt() knows a piece by all its bytes, wherever it stands", () => {
  const known = new KnownBytes();
  assert.equal(known.lengthAt(viewOf(PIECE), 0), 0);
  known.remember(viewOf(`abc${PIECE}`), 3, 3 + PIECE.length, "told");
  assert.equal(known.lengthAt(viewOf(`${PIECE}, more`), 0), PIECE.length);
  assert.equal(known.text, "told");
  for (let at = 0; at < PIECE.length; at++) {
    const changed = `${PIECE.slice(0, at)}~${PIECE.slice(at + 1)}`;
    assert.equal(known.lengthAt(viewOf(changed), 0), 0, changed);
    assert.equal(known.lengthAt(viewOf(PIECE.slice(0, at)), 0), 0, `cut at ${at}`);
  }
});

Deno.test("KnownBytes.lengthAt() knows pieces of any length up to 128 bytes", () => {
  for (let length = 4; length <= 129; length++) {
    const known = new KnownBytes();
    const piece = "x".repeat(length);
    known.remember(viewOf(piece), 0, length);
    assert.equal(known.lengthAt(viewOf(piece), 0), length <= 128 ? length : 0);
  }
});

Deno.test("KnownBytes.remember() keeps the six orders of Prodigy's metadata apart", () => {
  const members = ['"host":"localhost"', '"thread":"tokio-rt-worker"', '"pid":23682'];
  const orders = members.flatMap((first) =>
    members.filter((one) => one !== first).map((second) =>
      [first, second, members.find((one) => one !== first && one !== second)].join(",")
    )
  ).map((order) => `,"metadata":{${order}}}\n{"id":"`);
  const known = new KnownBytes();
  for (const order of orders) known.remember(viewOf(order), 0, order.length);
  assert.deepEqual(orders.map((order) => known.lengthAt(viewOf(order), 0)), orders.map((order) => order.length));
});
