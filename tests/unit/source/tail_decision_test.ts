import assert from "node:assert/strict";
import { fingerprintOf } from "../../../lib/source/fingerprint.ts";
import {
  type ContentDecision,
  decideContent,
  decidePlace,
  type FileIdentity,
  identityKey,
  type PlaceDecision,
  type ReadContent,
  type SeenContent,
} from "../../../lib/source/tail_decision.ts";

const FILE: FileIdentity = { dev: 1, ino: 2, birthMs: 3 };
const OTHER: FileIdentity = { dev: 1, ino: 9, birthMs: 3 };

const PLACES: readonly {
  readonly name: string;
  readonly atPath: FileIdentity | null;
  readonly elsewhere: boolean;
  readonly expected: PlaceDecision;
}[] = [
  { name: "nothing moved", atPath: FILE, elsewhere: false, expected: "in_place" },
  { name: "a second name (hard link)", atPath: FILE, elsewhere: true, expected: "in_place" },
  { name: "rename rotation, nothing new at the path yet", atPath: null, elsewhere: true, expected: "renamed" },
  { name: "rename rotation with a new file", atPath: OTHER, elsewhere: true, expected: "renamed" },
  { name: "another file renamed over it (retention)", atPath: OTHER, elsewhere: false, expected: "replaced" },
  { name: "deletion", atPath: null, elsewhere: false, expected: "vanished" },
  { name: "inode given out again", atPath: { ...FILE, birthMs: 4 }, elsewhere: false, expected: "replaced" },
  {
    name: "the same inode number on another volume",
    atPath: { ...FILE, dev: 7 },
    elsewhere: false,
    expected: "replaced",
  },
];

for (const { name, atPath, elsewhere, expected } of PLACES) {
  Deno.test(`decidePlace() calls "${name}" ${expected}`, () => {
    assert.equal(decidePlace(FILE, { atPath, elsewhere }), expected);
  });
}

Deno.test("identityKey() tells files apart that differ in one number", () => {
  const identities = [FILE, OTHER, { ...FILE, dev: 2 }, { ...FILE, birthMs: null }, { dev: 12, ino: 3, birthMs: null }];
  assert.equal(new Set(identities.map(identityKey)).size, identities.length);
});

const print = (text: string): ReturnType<typeof fingerprintOf> => fingerprintOf(new TextEncoder().encode(text));

/** "head…end\n" was read, and "par" of the next line. */
const KNOWN: ReadContent = {
  offsetBytes: 1_000,
  positionBytes: 1_003,
  head: print("head"),
  beforeOffset: print("end\n"),
  beforePosition: print("d\npar"),
};
const SAME: SeenContent = {
  sizeBytes: 1_003,
  head: KNOWN.head,
  beforeOffset: KNOWN.beforeOffset,
  beforePosition: KNOWN.beforePosition,
};

const CONTENTS: readonly {
  readonly name: string;
  readonly seen: Partial<SeenContent>;
  readonly expected: ContentDecision;
}[] = [
  { name: "nothing new", seen: {}, expected: "unchanged" },
  { name: "more lines", seen: { sizeBytes: 5_000 }, expected: "grown" },
  { name: "truncation to nothing", seen: { sizeBytes: 0, head: print("") }, expected: "truncated" },
  { name: "truncation to some lines", seen: { sizeBytes: 999 }, expected: "truncated" },
  {
    name: "copytruncate, grown past the old place with other content",
    seen: { sizeBytes: 5_000, head: print("HEAD"), beforeOffset: print("END\n"), beforePosition: print("D\nPAR") },
    expected: "rewritten",
  },
  {
    name: "copytruncate, grown past the old place with an equal head",
    seen: { sizeBytes: 5_000, beforeOffset: print("END\n"), beforePosition: print("D\nPAR") },
    expected: "rewritten",
  },
  {
    name: "copytruncate, grown to exactly the old place with an equal end",
    seen: { head: print("HEAD") },
    expected: "rewritten",
  },
  { name: "a head shorter than it was", seen: { head: print("hea") }, expected: "rewritten" },
  {
    name: "the unfinished line cut off",
    seen: { sizeBytes: 1_000, beforePosition: print("d\n") },
    expected: "partial_line_lost",
  },
  {
    name: "the unfinished line written anew",
    seen: { sizeBytes: 1_050, beforePosition: print("d\nPAR") },
    expected: "partial_line_lost",
  },
];

for (const { name, seen, expected } of CONTENTS) {
  Deno.test(`decideContent() calls "${name}" ${expected}`, () => {
    assert.equal(decideContent(KNOWN, { ...SAME, ...seen }), expected);
  });
}

Deno.test("fingerprintOf() tells apart bytes that differ anywhere, and in length", () => {
  const texts = ["", "a", "b", "ab", "ba", "a\0", "\0a", "a".repeat(255), "a".repeat(256)];
  assert.equal(new Set(texts.map((text) => JSON.stringify(print(text)))).size, texts.length);
});
