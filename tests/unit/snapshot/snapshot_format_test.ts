import assert from "node:assert/strict";
import { decodeSnapshot, encodeSnapshot, type SnapshotPart } from "../../../lib/snapshot/snapshot_format.ts";

const PARTS: readonly SnapshotPart[] = [
  { name: "ledger", encoding: "json", value: { "prodigy_workflow_active": [["demo"], 1] } },
  { name: "seen", encoding: "bytes", bytes: Uint8Array.of(0, 10, 13, 255) },
  { name: "empty", encoding: "bytes", bytes: new Uint8Array() },
];

Deno.test("decodeSnapshot() gives back what encodeSnapshot() was given", () => {
  assert.deepEqual(decodeSnapshot(encoded(PARTS)), { kind: "decoded", created: "2026-11-24T09:00:00Z", parts: PARTS });
});

Deno.test("decodeSnapshot() takes no truncated snapshot", () => {
  const whole = encoded(PARTS);
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal(decodeSnapshot(whole.subarray(0, length)).kind, "damaged", `cut at ${length}`);
  }
});

Deno.test("decodeSnapshot() takes no snapshot with a flipped bit", () => {
  const whole = encoded(PARTS);
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const flipped = whole.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(decodeSnapshot(flipped).kind, "damaged", `bit ${bit}`);
  }
});

Deno.test("decodeSnapshot() takes no snapshot that something was appended to", () => {
  assert.deepEqual(decodeSnapshot(Uint8Array.of(...encoded(PARTS), 0)), {
    kind: "damaged",
    reason: "bytes follow its last part",
  });
});

for (
  const { name, text } of [
    { name: "an empty file", text: "" },
    { name: "a line of JSON", text: '{"a":1}\n' },
    { name: "text without lines", text: "x".repeat(100_000) },
    { name: "a log", text: "2026-11-24 start\n2026-11-24 stop\n" },
  ]
) {
  Deno.test(`decodeSnapshot() calls ${name} damaged`, () => {
    assert.equal(decodeSnapshot(new TextEncoder().encode(text)).kind, "damaged");
  });
}

Deno.test("decodeSnapshot() tells a later version, whose checksum is right, from damage", () => {
  assert.deepEqual(decodeSnapshot(withVersion(7)), { kind: "newer", version: 7 });
});

Deno.test("decodeSnapshot() upgrades version 1, whose sessions were pairs", () => {
  const facts = { usage: [["session-a", true], ["session-b", true]], error: [], end: [["session-a", true]] };
  const metrics = (byLines: unknown): SnapshotPart => ({
    name: "metrics",
    encoding: "json",
    value: { ledger: { a: [1] }, work: { jobs: [], claudeSessions: { byLines, byState: {}, models: [["c", "m"]] } } },
  });
  const other: SnapshotPart = { name: "store", encoding: "json", value: [[1, 2]] };
  const decoded = decodeSnapshot(withVersion(1, [metrics(facts), other]));
  assert.ok(decoded.kind === "decoded");
  assert.deepEqual(decoded.parts, [
    metrics({ usage: ["session-a", "session-b"], error: [], end: ["session-a"] }),
    other,
  ]);
});

function encoded(parts: readonly SnapshotPart[]): Uint8Array {
  return concat(encodeSnapshot(parts, "2026-11-24T09:00:00Z"));
}

/** A snapshot of another version, made as that version would: by the rule that the header's last key is its checksum. */
function withVersion(version: number, parts = PARTS): Uint8Array {
  const [header = new Uint8Array(), ...bodies] = encodeSnapshot(parts, "2026-11-24T09:00:00Z");
  const open = new TextDecoder().decode(header).replace('"version":2', `"version":${version}`)
    .replace(/,"crc32":"\w+"\}\n$/, "");
  const tail = `,"crc32":"${bitwiseCrc32(open).toString(16).padStart(8, "0")}"}\n`;
  return concat([new TextEncoder().encode(open + tail), ...bodies]);
}

/** CRC-32 by its definition, so that the file's format does not hang on one library. */
function bitwiseCrc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
