import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { eventLines, idsOf, TailWorld } from "../support/tail_world.ts";
import { textOf } from "../../lib/source/line_block.ts";

const packed = (text: string): Uint8Array => new Uint8Array(gzipSync(text));

/** What `gzip` and logrotate's `compress` do: a packed copy beside the file, then the file is deleted. */
function pack(world: TailWorld, name: string, as = `${name}.gz`): void {
  world.write(as, packed(Deno.readTextFileSync(world.path(name))));
  world.remove(name);
}

Deno.test("gzip: a real gzip file is unpacked and read once, in batches of a chunk", () => {
  using world = new TailWorld({ chunkBytes: 65_536 });
  world.write("a.jsonl.gz", packed(eventLines("a", 5_000)));
  const seen = world.look();
  assert.equal(idsOf(seen).length, 5_000);
  assert.ok(seen.batches.length > 5);
  assert.deepEqual(idsOf(world.lookAtAll()), []);
  world.restart();
  assert.deepEqual(idsOf(world.lookAtAll()), []);
});

Deno.test("gzip: leaving in the middle and a restart lose and repeat nothing", () => {
  using world = new TailWorld({ chunkBytes: 65_536 });
  world.write("a.jsonl.gz", packed(eventLines("a", 5_000)));
  const found: string[] = [];
  for (const batch of world.tail.look(world.nowMs)) {
    if (batch.kind === "lines") found.push(...textOf(batch.lines).split("\n"));
    break;
  }
  world.restart();
  found.push(...world.lookAtAll().lines);
  assert.equal(found.length, 5_000);
  assert.equal(new Set(found).size, 5_000);
});

Deno.test("gzip: a packed copy of a file that was read is not read again, but what was not read is", () => {
  for (const isKnownGone of [false, true]) {
    using world = new TailWorld({ goneQuietMs: 1_000, maxOpenFiles: isKnownGone ? 0 : 64 });
    world.write("a.jsonl", eventLines("a", 100));
    world.look();
    world.rename("a.jsonl", "a.jsonl.1");
    world.write("a.jsonl", eventLines("b", 1));
    world.lookAtAll();
    world.append("a.jsonl.1", eventLines("late", 2));
    pack(world, "a.jsonl.1");
    assert.deepEqual(idsOf(world.lookAtAll()).toSorted(), ["late-0", "late-1"]);
  }
});

Deno.test("gzip: rotated and packed between two looks", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLines("a", 100));
  world.look();
  world.append("a.jsonl", eventLines("late", 2));
  pack(world, "a.jsonl", "a.jsonl.1.gz");
  world.write("a.jsonl", eventLines("new", 1));
  assert.deepEqual(idsOf(world.lookAtAll()).toSorted(), ["late-0", "late-1", "new-0"]);
});

Deno.test("gzip: packed while nobody was looking", () => {
  using world = new TailWorld();
  world.write("a.jsonl.1", eventLines("a", 100));
  world.look();
  world.restart(() => {
    world.append("a.jsonl.1", eventLines("late", 2));
    pack(world, "a.jsonl.1", "a.jsonl.2.gz");
  });
  assert.deepEqual(idsOf(world.lookAtAll()), ["late-0", "late-1"]);
});

Deno.test("gzip: the file is read when it is whole", () => {
  using world = new TailWorld();
  const bytes = packed(eventLines("a", 1_000));
  world.write("a.jsonl.gz", bytes.subarray(0, 2_000));
  assert.deepEqual(idsOf(world.look()), []);
  world.write("a.jsonl.gz", bytes);
  assert.equal(idsOf(world.lookAtAll()).length, 1_000);
  assert.equal(world.tail.health().problem, null);
});

Deno.test("gzip: an unfinished last line is given up, and counted once", () => {
  using world = new TailWorld();
  world.write("a.jsonl.gz", packed(`${eventLines("a", 1)}{"id":`));
  assert.equal(world.look().unterminated, 1);
  world.restart();
  assert.equal(world.lookAtAll().unterminated, 0);
});

Deno.test("gzip: a file that unpacks to more than the limit is reported, not read", () => {
  using world = new TailWorld({ gzipMaxBytes: 1_000_000 });
  world.write("bomb.jsonl.gz", packed("x".repeat(50_000_000)));
  assert.deepEqual(world.look().batches, []);
  assert.equal(world.tail.health().problem, `${world.path("bomb.jsonl.gz")}: RangeError`);
});

Deno.test("gzip: an old file is left alone at the first start", () => {
  using world = new TailWorld({ ignoreOlderThanMs: 3_600_000 });
  world.write("a.jsonl.gz", packed(eventLines("a", 10)));
  Deno.utimeSync(world.path("a.jsonl.gz"), world.nowMs / 1000 - 7_200, world.nowMs / 1000 - 7_200);
  assert.deepEqual(world.look().batches, []);
  world.restart();
  assert.deepEqual(world.lookAtAll().batches, []);
  assert.deepEqual(world.tail.health(), { behindBytes: 0, problem: null, unread: { not_a_file: 0, unreadable: 0 } });
});
