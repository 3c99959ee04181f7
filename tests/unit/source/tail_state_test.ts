import assert from "node:assert/strict";
import { parseTailState, type TailState } from "../../../lib/source/tail_state.ts";

const STATE: TailState = {
  treeSeen: true,
  files: [{
    identity: { dev: 1, ino: 2, birthMs: null },
    path: "/e/a.jsonl",
    place: {
      offsetBytes: 300,
      skipping: false,
      head: { lengthBytes: 256, hash: 7 },
      beforeOffset: { lengthBytes: 256, hash: 8 },
    },
    seenBytes: 310,
    hasPartialLine: true,
    mtimeMs: 1_795_500_000_000,
    beginsAtEnd: false,
  }],
  lostContents: [{
    path: "/e/b.jsonl",
    place: {
      offsetBytes: 3,
      skipping: true,
      head: { lengthBytes: 3, hash: 1 },
      beforeOffset: { lengthBytes: 0, hash: 0 },
    },
  }],
};

Deno.test("parseTailState() gives back what was kept as JSON", () => {
  assert.deepEqual(parseTailState(JSON.parse(JSON.stringify(STATE))), STATE);
});

const FILE = STATE.files[0];
const WRONG: readonly (readonly [name: string, value: unknown, field: string])[] = [
  ["null", null, "state"],
  ["an array", [], "state"],
  ["no flag", { ...STATE, treeSeen: undefined }, "treeSeen"],
  ["files that are no list", { ...STATE, files: {} }, "files"],
  ["a file that is no object", { ...STATE, files: [7] }, "files[]"],
  ["a negative offset", { ...STATE, files: [{ ...FILE, place: { ...FILE?.place, offsetBytes: -1 } }] }, "offsetBytes"],
  [
    "a fingerprint of more bytes than there were",
    { ...STATE, files: [{ ...FILE, place: { ...FILE?.place, offsetBytes: 10 } }] },
    "lengthBytes",
  ],
  ["an inode that is text", { ...STATE, files: [{ ...FILE, identity: { dev: 1, ino: "2", birthMs: null } }] }, "ino"],
  ["a lost content without a path", { ...STATE, lostContents: [{ ...STATE.lostContents[0], path: null }] }, "path"],
];

for (const [name, value, field] of WRONG) {
  Deno.test(`parseTailState() refuses ${name} and names the field`, () => {
    assert.throws(
      () => parseTailState(value),
      (error) => error instanceof TypeError && error.message.includes(`\`${field}\``),
    );
  });
}
