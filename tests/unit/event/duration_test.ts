import assert from "node:assert/strict";
import { parseDurationSeconds } from "../../../lib/event/duration.ts";

const CASES: readonly { readonly name: string; readonly value: unknown; readonly seconds: number | null }[] = [
  { name: "chrono's pair", value: [45, 678000000], seconds: 45.678 },
  { name: "chrono's negative pair", value: [-2, 500000000], seconds: -1.5 },
  { name: "std's object", value: { secs: 4, nanos: 500000000 }, seconds: 4.5 },
  { name: "an object without nanos", value: { secs: 4 }, seconds: 4 },
  { name: "seconds", value: 12.25, seconds: 12.25 },
  { name: "negative seconds", value: -1, seconds: -1 },
  { name: "nothing", value: null, seconds: null },
  { name: "a text", value: "45s", seconds: null },
  { name: "NaN", value: NaN, seconds: null },
  { name: "infinity", value: Infinity, seconds: null },
  { name: "a Unix time in milliseconds", value: 1795478643740, seconds: null },
  { name: "a pair of texts", value: ["1", "2"], seconds: null },
  { name: "one number", value: [1], seconds: null },
  { name: "three numbers", value: [1, 2, 3], seconds: null },
  { name: "a pair with half seconds", value: [1.5, 0], seconds: null },
  { name: "too many nanoseconds", value: [1, 1e9], seconds: null },
  { name: "negative nanoseconds", value: [1, -1], seconds: null },
  { name: "nanos that are null", value: { secs: 1, nanos: null }, seconds: null },
  { name: "an object of other keys", value: { seconds: 1 }, seconds: null },
  { name: "an absurd pair", value: [1e18, 0], seconds: null },
];
for (const { name, value, seconds } of CASES) {
  Deno.test(`parseDurationSeconds() reads ${name}`, () => assert.equal(parseDurationSeconds(value), seconds));
}
