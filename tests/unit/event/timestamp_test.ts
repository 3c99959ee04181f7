import assert from "node:assert/strict";
import fc from "fast-check";
import { looksLikeTimestamp, parseTimestampSeconds } from "../../../lib/event/timestamp.ts";

const CASES: readonly { readonly name: string; readonly text: string; readonly seconds: number | null }[] = [
  { name: "no fraction", text: "1970-01-01T00:00:01Z", seconds: 1 },
  { name: "3 digits", text: "2026-11-24T00:07:00.495Z", seconds: 1795478820.495 },
  { name: "9 digits", text: "2026-11-24T00:07:00.123456789Z", seconds: 1795478820.123456789 },
  { name: "an offset", text: "2026-11-24T01:07:00+01:00", seconds: 1795478820 },
  { name: "a negative offset", text: "2026-11-23T18:37:00.5-05:30", seconds: 1795478820.5 },
  { name: "small letters", text: "1970-01-01t00:00:01z", seconds: 1 },
  { name: "a blank between", text: "1970-01-01 00:00:01Z", seconds: 1 },
  { name: "a leap second", text: "2016-12-31T23:59:60Z", seconds: 1483228800 },
  { name: "a leap day", text: "2024-02-29T00:00:00Z", seconds: 1709164800 },
  { name: "the year 99", text: "0099-01-01T00:00:00Z", seconds: -59042995200 },
  { name: "29 February of 2023", text: "2023-02-29T00:00:00Z", seconds: null },
  { name: "31 April", text: "2026-04-31T00:00:00Z", seconds: null },
  { name: "month 13", text: "2026-13-01T00:00:00Z", seconds: null },
  { name: "hour 24", text: "2026-01-01T24:00:00Z", seconds: null },
  { name: "no zone", text: "2026-01-01T00:00:00", seconds: null },
  { name: "10 digits", text: "2026-01-01T00:00:00.1234567890Z", seconds: null },
  { name: "a point alone", text: "2026-01-01T00:00:00.Z", seconds: null },
  { name: "a rest", text: "2026-01-01T00:00:00Z ", seconds: null },
  { name: "letters for digits", text: "2026-01-01T0a:00:00Z", seconds: null },
  { name: "a date", text: "2026-01-01", seconds: null },
  { name: "nothing", text: "", seconds: null },
];
for (const { name, text, seconds } of CASES) {
  Deno.test(`parseTimestampSeconds() reads ${name}`, () => assert.equal(parseTimestampSeconds(text), seconds));
}

Deno.test("looksLikeTimestamp() takes all that parses", () => {
  for (const { text, seconds } of CASES) {
    if (seconds !== null) assert.ok(looksLikeTimestamp(text), text);
  }
});

for (const text of ["", "noon", "2026-11-24", "1795478820", "2026-11-24T00:07:00", "24.11.2026 00:07:00 Uhr Z"]) {
  Deno.test(`looksLikeTimestamp() refuses "${text}"`, () => assert.equal(looksLikeTimestamp(text), false));
}

Deno.test("parseTimestampSeconds() agrees with Date for every millisecond", () => {
  const range = { min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true };
  fc.assert(fc.property(fc.date(range), (date) => {
    const seconds = parseTimestampSeconds(date.toISOString());
    assert.ok(seconds !== null && Math.abs(seconds - date.getTime() / 1000) < 1e-4);
  }));
});

Deno.test("parseTimestampSeconds() never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(parseTimestampSeconds(text), null)));
});

/** The same once more, slowly. */
const RFC_3339 = new RegExp(
  "^([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]" +
    "([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(\\.[0-9]{1,9})?" +
    "(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$",
);

Deno.test("parseTimestampSeconds() takes what RFC 3339 does, and nothing else", () => {
  const good = fc.constantFrom(...CASES.filter(({ seconds }) => seconds !== null).map(({ text }) => text));
  const change = fc.tuple(fc.nat(40), fc.constantFrom("", "0", "9", "-", "+", ":", ".", "Z", "T", " ", "a"), fc.nat(1));
  fc.assert(
    fc.property(good, fc.array(change, { maxLength: 3 }), (text, changes) => {
      const changed = changes.reduce((now, [at, put, cut]) => now.slice(0, at) + put + now.slice(at + cut), text);
      const [, year, month, day] = RFC_3339.exec(changed) ?? [];
      const isDay = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
      assert.equal(parseTimestampSeconds(changed) !== null, isDay, changed);
    }),
    { numRuns: 2000 },
  );
});
