import assert from "node:assert/strict";
import { eventLine, eventLines, idsOf, TailWorld } from "../support/tail_world.ts";
import { textOf } from "../../lib/source/line_block.ts";

Deno.test("partial lines: 120 lines written in three pieces each, with a look after every piece", () => {
  using world = new TailWorld();
  const found: string[] = [];
  for (let i = 0; i < 120; i++) {
    const line = `${eventLine(`ä${i}`)}\n`;
    for (const piece of [line.slice(0, 8), line.slice(8, 50), line.slice(50)]) {
      world.append("a.jsonl", piece);
      found.push(...idsOf(world.lookAtAll()));
    }
  }
  assert.deepEqual(found, Array.from({ length: 120 }, (_, i) => `ä${i}`));
});

Deno.test("partial lines: a character cut in two is put together", () => {
  using world = new TailWorld();
  const bytes = new TextEncoder().encode(`"€🦕"\n`);
  for (let cut = 1; cut < bytes.length; cut++) {
    world.write(`${cut}.jsonl`, bytes.subarray(0, cut));
    assert.deepEqual(world.lookAtAll().lines, []);
    Deno.writeFileSync(world.path(`${cut}.jsonl`), bytes.subarray(cut), { append: true });
    assert.deepEqual(world.lookAtAll().lines, [`"€🦕"`]);
  }
});

Deno.test("partial lines: an unfinished line is kept back and is no backlog", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLine("a"));
  assert.deepEqual(world.look().lines, []);
  assert.equal(world.tail.health().behindBytes, 0);
  world.look(400_000);
  world.look(1_000);
  assert.equal(world.tail.stats().openFiles, 0);
  assert.equal(world.tail.health().behindBytes, 0);
  world.append("a.jsonl", "\n");
  assert.deepEqual(idsOf(world.lookAtAll()), ["a"]);
});

Deno.test("long lines: 40 KB, 300 KB and 2 MB come whole", () => {
  using world = new TailWorld();
  const sizes = [40_000, 300_000, 2_000_000];
  for (let round = 0; round < 3; round++) {
    for (const size of sizes) world.append("a.jsonl", `${"x".repeat(size)}\n`);
  }
  world.append("a.jsonl", eventLines("end", 1));
  assert.deepEqual(world.look().lines.map((line) => line.length), [
    ...sizes,
    ...sizes,
    ...sizes,
    eventLine("end-0").length,
  ]);
});

Deno.test("long lines: 2 MB written in pieces, with looks in between", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLines("start", 1));
  world.look();
  for (let i = 0; i < 40; i++) {
    world.append("a.jsonl", "y".repeat(50_000));
    assert.deepEqual(world.look().lines, []);
  }
  world.append("a.jsonl", "\n");
  assert.deepEqual(world.look().lines.map((line) => line.length), [2_000_000]);
});

Deno.test("long lines: one over the limit is counted once and skipped, also over a restart in its middle", () => {
  using world = new TailWorld({ lineMaxBytes: 100_000, chunkBytes: 65_536 });
  world.write("a.jsonl", eventLines("before", 2) + "x".repeat(150_000));
  const first = world.look();
  assert.deepEqual([idsOf(first), first.tooLong], [["before-0", "before-1"], 1]);
  world.restart(() => world.append("a.jsonl", "x".repeat(500_000)));
  assert.equal(world.lookAtAll().tooLong, 0);
  world.append("a.jsonl", `x\n${eventLines("after", 2)}`);
  const last = world.look();
  assert.deepEqual([idsOf(last), last.tooLong], [["after-0", "after-1"], 0]);
});

Deno.test("batches: none is larger than a chunk, and leaving between two loses and repeats nothing", () => {
  using world = new TailWorld({ chunkBytes: 65_536 });
  world.write("a.jsonl", eventLines("a", 5_000));
  world.write("b.jsonl", eventLines("b", 5_000));
  const found: string[] = [];
  for (let taken = 1; taken > 0;) {
    taken = 0;
    for (const batch of world.tail.look(world.nowMs)) {
      assert.ok(batch.kind === "lines" && batch.sizeBytes <= 65_536);
      found.push(...textOf(batch.lines).split("\n"));
      if (++taken === 2) break; // The consumer stops here, as at shutdown.
    }
    if (found.length % 3 === 0) world.restart();
  }
  assert.equal(found.length, 10_000);
  assert.equal(new Set(found).size, 10_000);
});
