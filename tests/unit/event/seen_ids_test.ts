import assert from "node:assert/strict";
import { captured } from "../../../lib/metrics/capture.ts";
import { SeenIds } from "../../../lib/event/seen_ids.ts";

function ids(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, at) => `id-${from + at}`);
}

Deno.test("SeenIds.add() tells new from seen", () => {
  const seen = new SeenIds(10);
  assert.deepEqual(["a", "b", "a", "", "", "b"].map((id) => seen.add(id)), [true, true, false, true, false, false]);
});

Deno.test("SeenIds.add() tells similar ids apart", () => {
  const seen = new SeenIds(100);
  const similar = ["a", "a\0", "\0a", "aa", "ab", "ba", "\u{1f600}", "\ud83d", "a\ud83d", "ā", "\u0001\u0001", "ā\0"];
  assert.deepEqual(similar.map((id) => seen.add(id)), similar.map(() => true));
});

Deno.test("SeenIds.add() confuses none of 200,000 numbered ids", () => {
  const seen = new SeenIds(200_000);
  const fresh = ids(0, 200_000).filter((id) => seen.add(id));
  assert.equal(fresh.length, 200_000);
});

Deno.test("SeenIds remembers the last capacity ids and forgets after twice that", () => {
  const seen = new SeenIds(100);
  for (const id of ids(0, 300)) seen.add(id);
  assert.deepEqual(ids(200, 300).filter((id) => seen.add(id)), []);
  const other = new SeenIds(100);
  for (const id of ids(0, 300)) other.add(id);
  assert.equal(other.add("id-99"), true);
});

Deno.test("SeenIds keeps an id that is met again", () => {
  const seen = new SeenIds(10);
  seen.add("kept");
  for (let round = 0; round < 20; round++) {
    for (const id of ids(round * 9, round * 9 + 9)) seen.add(id);
    assert.equal(seen.add("kept"), false);
  }
});

Deno.test("SeenIds.load() goes on where capture() was", () => {
  const seen = new SeenIds(50);
  for (const id of ids(0, 120)) seen.add(id);
  const loaded = SeenIds.load(captured(seen.capture()), 50);
  assert.deepEqual(captured(loaded.capture()), captured(seen.capture()));
  const more = [...ids(20, 60), ...ids(110, 140)];
  assert.deepEqual(more.map((id) => loaded.add(id)), more.map((id) => seen.add(id)));
});

Deno.test("SeenIds.load() keeps the newest ids in a smaller window", () => {
  const seen = new SeenIds(100);
  for (const id of ids(0, 100)) seen.add(id);
  const loaded = SeenIds.load(captured(seen.capture()), 10);
  assert.deepEqual(ids(90, 100).filter((id) => loaded.add(id)), []);
  assert.equal(loaded.add("id-0"), true);
});

Deno.test("SeenIds.load() takes bytes at any offset", () => {
  const seen = new SeenIds(10);
  seen.add("a");
  const saved = captured(seen.capture());
  const shifted = new Uint8Array(saved.length + 1);
  shifted.set(saved, 1);
  assert.equal(SeenIds.load(shifted.subarray(1), 10).add("a"), false);
});

const FOREIGN: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: "nothing", bytes: new Uint8Array() },
  { name: "other bytes", bytes: new TextEncoder().encode("not a window") },
  { name: "a cut window", bytes: saveOf("a", "b").subarray(0, 16) },
  { name: "a window with a rest", bytes: new Uint8Array([...saveOf("a"), 0]) },
];
function saveOf(...seen: readonly string[]): Uint8Array {
  const window = new SeenIds(10);
  for (const id of seen) window.add(id);
  return captured(window.capture());
}
for (const { name, bytes } of FOREIGN) {
  Deno.test(`SeenIds.load() refuses ${name}`, () => {
    assert.throws(() => SeenIds.load(bytes, 10), { name: "TypeError", message: /Cannot load seen ids/ });
  });
}

for (const capacity of [0, -1, 1.5, NaN, 2 ** 25]) {
  Deno.test(`new SeenIds() refuses ${capacity}`, () => {
    assert.throws(() => new SeenIds(capacity), { name: "RangeError", message: /capacity must be/ });
  });
}
