import assert from "node:assert/strict";
import { createAccident } from "../support/accident.ts";
import { append, checkpointLines } from "../support/event_lines.ts";
import { decodeSnapshot, encodeSnapshot } from "../../lib/snapshot/snapshot_format.ts";

Deno.test("a whole snapshot of another shape is set aside with a log, and the program starts fresh", async () => {
  await using accident = await createAccident();
  append(accident.file, checkpointLines(100));
  await accident.untilCounted(100);
  await accident.stop("SIGTERM");
  const path = `${accident.home}/.local/state/prodigy-exporter/snapshot`;
  const decoded = decodeSnapshot(await Deno.readFile(path));
  assert.ok(decoded.kind === "decoded");
  const parts = decoded.parts.map((part) =>
    part.name === "metrics" ? { ...part, encoding: "json" as const, value: { shape: "another" } } : part
  );
  writePieces(path, encodeSnapshot(parts, decoded.created));
  await accident.start();
  // History is read again, as at a first start.
  await accident.untilCounted(100);
  assert.match(accident.program.log(), /"snapshot_set_aside"/);
  assert.ok(namesBeside(path).some((name) => name.includes(".damaged-")));
});

Deno.test("a damaged snapshot is set aside, a second exporter on the same state is refused", async () => {
  await using accident = await createAccident();
  append(accident.file, checkpointLines(100));
  await accident.untilCounted(100);
  await assert.rejects(accident.start(), /another prodigy-exporter \(process \d+\) is using it/);
  await accident.stop("SIGKILL");
  const path = `${accident.home}/.local/state/prodigy-exporter/snapshot`;
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.subarray(0, bytes.length / 2));
  await accident.start();
  await accident.untilCounted(100);
  assert.match(accident.program.log(), /"snapshot_set_aside"/);
});

function namesBeside(path: string): readonly string[] {
  return Array.from(Deno.readDirSync(path.slice(0, path.lastIndexOf("/"))), ({ name }) => name);
}

function writePieces(path: string, pieces: readonly Uint8Array[]): void {
  using file = Deno.openSync(path, { write: true, truncate: true });
  for (const piece of pieces) {
    let offset = 0;
    while (offset < piece.length) offset += file.writeSync(piece.subarray(offset));
  }
}
