import assert from "node:assert/strict";
import { eventLine, eventLines, idsOf, TailWorld } from "../support/tail_world.ts";
import { textOf } from "../../lib/source/line_block.ts";

/** What may happen to `a.jsonl` while nobody is looking, and what is to be read afterwards. */
const ACCIDENTS: readonly {
  readonly name: string;
  readonly happen: (world: TailWorld) => void;
  readonly expected: readonly string[];
}[] = [
  { name: "nothing", happen: () => {}, expected: [] },
  { name: "growth", happen: (world) => world.append("a.jsonl", eventLines("new", 2)), expected: ["new-0", "new-1"] },
  {
    name: "rename rotation",
    happen: (world): void => {
      world.append("a.jsonl", eventLines("unread", 1));
      world.rename("a.jsonl", "a.jsonl.1");
      world.append("a.jsonl", eventLines("new", 1));
    },
    expected: ["unread-0", "new-0"],
  },
  {
    name: "three rotations",
    happen: (world): void => {
      world.append("a.jsonl", eventLines("unread", 1));
      world.rename("a.jsonl", "a.jsonl.3");
      world.write("a.jsonl.2", eventLines("x", 1));
      world.write("a.jsonl.1", eventLines("y", 1));
      world.append("a.jsonl", eventLines("new", 1));
    },
    expected: ["unread-0", "x-0", "y-0", "new-0"],
  },
  {
    name: "a rename to a name of no event file",
    happen: (world): void => {
      world.append("a.jsonl", eventLines("unread", 1));
      world.rename("a.jsonl", "a.jsonl.bak");
    },
    expected: ["unread-0"],
  },
  {
    name: "truncation",
    happen: (world) => world.write("a.jsonl", eventLines("new", 1)),
    expected: ["new-0"],
  },
  {
    name: "copytruncate, grown past the old place",
    happen: (world): void => {
      world.append("a.jsonl", eventLines("unread", 1));
      Deno.copyFileSync(world.path("a.jsonl"), world.path("a.jsonl.1"));
      world.write("a.jsonl", eventLines("new", 30));
    },
    expected: [...Array.from({ length: 30 }, (_, i) => `new-${i}`), "unread-0"],
  },
  { name: "deletion", happen: (world) => world.remove("a.jsonl"), expected: [] },
  {
    name: "deletion and creation",
    happen: (world): void => {
      world.remove("a.jsonl");
      world.write("a.jsonl", eventLines("new", 30));
    },
    expected: Array.from({ length: 30 }, (_, i) => `new-${i}`),
  },
  {
    name: "a new file in a new folder",
    happen: (world) => world.write("x/y/z.jsonl", eventLines("new", 1)),
    expected: ["new-0"],
  },
];

for (const { name, happen, expected } of ACCIDENTS) {
  Deno.test(`restart with ${name} meanwhile: each line once`, () => {
    using world = new TailWorld();
    world.write("a.jsonl", eventLines("old", 3));
    world.look();
    world.restart(() => happen(world));
    assert.deepEqual(idsOf(world.lookAtAll()), expected);
    world.restart();
    assert.deepEqual(idsOf(world.lookAtAll()), []);
  });

  Deno.test(`restart after ${name}, before it was noticed: each line once`, () => {
    using world = new TailWorld();
    world.write("a.jsonl", eventLines("old", 3));
    world.look();
    happen(world);
    world.restart();
    assert.deepEqual(idsOf(world.lookAtAll()), expected);
  });
}

Deno.test("restart inside an unfinished line: it is read whole when it is finished", () => {
  using world = new TailWorld();
  const line = eventLine("cut");
  world.write("a.jsonl", eventLines("a", 1) + line.slice(0, 40));
  world.look();
  world.restart();
  world.lookAtAll();
  world.append("a.jsonl", `${line.slice(40)}\n`);
  assert.deepEqual(idsOf(world.look()), ["cut"]);
});

Deno.test("restart between finding new content and reading it: it is read", () => {
  using world = new TailWorld({ maxOpenFiles: 0 });
  const writeAt = (prefix: string, seconds: number): void => {
    world.write("z.jsonl", eventLines(prefix, 3));
    Deno.utimeSync(world.path("z.jsonl"), seconds, seconds);
  };
  world.write("a.jsonl", eventLines("a", 1));
  writeAt("old", 1_000);
  world.look();
  // Of the same size, so that only the time tells.
  writeAt("new", 2_000);
  world.append("a.jsonl", eventLines("b", 1));
  world.tail.wake();
  for (const batch of world.tail.look(world.nowMs)) {
    assert.equal(batch.kind === "lines" && textOf(batch.lines), eventLine("b-0"));
    break;
  }
  world.restart();
  assert.deepEqual(idsOf(world.lookAtAll()), ["new-0", "new-1", "new-2"]);
});

Deno.test("restart with 10,000 lines written meanwhile: 30,000 in all", () => {
  using world = new TailWorld();
  const found: string[] = [];
  for (const generation of ["1", "2", "3"]) {
    world.restart(() => world.append("a.jsonl", eventLines(generation, 10_000)));
    found.push(...idsOf(world.lookAtAll()));
  }
  assert.equal(found.length, 30_000);
  assert.equal(new Set(found).size, 30_000);
});

Deno.test("restart: files that are gone leave the state small, and those nothing was read of are not in it", () => {
  using world = new TailWorld();
  for (let i = 0; i < 50; i++) world.write(`${i}.jsonl`, "");
  world.write("a.jsonl", eventLines("a", 1));
  world.look();
  const { files } = JSON.parse(JSON.stringify(world.tail.saveState()));
  assert.equal(files.length, 1);
});

Deno.test("the state holds no file content", () => {
  using world = new TailWorld();
  world.write("a.jsonl", `{"secret":"hunter2"}\n{"secret":"hunter2"`);
  world.look();
  assert.doesNotMatch(JSON.stringify(world.tail.saveState()), /hunter2|secret/);
});
