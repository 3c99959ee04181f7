import assert from "node:assert/strict";
import { eventLine, eventLines, idsOf, TailWorld } from "../support/tail_world.ts";

Deno.test("deletion: a file is read to its end after it was deleted, and then let go", () => {
  using world = new TailWorld({ goneQuietMs: 10_000 });
  world.write("run/a.jsonl", eventLines("a", 1));
  world.look();
  using writer = Deno.openSync(world.path("run/a.jsonl"), { append: true });
  world.append("run/a.jsonl", eventLines("unread", 2));
  world.remove("run");
  assert.deepEqual(idsOf(world.lookAtAll()), ["unread-0", "unread-1"]);
  writer.writeSync(new TextEncoder().encode(eventLines("late", 1)));
  assert.deepEqual(idsOf(world.look(5_000)), ["late-0"]);
  assert.equal(world.tail.stats().openFiles, 1);
  for (let i = 0; i < 4; i++) world.look(5_000);
  assert.deepEqual({ ...world.tail.stats() }, {
    truncated: 0,
    renamed: 0,
    departed: 1,
    readErrors: 0,
    trackedFiles: 0,
    openFiles: 0,
    directories: 2,
  });
});

Deno.test("deletion: the unfinished last line is counted when the file is let go, not before", () => {
  for (const maxOpenFiles of [64, 0]) {
    using world = new TailWorld({ goneQuietMs: 1_000, maxOpenFiles });
    world.write("a.jsonl", eventLines("a", 1) + eventLine("cut").slice(0, 20));
    assert.equal(world.look().unterminated, 0);
    world.remove("a.jsonl");
    const counts = Array.from({ length: 6 }, () => world.look(6_000).unterminated);
    assert.equal(counts.reduce((sum, count) => sum + count, 0), 1);
  }
});

Deno.test("deletion and creation under the same name: the new file is read from its start", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLines("old", 3));
  world.look();
  world.append("a.jsonl", eventLines("unread", 1));
  world.remove("a.jsonl");
  world.write("a.jsonl", eventLines("new", 5));
  assert.deepEqual(idsOf(world.lookAtAll()), ["unread-0", ...[0, 1, 2, 3, 4].map((i) => `new-${i}`)]);
});

Deno.test("deletion and creation with the inode used again: the new file is read from its start", () => {
  // Without an open handle the file system may give the inode out again at once, as ext4 does.
  using world = new TailWorld({ maxOpenFiles: 0 });
  for (let generation = 0; generation < 10; generation++) {
    world.write("a.jsonl", eventLines(`${generation}`, 3));
    assert.deepEqual(idsOf(world.lookAtAll()), [0, 1, 2].map((i) => `${generation}-${i}`));
    world.remove("a.jsonl");
  }
});

Deno.test("deletion and creation with equal lines: lines without ids are read each time", () => {
  using world = new TailWorld();
  const line = `{"event_type":"claude_error","error_type":"timeout"}\n`;
  for (let generation = 0; generation < 3; generation++) {
    world.write("a.jsonl", line);
    assert.equal(world.lookAtAll().lines.length, 1);
    world.remove("a.jsonl");
    world.lookAtAll();
  }
});

Deno.test("deletion of the whole tree and its return are survived", () => {
  using world = new TailWorld();
  world.write("run/a.jsonl", eventLines("a", 1));
  world.look();
  Deno.removeSync(world.events, { recursive: true });
  world.lookAtAll();
  assert.equal(world.tail.health().problem, null);
  world.write("run/a.jsonl", eventLines("b", 1));
  assert.deepEqual(idsOf(world.lookAtAll()), ["b-0"]);
});

Deno.test("deleted files do not pile up: a day of short runs", () => {
  using world = new TailWorld({ goneQuietMs: 1_000 });
  for (let run = 0; run < 100; run++) {
    world.write(`run-${run}/a.jsonl`, eventLines(`${run}`, 2));
    assert.equal(idsOf(world.lookAtAll()).length, 2);
    world.remove(`run-${run}`);
    for (let i = 0; i < 3; i++) world.look(6_000);
  }
  const { trackedFiles, openFiles, directories } = world.tail.stats();
  assert.deepEqual({ trackedFiles, openFiles, directories }, { trackedFiles: 0, openFiles: 0, directories: 2 });
});
