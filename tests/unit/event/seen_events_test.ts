import assert from "node:assert/strict";
import { captured } from "../../../lib/metrics/capture.ts";
import { IdHash } from "../../../lib/event/id_hash.ts";
import { SeenEvents, type SeenFrom } from "../../../lib/event/seen_events.ts";

function adding(seen: SeenEvents): (from: SeenFrom, id: string) => boolean {
  const hash = new IdHash();
  return (from, id) => seen.add(from, hash.ofText(id));
}

Deno.test("SeenEvents.add() takes an event for seen whichever way it came first", () => {
  const add = adding(SeenEvents.create(100));
  assert.deepEqual([add("files", "a"), add("socket", "a"), add("files", "a")], [true, false, false]);
  assert.deepEqual([add("socket", "b"), add("files", "b"), add("socket", "b")], [true, false, false]);
});

Deno.test("SeenEvents.add() remembers what a client sent over any backlog of files", () => {
  const add = adding(SeenEvents.create(100));
  add("socket", "sent before the kill");
  for (let line = 0; line < 10_000; line++) add("files", `line ${line}`);
  assert.equal(add("socket", "sent before the kill"), false);
});

Deno.test("SeenEvents.load() takes back what capture() gave", () => {
  const seen = SeenEvents.create(100);
  adding(seen)("files", "a");
  adding(seen)("socket", "b");
  const add = adding(SeenEvents.load(captured(seen.capture()), 100));
  assert.deepEqual([add("socket", "a"), add("files", "b"), add("files", "c")], [false, false, true]);
});
