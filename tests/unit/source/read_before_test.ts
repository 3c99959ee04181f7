import assert from "node:assert/strict";
import type { FilePlace } from "../../../lib/source/file_place.ts";
import { fingerprintOf } from "../../../lib/source/fingerprint.ts";
import { type NewFile, ReadBefore } from "../../../lib/source/read_before.ts";

const CONTENT = "one\ntwo\nthree\n";

function placeAfter(text: string): FilePlace {
  const bytes = new TextEncoder().encode(text);
  return {
    offsetBytes: bytes.length,
    skipping: false,
    head: fingerprintOf(bytes.subarray(0, 4)),
    beforeOffset: fingerprintOf(bytes.subarray(-4)),
  };
}

function newFile(path: string, text: string): NewFile {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    content: {
      contentBytes: () => bytes.length,
      fingerprintAt: (offset, length) => fingerprintOf(bytes.subarray(offset, offset + length)),
    },
  };
}

function beginOf(file: NewFile): number | null {
  const readBefore = new ReadBefore();
  readBefore.remember({ path: "/d/a.jsonl", place: placeAfter("one\ntwo\n") });
  return readBefore.placeIn(file, [])?.offsetBytes ?? null;
}

const CASES: readonly {
  readonly name: string;
  readonly file: NewFile;
  readonly expected: number | null;
}[] = [
  { name: "a copy", file: newFile("/d/a.jsonl.1", CONTENT), expected: 8 },
  {
    name: "a packed copy",
    file: newFile("/d/a.jsonl.gz", CONTENT),
    expected: 8,
  },
  { name: "a copy under the old name", file: newFile("/d/a.jsonl", CONTENT), expected: null },
  { name: "a copy of another stem", file: newFile("/d/b.jsonl.1", CONTENT), expected: null },
  { name: "a copy elsewhere", file: newFile("/e/a.jsonl.1", CONTENT), expected: null },
  { name: "an equal head only", file: newFile("/d/a.jsonl.1", "one\nTWO\n"), expected: null },
  { name: "an equal end only", file: newFile("/d/a.jsonl.1", "ONE\ntwo\n"), expected: null },
  { name: "less than what was read", file: newFile("/d/a.jsonl.1", "one\n"), expected: null },
];

for (const { name, file, expected } of CASES) {
  const begin = expected === null ? "from the start" : "from where the original was left";
  Deno.test(`ReadBefore.placeIn() has ${name} read ${begin}`, () => {
    assert.equal(beginOf(file), expected);
  });
}

Deno.test("ReadBefore.placeIn() takes the longest of several that fit", () => {
  const readBefore = new ReadBefore();
  for (const text of ["one\n", CONTENT, "one\ntwo\n"]) {
    readBefore.remember({ path: "/d/a.jsonl", place: placeAfter(text) });
  }
  assert.equal(readBefore.placeIn(newFile("/d/a.jsonl.1", CONTENT), [])?.offsetBytes, CONTENT.length);
});

Deno.test("ReadBefore.remember() keeps a bounded number of contents, the latest", () => {
  const readBefore = new ReadBefore();
  for (let i = 0; i < 1_000; i++) {
    readBefore.remember({ path: `/d/${i}.jsonl`, place: placeAfter(CONTENT) });
  }
  assert.equal(readBefore.entries.length, 256);
  assert.equal(readBefore.entries.at(-1)?.path, "/d/999.jsonl");
});
