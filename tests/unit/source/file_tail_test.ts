import assert from "node:assert/strict";
import { FILE_START, type FilePlace } from "../../../lib/source/file_place.ts";
import { FileTail, placeAtEnd, type TailPiece } from "../../../lib/source/file_tail.ts";
import { createScratch } from "../../support/scratch.ts";
import { textOf } from "../../../lib/source/line_block.ts";

interface Rig extends Disposable {
  readonly path: string;
  readonly tail: FileTail;
  readonly file: Deno.FsFile;
}

function createRig(content: string, options: { readonly from?: FilePlace; readonly chunkBytes?: number } = {}): Rig {
  const scratch = createScratch();
  const path = `${scratch.path}/a.jsonl`;
  Deno.writeTextFileSync(path, content);
  const file = Deno.openSync(path);
  const buffer = new Uint8Array(options.chunkBytes ?? 65_536);
  const tail = new FileTail(file, { from: options.from ?? FILE_START, lineMaxBytes: 1_000_000, buffer });
  return {
    path,
    tail,
    file,
    [Symbol.dispose](): void {
      tail.close();
      scratch[Symbol.dispose]();
    },
  };
}

function outcomesOf(pieces: Iterable<TailPiece>): readonly string[] {
  return Array.from(pieces, (piece) => piece.kind === "lines" ? textOf(piece.lines) : piece.kind);
}

Deno.test("FileTail.read() has its place right after each piece, so it may be left there", () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => `{"line":${i},"padding":"${"x".repeat(i % 90)}"}`);
  using rig = createRig(lines.map((line) => `${line}\n`).join(""), { chunkBytes: 4_096 });
  const found: string[] = [];
  let from = FILE_START;
  for (let taken = true; taken;) {
    taken = false;
    // A new tail for every piece: only the place is handed on.
    const buffer = new Uint8Array(4_096);
    const tail = new FileTail(rig.file, { from, lineMaxBytes: 1_000_000, buffer });
    for (const piece of tail.read()) {
      assert.equal(piece.kind, "lines");
      if (piece.kind === "lines") found.push(...textOf(piece.lines).split("\n"));
      from = tail.place;
      taken = true;
      break;
    }
  }
  assert.deepEqual(found, lines);
});

Deno.test("FileTail.read() notices that the file was truncated and has grown past the place between two chunks", () => {
  using rig = createRig("old line\n".repeat(1_000), { chunkBytes: 4_096 });
  const pieces = rig.tail.read();
  assert.equal(pieces.next().value?.kind, "lines");
  Deno.writeTextFileSync(rig.path, "new line, longer\n".repeat(2_000));
  const accident = pieces.next().value;
  assert.equal(accident?.kind === "accident" && accident.decision, "rewritten");
  const lines = outcomesOf(pieces).flatMap((text) => text.split("\n"));
  assert.deepEqual([...new Set(lines)], ["new line, longer"]);
  assert.equal(lines.length, 2_000);
});

Deno.test("FileTail.read() compares the head of a file that did not grow when it is told to doubt it", () => {
  const end = "the same end ".repeat(30) + "\n";
  using rig = createRig(`a\n${end}`);
  outcomesOf(rig.tail.read());
  Deno.writeTextFileSync(rig.path, `b\n${end}`);
  assert.deepEqual(outcomesOf(rig.tail.read()), []);
  rig.tail.doubtHead();
  assert.deepEqual(outcomesOf(rig.tail.read()), ["accident", `b\n${end.trimEnd()} `]);
});

Deno.test("FileTail.read() ends although the file grows faster than it is read", () => {
  using rig = createRig("x\n".repeat(5_000), { chunkBytes: 4_096 });
  let pieces = 0;
  for (const piece of rig.tail.read()) {
    assert.equal(piece.kind, "lines");
    Deno.writeTextFileSync(rig.path, "x\n".repeat(3_000), { append: true });
    if (++pieces > 100) break;
  }
  assert.ok(pieces < 10, `${pieces} pieces`);
});

const ENDS: readonly {
  readonly name: string;
  readonly content: string;
  readonly offset: number;
  readonly skipping: boolean;
}[] = [
  { name: "an empty file", content: "", offset: 0, skipping: false },
  { name: "whole lines", content: "a\nb\n", offset: 4, skipping: false },
  { name: "an unfinished line", content: "a\nbc", offset: 2, skipping: false },
  { name: "nothing but an unfinished line", content: "abc", offset: 3, skipping: true },
  {
    name: "more than a buffer",
    content: `${"x".repeat(99)}\n`.repeat(1_000) + "cut",
    offset: 100_000,
    skipping: false,
  },
];

for (const { name, content, offset, skipping } of ENDS) {
  Deno.test(`placeAtEnd() finds the end of ${name}`, () => {
    using rig = createRig(content);
    const place = placeAtEnd(rig.file, new Uint8Array(4_096));
    assert.deepEqual([place.offsetBytes, place.skipping], [offset, skipping]);
    const tail = new FileTail(rig.file, { from: place, lineMaxBytes: 1_000, buffer: new Uint8Array(4_096) });
    Deno.writeTextFileSync(rig.path, "\nnew\n", { append: true });
    const last = outcomesOf(tail.read()).join("\n").split("\n").at(-1);
    assert.equal(last, "new");
  });
}
