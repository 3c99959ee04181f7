import assert from "node:assert/strict";
import { eventLines, idsOf, TailWorld } from "../support/tail_world.ts";

Deno.test("odd files: a folder named like an event file is a folder", () => {
  using world = new TailWorld();
  world.write("a.jsonl/b.jsonl", eventLines("b", 1));
  assert.deepEqual(idsOf(world.look()), ["b-0"]);
  assert.equal(world.tail.health().problem, null);
});

Deno.test("odd files: FIFOs and sockets are never opened", () => {
  using world = new TailWorld();
  world.write("a.jsonl", eventLines("a", 1));
  // Opening a FIFO without a writer would block for ever.
  new Deno.Command("mkfifo", { args: [world.path("fifo.jsonl")] }).outputSync();
  using _socket = Deno.listen({ transport: "unix", path: world.path("socket.jsonl") });
  assert.equal(Deno.lstatSync(world.path("fifo.jsonl")).isFifo, true);
  assert.deepEqual(idsOf(world.lookAtAll()), ["a-0"]);
  assert.equal(world.tail.stats().trackedFiles, 1);
});

Deno.test("odd files: linked directories are not followed, loops and dead links are survived", () => {
  using world = new TailWorld();
  Deno.mkdirSync(`${world.home}/outside`);
  Deno.writeTextFileSync(`${world.home}/outside/b.jsonl`, eventLines("outside", 1));
  world.write("run/a.jsonl", eventLines("a", 1));
  Deno.symlinkSync("..", world.path("run/up"));
  Deno.symlinkSync(`${world.home}/outside`, world.path("out"));
  Deno.symlinkSync(`${world.home}/outside/b.jsonl`, world.path("out.jsonl"));
  Deno.symlinkSync("loop.jsonl", world.path("loop.jsonl"));
  Deno.symlinkSync("nowhere.jsonl", world.path("dead.jsonl"));
  assert.deepEqual(idsOf(world.lookAtAll()), ["a-0"]);
  assert.equal(world.tail.health().problem, null);
});

Deno.test("odd files: a file with several names is read once", () => {
  using world = new TailWorld();
  world.write("run/a.jsonl", eventLines("a", 1));
  Deno.linkSync(world.path("run/a.jsonl"), world.path("hard.jsonl"));
  Deno.symlinkSync("run/a.jsonl", world.path("soft.jsonl"));
  assert.deepEqual(idsOf(world.lookAtAll()), ["a-0"]);
  world.append("hard.jsonl", eventLines("b", 1));
  assert.deepEqual(idsOf(world.lookAtAll()), ["b-0"]);
  assert.equal(world.tail.stats().renamed, 0);
});

Deno.test("odd files: the events directory may itself be a link", () => {
  using world = new TailWorld();
  Deno.mkdirSync(`${world.home}/real`);
  Deno.symlinkSync(`${world.home}/real`, world.events);
  world.write("a.jsonl", eventLines("a", 1));
  Deno.symlinkSync("a.jsonl", world.path("soft.jsonl"));
  assert.deepEqual(idsOf(world.lookAtAll()), ["a-0"]);
});

Deno.test("odd files: a file where the events directory should be is reported, and its replacement read", () => {
  using world = new TailWorld();
  Deno.writeTextFileSync(world.events, "");
  world.lookAtAll();
  assert.equal(world.tail.health().problem, `${world.events}: NotADirectory`);
  Deno.removeSync(world.events);
  world.write("a.jsonl", eventLines("a", 1));
  assert.deepEqual(idsOf(world.look(6_000)), ["a-0"]);
  assert.equal(world.tail.health().problem, null);
});

Deno.test("odd files: a tree deeper than any of Prodigy's is not walked to its end", () => {
  using world = new TailWorld();
  world.write(`${"d/".repeat(12)}a.jsonl`, eventLines("in", 1));
  world.write(`${"d/".repeat(13)}a.jsonl`, eventLines("out", 1));
  assert.deepEqual(idsOf(world.lookAtAll()), ["in-0"]);
});

Deno.test("odd files: what cannot be read is reported and tried again", () => {
  using world = new TailWorld();
  // Root may read everything, so a gzip file of which the end is missing stands for what cannot be read.
  world.write("a.jsonl.gz", new Uint8Array([0x1f, 0x8b, 8, 0]));
  world.look();
  const { problem, behindBytes } = world.tail.health();
  assert.equal(problem, `${world.path("a.jsonl.gz")}: Cannot unpack as it is no whole gzip file`);
  assert.equal(behindBytes, 0);
  assert.equal(world.tail.stats().readErrors, 1);
  world.write("a.jsonl.gz", eventLines("a", 1));
  assert.deepEqual(idsOf(world.lookAtAll()), ["a-0"]);
  assert.equal(world.tail.health().problem, null);
});
