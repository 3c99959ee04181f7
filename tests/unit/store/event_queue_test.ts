import assert from "node:assert/strict";
import { EventQueue } from "../../../lib/store/event_queue.ts";
import { ByteRing, type Slot } from "../../../lib/store/byte_ring.ts";
import { unpackEvents } from "../../../lib/store/packed_events.ts";
import { agentStarted, record } from "../../support/event_records.ts";

/** Of so many bytes. */
const longLine = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).fill(0x20);

function put(queue: EventQueue, id: string, line: Uint8Array | null = null): ReturnType<EventQueue["put"]> {
  const event = { record: record(agentStarted("j", "a"), { id }), madeId: null, receivedAtMs: 5, usage: null };
  return queue.put(event, line);
}
function ids(queue: EventQueue, most: number): readonly (string | null)[] {
  return Array.from(unpackEvents(queue.take(most).events), (event) => event.record.id);
}

Deno.test("EventQueue gives events in order, with their lines", () => {
  const queue = new EventQueue(10);
  const line = { id: "ä", event_type: "job_paused", job_id: "j" };
  put(queue, "ä", new TextEncoder().encode(JSON.stringify(line)));
  put(queue, "b");
  const batch = queue.take(5);
  const events = [...unpackEvents(batch.events)];
  assert.deepEqual(events.map(({ record: { id }, json }) => [id, json]), [["ä", line], ["b", null]]);
  assert.deepEqual(events.map(({ record: { event } }) => event.type), ["job_paused", "agent_started"]);
  assert.equal(queue.waiting, 0);
  assert.equal(queue.size, 2);
  queue.settle(batch);
  assert.equal(queue.size, 0);
});

Deno.test("EventQueue drops the oldest that waits, never what was taken out", () => {
  const queue = new EventQueue(4);
  for (const id of ["a", "b", "c", "d"]) assert.equal(put(queue, id).isOldestDropped, false);
  const batch = queue.take(2);
  assert.equal(put(queue, "e").isOldestDropped, true);
  assert.equal(put(queue, "f").isOldestDropped, true);
  assert.equal(queue.size, 4);
  queue.settle(batch);
  assert.deepEqual(ids(queue, 9), ["e", "f"]);
});

Deno.test("EventQueue.settled counts what is written or dropped, in order", () => {
  const queue = new EventQueue(3);
  assert.deepEqual([queue.offered, queue.settled], [0, 0]);
  for (const id of ["a", "b", "c"]) put(queue, id);
  assert.deepEqual([queue.offered, queue.settled], [3, 0]);
  put(queue, "d");
  assert.deepEqual([queue.offered, queue.settled], [4, 1]);
  const [first, second] = [queue.take(2), queue.take(2)];
  assert.equal(queue.settled, 1);
  queue.settle(second);
  assert.equal(queue.settled, 1);
  queue.settle(first);
  assert.equal(queue.settled, 4);
});

Deno.test("EventQueue keeps the event of a line it has no room for", () => {
  const queue = new EventQueue(100);
  assert.equal(put(queue, "long", longLine(300_000)).isTextLost, true);
  assert.equal(put(queue, "fits", longLine(200_000)).isTextLost, false);
  let lost = 0;
  for (let i = 0; i < 90; i++) if (put(queue, `${i}`, longLine(200_000)).isTextLost) lost++;
  // 12 MiB of text in all
  assert.equal(lost, 90 - 61);
  assert.equal(queue.waiting, 92);
});

Deno.test("EventQueue takes out no more text than it should at a time", () => {
  const queue = new EventQueue(100);
  for (let i = 0; i < 40; i++) put(queue, `${i}`, longLine(200_000));
  assert.equal(queue.take(100).events.count, 6);
});

Deno.test("ByteRing wraps round, and refuses what would overwrite", () => {
  const ring = new ByteRing(10);
  const slots: Slot[] = [];
  const write = (text: string): boolean => {
    const slot = ring.write(new TextEncoder().encode(text));
    if (slot !== null) slots.push(slot);
    return slot !== null;
  };
  const take = (): string => {
    const slot = slots.shift() as Slot;
    const text = new TextDecoder().decode(ring.read(slot));
    ring.free(slot);
    return text;
  };
  assert.deepEqual(["aaaa", "bbbb", "ccc"].map(write), [true, true, false]);
  assert.equal(take(), "aaaa");
  assert.deepEqual(["ccc", "dd"].map(write), [true, false]);
  assert.deepEqual([take(), take()], ["bbbb", "ccc"]);
  assert.deepEqual(["ääääa", "x"].map(write), [true, true]);
  assert.deepEqual([take(), take()], ["ääääa", "x"]);
  assert.equal(write("ää ää ää"), false);
});
