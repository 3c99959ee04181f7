import assert from "node:assert/strict";
import { eventLine, eventLines, idsOf, TailWorld } from "../support/tail_world.ts";

/** Ids of `eventLines(prefix, count)`. */
const ids = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

/** Names rotation gives, whether a glob for event files sees them or not. */
const ROTATED_NAMES = [
  "run/a.jsonl.1",
  "run/a.jsonl-20261124",
  "run/a.1.jsonl",
  "run/a.jsonl.old",
  "run/gone-from-glob",
];

for (const rotated of ROTATED_NAMES) {
  Deno.test(`rename rotation to ${rotated}: what was written before and after it is read once`, () => {
    using world = new TailWorld();
    world.append("run/a.jsonl", eventLines("old", 3));
    assert.deepEqual(idsOf(world.look()), ids("old", 3));

    world.append("run/a.jsonl", eventLines("unread", 2));
    world.rename("run/a.jsonl", rotated);
    world.append(rotated, eventLines("late", 2));
    world.append("run/a.jsonl", eventLines("new", 2));

    assert.deepEqual(idsOf(world.lookAtAll()), [...ids("unread", 2), ...ids("late", 2), ...ids("new", 2)]);
    assert.deepEqual(idsOf(world.lookAtAll()), []);
  });
}

Deno.test("rename rotation: a writer that goes on in the renamed file is followed", () => {
  using world = new TailWorld();
  world.append("a.jsonl", eventLines("a", 1));
  using writer = Deno.openSync(world.path("a.jsonl"), { append: true });
  world.look();
  world.rename("a.jsonl", "not-an-event-file");
  world.lookAtAll();
  writer.writeSync(new TextEncoder().encode(eventLines("late", 2)));
  assert.deepEqual(idsOf(world.look()), ids("late", 2));
});

Deno.test("rename rotation: the path is looked at within seconds without being told", () => {
  using world = new TailWorld();
  world.append("a.jsonl", eventLines("a", 1));
  world.look();
  world.rename("a.jsonl", "a.jsonl.1");
  world.append("a.jsonl", eventLines("b", 1));
  const found = Array.from({ length: 8 }, () => idsOf(world.look())).flat();
  assert.deepEqual(found, ids("b", 1));
});

Deno.test("rename rotation: three rotations between two looks lose nothing and keep the order", () => {
  using world = new TailWorld();
  world.append("a.jsonl", eventLines("0", 1_000));
  world.look();
  world.append("a.jsonl", eventLines("1", 1_000));
  for (const generation of ["2", "3", "4"]) {
    for (const [from, to] of [["a.jsonl.2", "a.jsonl.3"], ["a.jsonl.1", "a.jsonl.2"], ["a.jsonl", "a.jsonl.1"]]) {
      if (from !== undefined && to !== undefined && exists(world.path(from))) world.rename(from, to);
    }
    world.append("a.jsonl", eventLines(generation, 1_000));
  }
  assert.deepEqual(idsOf(world.lookAtAll()), ["1", "2", "3", "4"].flatMap((prefix) => ids(prefix, 1_000)));
});

Deno.test("rename rotation: a file moved to another directory keeps its place", () => {
  using world = new TailWorld();
  world.append("run-1/a.jsonl", eventLines("a", 3));
  world.look();
  world.rename("run-1/a.jsonl", "run-2/b.jsonl");
  world.append("run-2/b.jsonl", eventLines("b", 2));
  assert.deepEqual(idsOf(world.lookAtAll()), ids("b", 2));
  assert.equal(world.tail.stats().renamed, 1);
});

Deno.test("rename rotation: a file is not given up before the whole tree was searched for it", () => {
  using world = new TailWorld({ maxOpenFiles: 0 });
  const line = eventLine("cut");
  world.write("run-1/a.jsonl", line.slice(0, 30));
  Deno.mkdirSync(world.path("run-2"));
  world.look();
  world.rename("run-1/a.jsonl", "run-2/b.jsonl");
  const looks = Array.from({ length: 12 }, () => world.look(1_000));
  assert.equal(looks.reduce((sum, { unterminated }) => sum + unterminated, 0), 0);
  world.append("run-2/b.jsonl", `${line.slice(30)}\n`);
  assert.deepEqual(idsOf(world.lookAtAll()), ["cut"]);
});

Deno.test("rename rotation: a file that leaves the tree and comes back keeps its place", () => {
  using world = new TailWorld({ goneQuietMs: 100 });
  world.append("a.jsonl", eventLines("a", 3));
  world.look();
  Deno.renameSync(world.path("a.jsonl"), `${world.home}/elsewhere`);
  for (let i = 0; i < 4; i++) world.lookAtAll();
  world.look(10_000);
  world.lookAtAll();
  assert.equal(world.tail.stats().trackedFiles, 0);

  Deno.renameSync(`${world.home}/elsewhere`, world.path("a.jsonl"));
  world.append("a.jsonl", eventLines("b", 2));
  assert.deepEqual(idsOf(world.lookAtAll()), ids("b", 2));
});

Deno.test("Prodigy's rotation: .jsonl to .bak to plain-text .jsonl.gz, seen at every stage", () => {
  const rotated = "repo/events-20261124_090000.20261124_090100.jsonl.gz";
  const current = "repo/events-20261124_090000.jsonl";
  for (const stagesSeen of [[], ["bak"], ["gz"], ["bak", "gz"]]) {
    using world = new TailWorld();
    const found: string[] = [];
    const step = (stage: string): void => {
      if (stagesSeen.includes(stage)) found.push(...idsOf(world.lookAtAll()));
    };
    world.append(current, eventLines("a", 1_000));
    found.push(...idsOf(world.look()));
    world.append(current, eventLines("b", 1_000));
    world.rename(current, `${current}.bak`);
    step("bak");
    world.rename(`${current}.bak`, rotated);
    step("gz");
    world.write(current, eventLines("c", 1_000));
    found.push(...idsOf(world.lookAtAll()));
    assert.deepEqual(found, ["a", "b", "c"].flatMap((prefix) => ids(prefix, 1_000)), `seen: ${stagesSeen.join()}`);
  }
});

Deno.test("Prodigy's rotation: at the first look the rotated file comes before the current one", () => {
  using world = new TailWorld();
  world.write("repo/events-20261124_090000.jsonl", eventLines("new", 1));
  world.write("repo/events-20261124_090000.20261124_090100.jsonl.gz", eventLines("old", 1));
  assert.deepEqual(idsOf(world.look()), ["old-0", "new-0"]);
});

Deno.test("retention: a file rewritten into a new inode is read from its start, kept lines again", () => {
  using world = new TailWorld();
  world.append("a.jsonl", eventLines("dropped", 2) + eventLines("kept", 2));
  world.look();
  world.append("a.jsonl", eventLines("unread", 1));
  world.write("a.jsonl.tmp", eventLines("kept", 2) + eventLines("unread", 1));
  world.rename("a.jsonl.tmp", "a.jsonl");
  world.append("a.jsonl", eventLines("new", 1));
  // The pipeline drops what it has seen by its id; nothing may be missing.
  const found = new Set(idsOf(world.lookAtAll()));
  assert.deepEqual([...found].sort(), ["kept-0", "kept-1", "new-0", "unread-0"]);
});

function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
