import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeSnapshot, encodeSnapshot, type SnapshotPart } from "../../lib/snapshot/snapshot_format.ts";

const PARTS: fc.Arbitrary<readonly SnapshotPart[]> = fc.array(
  fc.oneof(
    fc.record({ name: fc.string(), encoding: fc.constant("json" as const), value: fc.jsonValue() }),
    fc.record({ name: fc.string(), encoding: fc.constant("bytes" as const), bytes: fc.uint8Array() }),
  ),
  { maxLength: 4 },
);

Deno.test("decodeSnapshot() gives back any parts, and no parts after any damage", () => {
  fc.assert(fc.property(PARTS, fc.nat(), fc.integer({ min: 1, max: 255 }), (parts, place, mask) => {
    const whole = Uint8Array.from(encodeSnapshot(parts, "2026-11-24T09:00:00Z").flatMap((piece) => [...piece]));
    const decoded = decodeSnapshot(whole);
    assert.equal(decoded.kind, "decoded");
    // JSON has no -0, so values are compared as JSON.
    assert.equal(JSON.stringify(decoded.kind === "decoded" ? decoded.parts : null), JSON.stringify(parts));

    const at = place % whole.length;
    assert.equal(decodeSnapshot(whole.subarray(0, at)).kind, "damaged");
    whole[at] = (whole[at] ?? 0) ^ mask;
    assert.equal(decodeSnapshot(whole).kind, "damaged");
  }));
});
