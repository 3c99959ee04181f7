import assert from "node:assert/strict";
import { eventLine, eventLines, idsOf, TailWorld } from "../support/tail_world.ts";

Deno.test("truncation in place: the new lines are read, shorter or longer than the old ones", () => {
  for (const count of [1, 2, 3, 50]) {
    using world = new TailWorld();
    world.write("a.jsonl", eventLines("old", 3));
    world.look();
    Deno.truncateSync(world.path("a.jsonl"));
    world.append("a.jsonl", eventLines("new", count));
    assert.equal(idsOf(world.look()).join(), Array.from({ length: count }, (_, i) => `new-${i}`).join());
    assert.equal(world.tail.stats().truncated, 1);
  }
});

Deno.test("truncation in place is noticed without an open handle", () => {
  using world = new TailWorld({ maxOpenFiles: 1 });
  world.write("a.jsonl", eventLines("old", 3));
  world.write("z.jsonl", eventLines("other", 1));
  world.look();
  assert.equal(world.tail.stats().openFiles, 1);
  world.write("a.jsonl", eventLines("new", 20));
  assert.equal(idsOf(world.lookAtAll()).length, 20);
});

Deno.test("truncation in place: other content of the same size is read", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLines("old", 3));
  world.look();
  world.write("a.jsonl", eventLines("new", 3));
  assert.deepEqual(idsOf(world.lookAtAll()), ["new-0", "new-1", "new-2"]);
});

Deno.test("truncation in place: other content of the same size and with an equal end is read, by its time", () => {
  for (const maxOpenFiles of [64, 0]) {
    using world = new TailWorld({ maxOpenFiles });
    const end = `{"end":"${"x".repeat(500)}"}\n`;
    const writeAt = (content: string, seconds: number): void => {
      world.write("a.jsonl", content);
      Deno.utimeSync(world.path("a.jsonl"), seconds, seconds);
    };
    writeAt(eventLines("old", 1) + end, 1_000);
    world.lookAtAll();
    assert.deepEqual(world.lookAtAll().lines, []);
    writeAt(eventLines("new", 1) + end, 2_000);
    assert.deepEqual(world.lookAtAll().lines, [eventLine("new-0"), end.trimEnd()]);
  }
});

Deno.test("truncation in place: growth past the old place under an equal head is noticed", () => {
  using world = new TailWorld();
  const head = eventLines("same", 10);
  world.write("a.jsonl", head + eventLines("old", 10));
  world.look();
  world.write("a.jsonl", head + eventLines("new", 30));
  const found = idsOf(world.look());
  assert.equal(found.length, 40);
  assert.equal(found.filter((id) => id.startsWith("new-")).length, 30);
});

Deno.test("truncation in place: an unfinished line is lost, and counted", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLines("old", 3) + eventLine("partial").slice(0, 30));
  world.look();
  world.write("a.jsonl", eventLines("new", 1));
  const seen = world.look();
  assert.deepEqual(idsOf(seen), ["new-0"]);
  assert.equal(seen.unterminated, 1);
});

Deno.test("truncation in place: an unfinished line that is cut off costs no line before it", () => {
  using world = new TailWorld();
  const whole = eventLines("old", 3);
  world.write("a.jsonl", whole + eventLine("partial").slice(0, 30));
  world.look();
  Deno.truncateSync(world.path("a.jsonl"), whole.length);
  world.append("a.jsonl", eventLines("new", 2));
  const seen = world.look();
  assert.deepEqual(idsOf(seen), ["new-0", "new-1"]);
  assert.equal(seen.unterminated, 1);
});

Deno.test("truncation in place: a writer that does not append leaves a hole, which is no line", () => {
  using world = new TailWorld();
  world.write("a.jsonl", "");
  using writer = Deno.openSync(world.path("a.jsonl"), { write: true });
  const say = (text: string): void => void writer.writeSync(new TextEncoder().encode(text));
  say(eventLines("old", 50));
  world.lookAtAll();
  Deno.truncateSync(world.path("a.jsonl"));
  say(eventLines("new", 2));
  assert.deepEqual(world.look().lines, [eventLine("new-0"), eventLine("new-1")]);
});

Deno.test("copytruncate: nothing is lost when everything was read, and the copy is not read again", () => {
  using world = new TailWorld();
  world.append("a.jsonl", eventLines("1", 500));
  world.look();
  copyTruncate(world, "a.jsonl", "a.jsonl.1");
  world.append("a.jsonl", eventLines("2", 700));
  const found = idsOf(world.lookAtAll());
  assert.equal(found.length, 700);
  assert.ok(found.every((id) => id.startsWith("2-")));
});

Deno.test("copytruncate: what was not yet read is read from the copy, once", () => {
  using world = new TailWorld();
  for (let generation = 0; generation < 5; generation++) {
    world.append("a.jsonl", eventLines(`read-${generation}`, 20));
    const before = idsOf(world.look());
    world.append("a.jsonl", eventLines(`unread-${generation}`, 20));
    copyTruncate(world, "a.jsonl", `a.jsonl.${generation}`);
    world.append("a.jsonl", eventLines(`new-${generation}`, 60));
    const found = [...before, ...idsOf(world.lookAtAll())];
    assert.equal(found.length, 100);
    assert.equal(new Set(found).size, 100);
  }
});

Deno.test("copytruncate under load: looks at any moment, each line once", () => {
  using world = new TailWorld();
  const found: string[] = [];
  let written = 0;
  for (let round = 0; round < 200; round++) {
    world.append("a.jsonl", eventLines(`${round}`, 50));
    written += 50;
    if (round % 3 === 0) found.push(...idsOf(world.look()));
    if (round % 20 === 19) copyTruncate(world, "a.jsonl", `a.jsonl.${round}`);
  }
  found.push(...idsOf(world.lookAtAll()));
  assert.equal(found.length, written);
  assert.equal(new Set(found).size, written);
});

Deno.test("two files with equal heads are two files", () => {
  using world = new TailWorld();
  const head = `{"header":"${"x".repeat(2_000)}"}\n`;
  world.write("a.jsonl", head + eventLines("a", 2));
  world.write("a.jsonl.1", head + eventLines("b", 2));
  world.write("b.jsonl", head + eventLines("a", 2));
  assert.equal(world.look().lines.length, 9);
});

function copyTruncate(world: TailWorld, name: string, copy: string): void {
  Deno.copyFileSync(world.path(name), world.path(copy));
  Deno.truncateSync(world.path(name));
}
