import assert from "node:assert/strict";
import { DirectoryScan, type FoundFile } from "../../../lib/source/directory_scan.ts";
import { createScratch } from "../../support/scratch.ts";

const LATER_MS = 60_000;

function createScan(directory: string): DirectoryScan {
  return new DirectoryScan([{ kind: "events", directory }], () => Date.now() + LATER_MS);
}

function pass(scan: DirectoryScan, everything = false): readonly string[] {
  scan.startPass(everything);
  return names(scan.advance(Infinity));
}

function names(found: Iterable<FoundFile>): readonly string[] {
  return [...found].map(({ relativePath }) => relativePath).toSorted();
}

Deno.test("DirectoryScan.advance() gives the files of directories that have changed, and no others", () => {
  using scratch = createScratch();
  Deno.mkdirSync(`${scratch.path}/a`);
  Deno.mkdirSync(`${scratch.path}/b`);
  Deno.writeTextFileSync(`${scratch.path}/a/1.jsonl`, "");
  Deno.writeTextFileSync(`${scratch.path}/b/1.jsonl`, "");
  const scan = createScan(scratch.path);
  assert.deepEqual(pass(scan), ["a/1.jsonl", "b/1.jsonl"]);
  assert.deepEqual(pass(scan), []);
  Deno.writeTextFileSync(`${scratch.path}/b/2.jsonl`, "");
  // The new entry changes the time by itself, but perhaps within the same tick.
  Deno.utimeSync(`${scratch.path}/b`, 1, 1);
  assert.deepEqual(pass(scan), ["b/1.jsonl", "b/2.jsonl"]);
});

Deno.test("DirectoryScan.advance() lists a directory again that had changed just before", () => {
  using scratch = createScratch();
  Deno.writeTextFileSync(`${scratch.path}/1.jsonl`, "");
  const scan = new DirectoryScan([{ kind: "events", directory: scratch.path }], () => Date.now());
  assert.deepEqual(pass(scan), ["1.jsonl"]);
  assert.deepEqual(pass(scan), ["1.jsonl"]);
});

Deno.test("DirectoryScan.advance() lists all directories now and then, whatever their times tell", () => {
  using scratch = createScratch();
  const scan = createScan(scratch.path);
  pass(scan);
  const { mtime } = Deno.statSync(scratch.path);
  assert.ok(mtime);
  Deno.writeTextFileSync(`${scratch.path}/1.jsonl`, "");
  Deno.utimeSync(scratch.path, mtime, mtime);
  const found = Array.from({ length: 60 }, () => pass(scan)).flat();
  assert.deepEqual(found, ["1.jsonl"]);
});

Deno.test("DirectoryScan.advance() visits a directory that is quiet for an hour less often, unless told to", () => {
  for (const everything of [false, true]) {
    using scratch = createScratch();
    Deno.mkdirSync(`${scratch.path}/quiet`);
    Deno.utimeSync(`${scratch.path}/quiet`, 1, 1);
    const scan = createScan(scratch.path);
    pass(scan);
    Deno.writeTextFileSync(`${scratch.path}/quiet/1.jsonl`, "");
    const passes = Array.from({ length: 4 }, () => pass(scan, everything).length);
    assert.equal(passes.reduce((sum, count) => sum + count, 0), 1);
    if (everything) assert.equal(passes[0], 1);
  }
});

Deno.test("DirectoryScan.advance() visits some of many directories per pass once they are quiet, and all of few", () => {
  for (
    const { count, perPass } of [
      { count: 100, perPass: [100, 0, 0, 0, 0, 0] },
      { count: 600, perPass: [150, 150, 150, 150, 0, 0] },
      { count: 2_700, perPass: [450, 450, 450, 450, 450, 450] },
    ]
  ) {
    using scratch = createScratch();
    const directories = Array.from({ length: count }, (_, number) => `${scratch.path}/${number}`);
    const before = Date.now() / 1000 - 60;
    for (const directory of directories) {
      Deno.mkdirSync(directory);
      Deno.utimeSync(directory, before, before);
    }
    const scan = createScan(scratch.path);
    pass(scan);
    for (const directory of directories) Deno.writeTextFileSync(`${directory}/1.jsonl`, "");
    assert.deepEqual(perPass.map(() => pass(scan).length), perPass);
  }
});

Deno.test("DirectoryScan.advance() goes on where it stopped, and tells when it has seen everything", () => {
  using scratch = createScratch();
  for (const name of ["a", "b", "c", "d"]) {
    Deno.mkdirSync(`${scratch.path}/${name}`);
    Deno.writeTextFileSync(`${scratch.path}/${name}/1.jsonl`, "");
  }
  const scan = createScan(scratch.path);
  scan.startPass(false);
  const slices = [names(scan.advance(2)).length, names(scan.advance(2)).length];
  assert.equal(scan.passesDone, 0);
  slices.push(names(scan.advance(2)).length);
  assert.deepEqual(slices, [1, 2, 1]);
  assert.equal(scan.passesDone, 1);
});

Deno.test("DirectoryScan.listAgain() lists one directory at once", () => {
  using scratch = createScratch();
  const scan = createScan(scratch.path);
  pass(scan);
  const { mtime } = Deno.statSync(scratch.path);
  assert.ok(mtime);
  Deno.writeTextFileSync(`${scratch.path}/1.jsonl`, "");
  Deno.utimeSync(scratch.path, mtime, mtime);
  assert.deepEqual(names(scan.listAgain(scratch.path)), ["1.jsonl"]);
  assert.deepEqual(names(scan.listAgain(`${scratch.path}/unknown`)), []);
});

Deno.test("DirectoryScan forgets directories that are gone", () => {
  using scratch = createScratch();
  Deno.mkdirSync(`${scratch.path}/a/b`, { recursive: true });
  const scan = createScan(scratch.path);
  pass(scan);
  assert.equal(scan.directoryCount, 3);
  Deno.removeSync(`${scratch.path}/a`, { recursive: true });
  Deno.utimeSync(scratch.path, 1, 1);
  pass(scan);
  assert.equal(scan.directoryCount, 1);
});
