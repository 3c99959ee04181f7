import assert from "node:assert/strict";
import { ChangedFiles } from "../../../lib/prodigy/changed_files.ts";

function withFile(test: (path: string, directory: string) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    test(`${directory}/x.json`, directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function write(path: string, text: string, mtimeMs: number): void {
  Deno.writeTextFileSync(path, text);
  Deno.utimeSync(path, new Date(mtimeMs), new Date(mtimeMs));
}

const MINUTE_MS = 60_000;

Deno.test("read() reads again only what changed in size, time or inode", () => {
  withFile((path) => {
    const nowMs = Date.now();
    const files = new ChangedFiles({ wallNowMs: () => nowMs });
    write(path, "1", nowMs - MINUTE_MS);
    const kinds = [files.read(path, nowMs).kind, files.read(path, nowMs).kind];
    write(path, "12", nowMs - MINUTE_MS);
    kinds.push(files.read(path, nowMs).kind);
    write(path, "13", nowMs - MINUTE_MS + 1);
    kinds.push(files.read(path, nowMs).kind);
    write(`${path}.new`, "14", nowMs - MINUTE_MS + 1);
    Deno.renameSync(`${path}.new`, path);
    kinds.push(files.read(path, nowMs).kind, files.read(path, nowMs).kind);
    kinds.push(files.read(path, nowMs, { force: true }).kind);
    Deno.removeSync(path);
    kinds.push(files.read(path, nowMs).kind);
    assert.deepEqual(kinds, ["read", "same", "read", "read", "read", "same", "read", "absent"]);
  });
});

Deno.test("read() does not trust the stamp of a file written a moment ago", () => {
  withFile((path) => {
    const nowMs = Date.now();
    const files = new ChangedFiles({ wallNowMs: () => nowMs });
    write(path, "1", nowMs);
    files.read(path, nowMs);
    write(path, "2", nowMs);
    const reading = files.read(path, nowMs);
    assert.equal(reading.kind === "read" ? reading.json : reading.kind, 2);
  });
});

Deno.test("read() takes a file for read at the stamp it had in an earlier process", () => {
  withFile((path) => {
    const nowMs = Date.now();
    write(path, "1", nowMs - MINUTE_MS);
    const before = new ChangedFiles({ wallNowMs: () => nowMs }).read(path, nowMs);
    assert.ok(before.kind === "read");
    const files = new ChangedFiles({ wallNowMs: () => nowMs });
    files.assumeRead(path, before.stamp);
    assert.equal(files.read(path, nowMs).kind, "same");
  });
});

Deno.test("read() passes over files that are too large, and counts each once", () => {
  withFile((path) => {
    const files = new ChangedFiles({ wallNowMs: Date.now, maxFileBytes: 3 });
    write(path, "1234", 0);
    assert.equal(files.read(path, Date.now()).kind, "skipped");
    files.read(path, Date.now());
    assert.equal(files.stats.tooLarge, 1);
  });
});

Deno.test("listKept() sees every entry come and go, and lists a quiet directory only once", () => {
  withFile((path, directory) => {
    let wallNowMs = Date.now();
    const files = new ChangedFiles({ wallNowMs: () => wallNowMs });
    write(path, "1", 0);
    const first = files.listKept(directory);
    assert.notEqual(files.listKept(directory), first, "changed a moment ago: it may change again unseen");
    // Not by the clock alone: what happens next may happen within the same tick of the file system's.
    Deno.utimeSync(directory, new Date(wallNowMs - MINUTE_MS), new Date(wallNowMs - MINUTE_MS));
    const quiet = files.listKept(directory);
    assert.equal(files.listKept(directory), quiet);
    wallNowMs += MINUTE_MS;
    assert.notEqual(files.listKept(directory), quiet, "renewed now and then all the same");
    Deno.removeSync(path);
    assert.deepEqual(files.listKept(directory), { files: [], directories: [] });
    Deno.removeSync(directory);
    assert.equal(files.listKept(directory), "absent");
    Deno.mkdirSync(directory);
  });
});

Deno.test("listBelow() asks only for what its root has, and sees a new entry in the next look", () => {
  withFile((_, directory) => {
    const files = new ChangedFiles({ wallNowMs: Date.now });
    Deno.mkdirSync(`${directory}/a/inner`, { recursive: true });
    Deno.symlinkSync(`${directory}/a`, `${directory}/link`);
    files.beginLook();
    assert.deepEqual(files.listBelow(directory, "a", ""), { files: [], directories: ["inner"] });
    assert.deepEqual(files.listBelow(directory, "a", "/inner"), { files: [], directories: [] });
    assert.equal(files.listBelow(directory, "a", "/other"), "absent");
    assert.equal(files.listBelow(directory, "b", ""), "absent");
    assert.equal(files.listBelow(directory, "link", ""), "absent", "links are not followed");
    Deno.mkdirSync(`${directory}/b`);
    files.beginLook();
    assert.deepEqual(files.listBelow(directory, "b", ""), { files: [], directories: [] });
    assert.equal(files.listBelow(`${directory}/nowhere`, "a", ""), "absent");
  });
});

Deno.test("read() passes over a byte order mark", () => {
  withFile((path) => {
    const nowMs = Date.now();
    const files = new ChangedFiles({ wallNowMs: () => nowMs });
    write(path, '\ufeff{"a":1}', nowMs - MINUTE_MS);
    const reading = files.read(path, nowMs);
    assert.deepEqual(reading.kind === "read" ? reading.json : reading.kind, { a: 1 });
    write(path, "\ufeff", nowMs);
    assert.equal(files.read(path, nowMs).kind, "torn");
  });
});

Deno.test("doubt() reports a file until it is read again or forgotten", () => {
  withFile((path) => {
    const nowMs = Date.now();
    const files = new ChangedFiles({ wallNowMs: () => nowMs });
    const report = (): unknown => [files.problem, files.stats.unreadable];
    write(path, "1", nowMs - MINUTE_MS);
    files.read(path, nowMs);
    files.doubt(path, "odd");
    files.read(path, nowMs);
    assert.deepEqual(report(), [`Cannot read ${path}: odd`, 1]);
    write(path, "12", nowMs - MINUTE_MS);
    files.read(path, nowMs);
    assert.deepEqual(report(), [null, 0]);
    files.doubt(path, "odd");
    files.forget(path);
    assert.deepEqual(report(), [null, 0]);
  });
});

/** Of the file systems there are where tests run, the one in memory takes any time for a file. */
const MEMORY_DIRECTORY = "/dev/shm";

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    // Not there: not Linux.
    return false;
  }
}

Deno.test({
  name: "read() takes a time that no date can hold for none",
  ignore: !isDirectory(MEMORY_DIRECTORY),
  fn: () => {
    const path = Deno.makeTempFileSync({ dir: MEMORY_DIRECTORY });
    try {
      Deno.writeTextFileSync(path, "1");
      assert.ok(new Deno.Command("touch", { args: ["-d", "@99999999999999", path] }).outputSync().success);
      const nowMs = Date.now();
      const files = new ChangedFiles({ wallNowMs: () => nowMs });
      const reading = files.read(path, nowMs);
      assert.equal(reading.kind === "read" ? reading.mtimeMs : reading.kind, 0);
      assert.equal(files.mtimeMs(path), 0);
      assert.equal(files.directoryMtimeMs(path), null);
    } finally {
      Deno.removeSync(path);
    }
  },
});
