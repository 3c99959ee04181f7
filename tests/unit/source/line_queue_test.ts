import assert from "node:assert/strict";
import { LineQueue } from "../../../lib/source/line_queue.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function takeAll(queue: LineQueue<number>): readonly (readonly [string, number])[] {
  const taken: [string, number][] = [];
  for (let next = queue.take(); next !== null; next = queue.take()) {
    taken.push([new TextDecoder().decode(next.bytes), next.position]);
    queue.reuse(next.bytes);
  }
  return taken;
}

Deno.test("LineQueue puts frames behind one another until a chunk is full, with the position of the last", () => {
  const queue = new LineQueue<number>(8);
  queue.put([bytes("a\n"), bytes("b\n")], 4, 1);
  queue.put([bytes("c\n")], 2, 2);
  queue.put([bytes("ddd\n")], 4, 3);
  assert.equal(queue.sizeBytes, 10);
  assert.deepEqual(takeAll(queue), [["a\nb\nc\n", 2], ["ddd\n", 3]]);
  assert.equal(queue.sizeBytes, 0);
});

Deno.test("LineQueue takes a frame larger than a chunk as one", () => {
  const queue = new LineQueue<number>(4);
  queue.put([bytes("a\n")], 2, 1);
  queue.put([bytes("123456789\n")], 10, 2);
  queue.put([bytes("b\n")], 2, 3);
  assert.deepEqual(takeAll(queue), [["a\n", 1], ["123456789\n", 2], ["b\n", 3]]);
});

Deno.test("LineQueue writes into a chunk again only when told that it may", () => {
  const queue = new LineQueue<number>(4);
  queue.put([bytes("one\n")], 4, 1);
  const first = queue.take();
  queue.put([bytes("two\n")], 4, 2);
  assert.deepEqual(first?.bytes, bytes("one\n"));
  queue.reuse(first?.bytes ?? new Uint8Array());
  queue.put([bytes("six\n")], 4, 3);
  assert.deepEqual(first?.bytes, bytes("six\n"), "the chunk is used again");
  assert.deepEqual(takeAll(queue), [["two\n", 2], ["six\n", 3]]);
});

Deno.test("LineQueue does not keep the memory of a long backlog", () => {
  const queue = new LineQueue<number>(4);
  for (let at = 0; at < 100; at++) queue.put([bytes("abc\n")], 4, at);
  const buffers = new Set<ArrayBufferLike>();
  const taken = [];
  for (let next = queue.take(); next !== null; next = queue.take()) taken.push(next.bytes);
  for (const block of taken) queue.reuse(block);
  for (const block of taken) buffers.add(block.buffer);
  for (let at = 0; at < 100; at++) queue.put([bytes("xyz\n")], 4, at);
  let again = 0;
  for (let next = queue.take(); next !== null; next = queue.take()) if (buffers.has(next.bytes.buffer)) again++;
  assert.ok(again > 0 && again < 10, `${again} of 100 chunks were kept`);
});
