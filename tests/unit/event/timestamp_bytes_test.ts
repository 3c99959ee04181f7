import assert from "node:assert/strict";
import fc from "fast-check";
import { parseTimestampSeconds } from "../../../lib/event/timestamp.ts";
import { TimestampBytes } from "../../../lib/event/timestamp_bytes.ts";

const reader = new TimestampBytes();

function read(text: string): number | null {
  const bytes = new TextEncoder().encode(text);
  return reader.seconds(new DataView(bytes.buffer), 0, bytes.length);
}

Deno.test("TimestampBytes.seconds() reads what Prodigy writes as parseTimestampSeconds() does", () => {
  const range = { min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true };
  fc.assert(fc.property(fc.date(range), fc.stringMatching(/^(\.[0-9]{1,9})?$/), (date, fraction) => {
    const text = `${date.toISOString().slice(0, 19)}${fraction}Z`;
    assert.notEqual(read(text), null);
    assert.equal(read(text), parseTimestampSeconds(text));
  }));
});

Deno.test("TimestampBytes.seconds() makes no other time of anything", () => {
  const good = "2026-11-24T00:08:15.191966573Z";
  for (let at = 0; at < good.length; at++) {
    for (const put of ["", "0", "9", "-", ":", ".", "Z", "T", " ", "a", "00"]) {
      const text = good.slice(0, at) + put + good.slice(at + 1);
      const seconds = read(text);
      if (seconds !== null) assert.equal(seconds, parseTimestampSeconds(text), text);
    }
  }
});

for (
  const text of [
    "",
    "2026-02-29T00:00:00Z",
    "2026-11-24T24:00:00Z",
    "2026-11-24T00:08:15+01:00",
    "2026-11-24 00:08:15Z",
  ]
) {
  Deno.test(`TimestampBytes.seconds() leaves "${text}" to others`, () => assert.equal(read(text), null));
}
