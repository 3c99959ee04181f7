import assert from "node:assert/strict";
import { Timetable } from "../../../lib/source/timetable.ts";

Deno.test("Timetable.take() takes out what is due, once, up to half a second early", () => {
  const timetable = new Timetable<string>();
  timetable.add("first", 10_000);
  timetable.add("later", 20_499);
  timetable.add("with the first", 9_800);
  assert.deepEqual(timetable.take(9_499), []);
  assert.deepEqual(timetable.take(9_999), ["with the first"]);
  assert.deepEqual(timetable.take(10_000), ["first"]);
  assert.deepEqual(timetable.take(19_999), []);
  assert.deepEqual(timetable.take(20_499), ["later"]);
  assert.deepEqual(timetable.take(Infinity), []);
});

Deno.test("Timetable.take() takes what was due long ago at the next occasion, whatever the clock did", () => {
  const timetable = new Timetable<string>();
  timetable.add("never looked at", 0);
  timetable.add("due next year", 3e10);
  assert.deepEqual(timetable.take(1e9), ["never looked at"]);
  timetable.add("again", 5);
  assert.deepEqual(timetable.take(1e9), ["again"]);
});

Deno.test("Timetable.add() brings an item forward, and never back", () => {
  const timetable = new Timetable<string>();
  timetable.add("one", 60_000);
  timetable.add("one", 1_000);
  timetable.add("one", 30_000);
  assert.deepEqual(timetable.take(1_000), ["one"]);
  assert.deepEqual(timetable.take(60_000), []);
  timetable.add("one", 90_000);
  assert.deepEqual(timetable.take(90_000), ["one"]);
});

Deno.test("Timetable.remove() takes an item out, which may be put in again", () => {
  const timetable = new Timetable<string>();
  timetable.add("one", 1_000);
  timetable.remove("one");
  assert.deepEqual(timetable.take(500), []);
  timetable.add("one", 2_000);
  assert.deepEqual(timetable.take(1_000), []);
  assert.deepEqual(timetable.take(2_000), ["one"]);
});
