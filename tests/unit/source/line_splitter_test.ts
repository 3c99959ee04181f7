import assert from "node:assert/strict";
import { textOf } from "../../../lib/source/line_block.ts";
import { LineSplitter, type SplitPlace } from "../../../lib/source/line_splitter.ts";

interface Split {
  readonly lines: readonly string[];
  readonly tooLong: number;
  readonly place: SplitPlace;
  readonly partialBytes: number;
}

function split(chunks: readonly (string | Uint8Array)[], lineMaxBytes: number, from?: SplitPlace): Split {
  const splitter = new LineSplitter({ lineMaxBytes, ...(from && { from }) });
  const lines: string[] = [];
  let tooLong = 0;
  for (const chunk of chunks) {
    let rest = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    while (rest.length > 0) {
      const piece = splitter.take(rest);
      if (piece.kind === "lines") lines.push(...textOf(piece.lines).split("\n"));
      if (piece.kind === "too_long") tooLong++;
      rest = rest.subarray(piece.consumedBytes);
    }
  }
  return { lines, tooLong, place: splitter.place, partialBytes: splitter.partialBytes };
}

const place = (offsetBytes: number, skipping = false): SplitPlace => ({ offsetBytes, skipping });

const CASES: readonly {
  readonly name: string;
  readonly chunks: readonly (string | Uint8Array)[];
  readonly expected: Split;
}[] = [
  {
    name: "keeps an unfinished line back",
    chunks: ["a\nb"],
    expected: { lines: ["a"], tooLong: 0, place: place(2), partialBytes: 1 },
  },
  {
    name: "joins a line from three chunks",
    chunks: ["a", "b", "c\n"],
    expected: { lines: ["abc"], tooLong: 0, place: place(4), partialBytes: 0 },
  },
  {
    name: "passes blank lines and carriage returns on",
    chunks: ["a\r\n\n\nb\n"],
    expected: { lines: ["a\r", "", "", "b"], tooLong: 0, place: place(7), partialBytes: 0 },
  },
  {
    name: "drops a byte order mark at the start only",
    chunks: ["\uFEFFa\n\uFEFFb\n"],
    expected: { lines: ["a", "\uFEFFb"], tooLong: 0, place: place(10), partialBytes: 0 },
  },
  {
    name: "takes a line of exactly the limit",
    chunks: ["12345678\n"],
    expected: { lines: ["12345678"], tooLong: 0, place: place(9), partialBytes: 0 },
  },
  {
    name: "gives up a line over the limit, and no other",
    chunks: ["a\n123456789\nb\n"],
    expected: { lines: ["a", "b"], tooLong: 1, place: place(14), partialBytes: 0 },
  },
  {
    name: "gives up an unfinished line as soon as it is over the limit",
    chunks: ["a\n12345", "6789", "0"],
    expected: { lines: ["a"], tooLong: 1, place: place(12, true), partialBytes: 0 },
  },
  {
    name: "reads on after a line that was given up",
    chunks: ["123456789", "0\nb\n"],
    expected: { lines: ["b"], tooLong: 1, place: place(13), partialBytes: 0 },
  },
  {
    name: "drops a hole of NUL bytes before a line",
    chunks: ["\0".repeat(20), "\0\0a\nb\n\0\0c\n"],
    expected: { lines: ["a", "b", "c"], tooLong: 0, place: place(30), partialBytes: 0 },
  },
  {
    name: "replaces what is not UTF-8",
    chunks: [new Uint8Array([0x61, 0xff, 0x0a])],
    expected: { lines: ["a\uFFFD"], tooLong: 0, place: place(3), partialBytes: 0 },
  },
];

for (const { name, chunks, expected } of CASES) {
  Deno.test(`LineSplitter.take() ${name}`, () => {
    assert.deepEqual(split(chunks, 8), expected);
  });
}

Deno.test("LineSplitter.take() begins where it is told to, skipping the rest of a given up line", () => {
  assert.deepEqual(split(["rest\na\n"], 8, place(100, true)), {
    lines: ["a"],
    tooLong: 0,
    place: place(107),
    partialBytes: 0,
  });
});

Deno.test("LineSplitter.take() gives a chunk's lines as one block with the bytes they took", () => {
  const splitter = new LineSplitter({ lineMaxBytes: 100 });
  const piece = splitter.take(new TextEncoder().encode("aä\nb\nc"));
  assert.ok(piece.kind === "lines");
  assert.equal(piece.consumedBytes, 6);
  assert.equal(piece.sizeBytes, 6);
  assert.equal(textOf(piece.lines), "aä\nb");
  assert.deepEqual([...piece.lines], [...new TextEncoder().encode("aä\nb")]);
});

Deno.test("LineSplitter.take() gives a line that was begun before by itself", () => {
  const splitter = new LineSplitter({ lineMaxBytes: 100 });
  splitter.take(new TextEncoder().encode("a"));
  const piece = splitter.take(new TextEncoder().encode("ä\nb\nc"));
  assert.ok(piece.kind === "lines");
  assert.equal(piece.consumedBytes, 3);
  assert.equal(piece.sizeBytes, 4);
  assert.equal(textOf(piece.lines), "aä");
});

Deno.test("LineSplitter.take() keeps copies, so the buffer may be used again", () => {
  const splitter = new LineSplitter({ lineMaxBytes: 100 });
  const buffer = new TextEncoder().encode("abc");
  splitter.take(buffer);
  buffer.fill(0x78);
  const piece = splitter.take(new TextEncoder().encode("d\n"));
  assert.equal(piece.kind === "lines" && textOf(piece.lines), "abcd");
});

Deno.test("LineSplitter.moveTo() forgets the unfinished line", () => {
  const splitter = new LineSplitter({ lineMaxBytes: 100 });
  splitter.take(new TextEncoder().encode("abc"));
  splitter.moveTo(place(0));
  const piece = splitter.take(new TextEncoder().encode("d\n"));
  assert.equal(piece.kind === "lines" && textOf(piece.lines), "d");
  assert.equal(splitter.positionBytes, 2);
});
