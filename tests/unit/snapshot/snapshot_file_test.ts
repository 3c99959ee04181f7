import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { readSnapshot, SnapshotWriter } from "../../../lib/snapshot/snapshot_file.ts";
import { encodeSnapshot, type SnapshotPart } from "../../../lib/snapshot/snapshot_format.ts";
import { TempFolder } from "../../support/socket_rig.ts";

const CREATED = "2026-11-24T09:00:00Z";
const NOW_MS = Date.parse("2026-11-24T09:30:00Z");

Deno.test("readSnapshot() of no file is the first start", async () => {
  using folder = new TempFolder();
  assert.deepEqual(await readSnapshot(folder.file("snapshot"), NOW_MS), { kind: "missing" });
});

Deno.test("SnapshotWriter.write() writes what readSnapshot() loads, readable by the owner only", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  // More than one piece of 1 MiB.
  const parts: readonly SnapshotPart[] = [{
    name: "seen",
    encoding: "bytes",
    bytes: new Uint8Array(2_500_000).fill(7),
  }];
  await new SnapshotWriter(path).write(parts, CREATED);
  assert.deepEqual(await readSnapshot(path, NOW_MS), { kind: "loaded", created: CREATED, parts });
  assert.equal(folder.permissions("snapshot"), 0o600);
  assert.deepEqual(folder.names(), ["snapshot"]);
});

Deno.test("SnapshotWriter.write() captures at once and writes one snapshot at a time", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  const writer = new SnapshotWriter(path);
  const value = { count: 1 };
  const written = writer.write([part(value)], CREATED);
  value.count = 2;
  assert.equal(writer.busy, true);
  assert.throws(() => writer.write([part(value)], CREATED), /wait for idle/);
  await writer.idle();
  assert.equal(writer.busy, false);
  await written;
  assert.deepEqual(await readSnapshot(path, NOW_MS), { kind: "loaded", created: CREATED, parts: [part({ count: 1 })] });
});

Deno.test("SnapshotWriter.write() encodes copies while other things run, and the rest at once", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  const live = { count: 1 };
  const copy = Array.from({ length: 5_000 }, (_, index) => ({ labels: [`name ${index}`], value: index }));
  const written = new SnapshotWriter(path).write([
    { name: "copy", encoding: "json", value: copy, isCopy: true },
    { name: "live", encoding: "json", value: live },
  ], CREATED);
  live.count = 2;
  await written;
  const read = await readSnapshot(path, 0);
  assert.ok(read.kind === "loaded");
  assert.deepEqual(read.parts.map((part) => part.encoding === "json" && part.value), [copy, { count: 1 }]);
});

Deno.test("SnapshotWriter.write() that fails leaves the previous snapshot, and can be tried again", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  const writer = new SnapshotWriter(path, { maxBytes: 1000 });
  await writer.write([part(1)], CREATED);
  await assert.rejects(writer.write([part("x".repeat(2000))], CREATED), (error: Error) => {
    assert.match(error.message, /^Cannot write the snapshot .*\/snapshot$/);
    assert.ok(error.cause instanceof RangeError);
    return true;
  });
  // A directory in the way of the temporary file: as good as a disk that takes nothing.
  await Deno.mkdir(`${path}.tmp/x`, { recursive: true });
  await assert.rejects(writer.write([part(2)], CREATED), /Cannot write the snapshot/);
  assert.deepEqual(await readSnapshot(path, NOW_MS), { kind: "loaded", created: CREATED, parts: [part(1)] });
  await Deno.remove(`${path}.tmp`, { recursive: true });
  await writer.write([part(3)], CREATED);
  assert.deepEqual(await readSnapshot(path, NOW_MS), { kind: "loaded", created: CREATED, parts: [part(3)] });
});

Deno.test("SnapshotWriter.write() replaces what a crash left of an earlier write, without following a link", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  folder.write("precious", "keep");
  folder.link("snapshot.tmp", folder.file("precious"));
  await new SnapshotWriter(path).write([part(1)], CREATED);
  assert.equal(folder.read("precious"), "keep");
  assert.equal((await readSnapshot(path, NOW_MS)).kind, "loaded");
});

Deno.test("readSnapshot() sets a damaged file aside and says why", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  folder.write("snapshot", "half a snap");
  assert.deepEqual(await readSnapshot(path, NOW_MS), {
    kind: "set_aside",
    reason: "it has no header line",
    movedTo: `${path}.damaged-20261124T093000Z`,
  });
  assert.equal(folder.read("snapshot.damaged-20261124T093000Z"), "half a snap");
  assert.deepEqual(await readSnapshot(path, NOW_MS), { kind: "missing" });
});

Deno.test("readSnapshot() keeps the three youngest damaged files", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  for (let minute = 0; minute < 5; minute += 1) {
    folder.write("snapshot", String(minute));
    await readSnapshot(path, NOW_MS + minute * 60_000);
  }
  assert.deepEqual(folder.names().map((name) => folder.read(name)), ["2", "3", "4"]);
});

Deno.test("readSnapshot() sets aside what is too large, and what is no file", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  folder.write("snapshot", "x".repeat(2000));
  assert.match(reasonOf(await readSnapshot(path, NOW_MS, 1000)), /larger than 1000 bytes/);
  folder.link("snapshot", "/dev/zero");
  assert.match(reasonOf(await readSnapshot(path, NOW_MS + 1000)), /not a regular file/);
});

Deno.test("readSnapshot() refuses a later version and leaves it where it is", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  // Known bytes: the header `{"format":"prodigy-exporter snapshot","version":3}` with its checksum.
  const open = '{"format":"prodigy-exporter snapshot","version":3';
  folder.write("snapshot", `${open},"crc32":"${crc32(open).toString(16).padStart(8, "0")}"}\n`);
  const read = await readSnapshot(path, NOW_MS);
  assert.equal(read.kind, "refused");
  assert.match(read.kind === "refused" ? read.problem : "", /later prodigy-exporter \(snapshot version 3\); run that/);
  assert.deepEqual(folder.names(), ["snapshot"]);
});

Deno.test("a crash between any two steps of SnapshotWriter.write() leaves a loadable snapshot", async () => {
  using folder = new TempFolder();
  const path = folder.file("snapshot");
  await new SnapshotWriter(path).write([part("old")], CREATED);
  const bytes = encodeSnapshot([part("new")], CREATED).flatMap((piece) => [...piece]);
  // Every length the temporary file may have had when the process died.
  for (let length = 0; length <= bytes.length; length += 1) {
    await Deno.writeFile(`${path}.tmp`, Uint8Array.from(bytes.slice(0, length)));
    assert.deepEqual(await readSnapshot(path, NOW_MS), { kind: "loaded", created: CREATED, parts: [part("old")] });
  }
  await Deno.rename(`${path}.tmp`, path);
  assert.deepEqual(await readSnapshot(path, NOW_MS), { kind: "loaded", created: CREATED, parts: [part("new")] });
});

function part(value: unknown): SnapshotPart {
  return { name: "ledger", encoding: "json", value };
}

function reasonOf(read: { readonly kind: string; readonly reason?: string }): string {
  return read.reason ?? read.kind;
}
