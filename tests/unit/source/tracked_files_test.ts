import assert from "node:assert/strict";
import { ReadBefore } from "../../../lib/source/read_before.ts";
import { lookAt, TrackedFiles } from "../../../lib/source/tracked_files.ts";
import { createScratch } from "../../support/scratch.ts";

const ENCOUNTER = { nowMs: 0, scanPass: 1, oldBeforeMs: null };

Deno.test("TrackedFiles.busy() has the files that are open, written or in trouble, and no others", () => {
  using scratch = createScratch();
  const directory = scratch.path;
  const files = new TrackedFiles({
    lineMaxBytes: 1_000,
    gzipMaxBytes: 1_000,
    buffer: new Uint8Array(64 * 1024),
    counts: { truncated: 0, renamed: 0, departed: 0, readErrors: 0 },
    wallClockMs: Date.now,
    maxTrackedFiles: 10,
    readBefore: new ReadBefore(),
  });
  const meet = (name: string): void => {
    const path = `${directory}/${name}`;
    const info = lookAt(path);
    assert.ok(info !== null && info !== "unreadable");
    files.meet({ root: "events", path, relativePath: name, info, isEventFile: true }, ENCOUNTER);
  };
  const busy = (): string => [...files.busy()].map(({ path }) => path.slice(directory.length + 1)).join(" ");
  for (const name of ["a.jsonl", "b.jsonl", "empty.jsonl"]) {
    Deno.writeTextFileSync(`${directory}/${name}`, name.startsWith("empty") ? "" : "{}\n");
    meet(name);
  }
  assert.equal(busy(), "a.jsonl b.jsonl", "to be read");
  for (const file of files.busy()) assert.equal([...file.read(0)].length, 1);
  assert.equal(busy(), "a.jsonl b.jsonl", "open");
  for (const file of files) file.park();
  assert.equal(busy(), "");

  Deno.writeTextFileSync(`${directory}/b.jsonl`, "{}\n", { append: true });
  meet("b.jsonl");
  assert.equal(busy(), "b.jsonl");
  Deno.removeSync(`${directory}/b.jsonl`);
  for (const file of files.busy()) assert.equal([...file.read(0)].length, 0);
  assert.equal(busy(), "b.jsonl", "what could not be read is not forgotten");
  for (const file of files.busy()) files.depart(file);
  assert.equal(busy(), "");
});
