import assert from "node:assert/strict";
import type { Batch } from "../../lib/source/source.ts";
import { eventLines, idsOf, seen, TailWorld } from "../support/tail_world.ts";

Deno.test("new files: 30 born with content in new nested folders are read in full", () => {
  using world = new TailWorld();
  world.lookAtAll();
  for (let i = 0; i < 30; i++) world.write(`repo-${i % 3}/deep/er/session-${i}/events.jsonl`, eventLines(`${i}`, 200));
  const found = idsOf(world.look(6_000));
  assert.equal(found.length, 6_000);
  assert.equal(new Set(found).size, 6_000);
});

Deno.test("new files: a directory that is not there yet is waited for", () => {
  using world = new TailWorld();
  assert.deepEqual(world.look().batches, []);
  assert.deepEqual(world.tail.health(), { behindBytes: 0, problem: null, unread: { not_a_file: 0, unreadable: 0 } });
  world.write("a.jsonl", eventLines("a", 1));
  assert.deepEqual(idsOf(world.look(6_000)), ["a-0"]);
});

Deno.test("new files: an empty file is read when it grows, and not opened before", () => {
  using world = new TailWorld();
  world.write("a.jsonl", "");
  world.look();
  assert.equal(world.tail.stats().openFiles, 0);
  world.append("a.jsonl", eventLines("a", 1));
  assert.deepEqual(idsOf(world.look(2_000)), ["a-0"]);
});

Deno.test("new files: what is no event file is left out, and so is the archive", () => {
  using world = new TailWorld();
  const names = [
    "index.json",
    "a.json",
    "a.jsonl.tmp",
    "a.jsonl.bak",
    "notes.txt",
    "archive/a.jsonl",
    "archive/b/a.jsonl",
  ];
  for (const name of names) world.write(name, eventLines(name, 1));
  world.write("repo/archive/a.jsonl", eventLines("a", 1));
  assert.deepEqual(idsOf(world.lookAtAll()), ["a-0"]);
});

Deno.test("new files: of the state tree, only the event files of MapReduce jobs are read", () => {
  using world = new TailWorld();
  const session = "session-d413ffc6-38f7-4030-be28-02d6e66a3733";
  const job = `../state/${session}/mapreduce/jobs/mapreduce-1`;
  world.write(`${job}/events/events.jsonl`, eventLines("job", 1));
  world.write(`${job}/other.jsonl`, eventLines("no", 1));
  world.write(`${job}/events/deeper/events.jsonl`, eventLines("no", 1));
  world.write("../state/a.jsonl", eventLines("no", 1));
  const seen = world.lookAtAll();
  assert.deepEqual(idsOf(seen), ["job-0"]);
  assert.deepEqual(seen.batches.map((batch) => batch.kind === "lines" && batch.runId), [session]);
});

Deno.test("new files: a batch tells the session of its path", () => {
  using world = new TailWorld();
  const session = "session-d413ffc6-38f7-4030-be28-02d6e66a3733";
  world.write(`${session}/mapreduce-20261124_090000/events.jsonl`, eventLines("a", 1));
  world.write(`zzz/${session}/events.jsonl`, eventLines("b", 1));
  const runIds = world.look().batches.map((batch) => batch.kind === "lines" && batch.runId);
  assert.deepEqual(runIds, [session, null]);
});

Deno.test("new files: thousands of files do not hold thousands of descriptors, and none is forgotten", () => {
  using world = new TailWorld({ maxOpenFiles: 8 });
  for (let i = 0; i < 300; i++) world.write(`run-${i}/a.jsonl`, eventLines(`${i}`, 2));
  assert.equal(idsOf(world.look()).length, 600);
  assert.equal(world.tail.stats().openFiles, 8);
  for (let i = 0; i < 300; i++) world.append(`run-${i}/a.jsonl`, eventLines(`more-${i}`, 1));
  assert.equal(idsOf(world.lookAtAll()).length, 300);
  assert.equal(world.tail.stats().openFiles, 8);
});

Deno.test("new files: files that stay silent are closed", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLines("a", 1));
  world.look();
  assert.equal(world.tail.stats().openFiles, 1);
  world.look(301_000);
  world.look(1_000);
  assert.equal(world.tail.stats().openFiles, 0);
  world.append("a.jsonl", eventLines("b", 1));
  assert.deepEqual(idsOf(world.look(20_000)), ["b-0"]);
});

Deno.test("new files: more than may be tracked are reported, not read", () => {
  using world = new TailWorld({ maxTrackedFiles: 2 });
  for (const name of ["a", "b", "c"]) world.write(`${name}.jsonl`, eventLines(name, 1));
  assert.equal(idsOf(world.look()).length, 2);
  assert.equal(world.tail.health().problem, "more than 2 event files: the rest is not read");
});

Deno.test("old files: at the first start they begin at their end", () => {
  using world = new TailWorld({ ignoreOlderThanMs: 3_600_000 });
  world.write("old.jsonl", eventLines("old", 3));
  world.write("old-cut.jsonl", `${eventLines("old", 3)}{"id":"cut-`);
  world.write("recent.jsonl", eventLines("recent", 1));
  for (const name of ["old.jsonl", "old-cut.jsonl"]) {
    Deno.utimeSync(world.path(name), world.nowMs / 1000 - 7_200, world.nowMs / 1000 - 7_200);
  }
  assert.deepEqual(idsOf(world.look()), ["recent-0"]);
  assert.equal(world.tail.health().behindBytes, 0);

  world.restart();
  world.append("old.jsonl", eventLines("new", 1));
  world.append("old-cut.jsonl", `0"}\n`);
  assert.deepEqual(idsOf(world.lookAtAll()).toSorted(), ["cut-0", "new-0"]);
});

Deno.test("old files: one that turns up after the first start is read from its start", () => {
  using world = new TailWorld({ ignoreOlderThanMs: 3_600_000 });
  world.lookAtAll();
  world.restart();
  world.write("old.jsonl", eventLines("old", 3));
  Deno.utimeSync(world.path("old.jsonl"), world.nowMs / 1000 - 7_200, world.nowMs / 1000 - 7_200);
  assert.equal(idsOf(world.lookAtAll()).length, 3);
});

for (const { count, afterMs } of [{ count: 100, afterMs: 1_100 }, { count: 1_000, afterMs: 10_100 }]) {
  Deno.test(`new lines: of ${count} files, one that was idle is read ${afterMs} ms after it grew`, () => {
    using world = new TailWorld();
    const old = Date.now() / 1000 - 60;
    for (let number = 0; number < count; number++) {
      world.write(`app/job-${number}/events.jsonl`, eventLines(`${number}`, 1));
      Deno.utimeSync(world.path(`app/job-${number}/events.jsonl`), old, old);
    }
    while (idsOf(world.lookAtAll()).length > 0);
    // Those read last are open, and asked by reading.
    world.append("app/job-0/events.jsonl", eventLines("new", 1));
    let waitedMs = 0;
    while (idsOf(world.look(100)).length === 0) waitedMs += 100;
    assert.ok(waitedMs < afterMs && waitedMs > afterMs / 3, `${waitedMs} ms`);
  });
}

/** Looks until there are so many lines. @returns the time that took, in steps of `everyMs`. */
function waitForLines(world: TailWorld, count: number, everyMs: number): number {
  let lines = 0;
  for (let waitedMs = everyMs; waitedMs <= 60_000; waitedMs += everyMs) {
    lines += idsOf(world.look(everyMs)).length;
    if (lines >= count) return waitedMs;
  }
  assert.fail(`${lines} of ${count} lines seen`);
}

Deno.test("new lines: of many files, those the scan found written are asked every second although they are closed", () => {
  using world = new TailWorld({ maxOpenFiles: 1 });
  const paths = Array.from({ length: 1_000 }, (_, number) => `app/job/events-${number}.jsonl`);
  const old = Date.now() / 1000 - 60;
  for (const path of paths) {
    world.write(path, eventLines(path, 1));
    Deno.utimeSync(world.path(path), old, old);
  }
  while (idsOf(world.lookAtAll()).length > 0);
  const written = paths.slice(0, 20);
  for (const path of written) world.append(path, eventLines(`second of ${path}`, 1));
  world.write("app/job/new.jsonl", eventLines("new", 1));
  waitForLines(world, 21, 200);
  for (const path of written) world.append(path, eventLines(`third of ${path}`, 1));
  const waitedMs = waitForLines(world, 20, 200);
  assert.ok(waitedMs <= 1_200, `${waitedMs} ms`);
});

Deno.test("new files: a large tree is walked as fast when looks are a second apart", () => {
  using world = new TailWorld();
  for (let number = 0; number < 1_500; number++) Deno.mkdirSync(world.path(`app-${number}/job`), { recursive: true });
  while (world.tail.stats().directories < 3_000) world.lookAtAll();
  for (let round = 0; round < 3; round++) {
    world.write(`app-7/job-${round}/events.jsonl`, eventLines(`${round}`, 1));
    const waitedMs = waitForLines(world, 1, 1_000);
    assert.ok(waitedMs <= 6_000, `${waitedMs} ms`);
  }
});

Deno.test("new lines: a clock that is put back does not keep them waiting", () => {
  using world = new TailWorld({ maxOpenFiles: 1 });
  for (const name of ["a", "b", "c"]) world.write(`app/${name}.jsonl`, eventLines(name, 1));
  while (idsOf(world.lookAtAll()).length > 0);
  world.look(30_000);
  world.look(-600_000);
  for (const name of ["a", "b", "c"]) world.append(`app/${name}.jsonl`, eventLines(`second of ${name}`, 1));
  const waitedMs = waitForLines(world, 3, 200);
  assert.ok(waitedMs <= 1_200, `${waitedMs} ms`);
});

/** A look in which somebody asks how the tail is after each batch, as a scrape does. */
function* askedBetween({ tail }: TailWorld, nowMs: number): Generator<Batch> {
  for (const batch of tail.look(nowMs)) {
    yield batch;
    tail.health();
  }
}

/** Three files of which one may be open, after a look in which the last was closed and opened again and a scrape came. */
function reopened(): { readonly world: TailWorld; readonly look: (afterMs: number) => readonly string[] } {
  const world = new TailWorld({ maxOpenFiles: 1, goneQuietMs: 3_000 });
  let nowMs = world.nowMs;
  const look = (afterMs: number): readonly string[] => idsOf(seen(world.tail.look(nowMs += afterMs)));
  const write = (name: string, agoMs: number): void => {
    world.append(`${name}.jsonl`, eventLines(name, 1));
    const at = new Date(nowMs - agoMs);
    Deno.utimeSync(world.path(`${name}.jsonl`), at, at);
  };
  for (const name of ["a", "b", "c"]) write(name, 1_000_000);
  assert.deepEqual(look(200), ["a-0", "b-0", "c-0"]);
  for (const name of ["a", "b"]) write(name, 900_000);
  assert.deepEqual(idsOf(seen(askedBetween(world, nowMs += 15_000))), ["a-0", "b-0"]);
  return { world, look };
}

Deno.test("new lines: a file that was closed and opened again within a look is read at the next one", () => {
  const { world, look } = reopened();
  using _ = world;
  world.append("c.jsonl", eventLines("more", 1));
  assert.deepEqual(look(200), ["more-0"]);
});

Deno.test("new lines: such a file that is moved away is read to its end", () => {
  const { world, look } = reopened();
  using _ = world;
  Deno.renameSync(world.path("c.jsonl"), `${world.home}/c.moved`);
  const found: string[] = [];
  for (let line = 0; line < 40; line++) {
    Deno.writeTextFileSync(`${world.home}/c.moved`, eventLines(`${line}`, 1), { append: true });
    found.push(...look(500));
  }
  assert.equal(found.length, 40);
});
