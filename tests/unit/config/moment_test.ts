import assert from "node:assert/strict";
import { moment, momentSeconds } from "../../../lib/config/moment.ts";

const HERE = { homeDirectory: null, baseDirectory: "/" };

Deno.test("moment takes durations to go back and times in UTC", () => {
  const now = Date.parse("2026-11-24T12:00:00Z") / 1000;
  const at = (text: string): number | string => {
    const parsed = moment.parse(text, HERE);
    return "value" in parsed ? momentSeconds(parsed.value, now) : parsed.mustBe;
  };
  assert.equal(at("1h30m"), now - 5400);
  assert.equal(at("0s"), now);
  assert.equal(at("2026-11-24"), Date.parse("2026-11-24T00:00:00Z") / 1000);
  assert.equal(at("2026-11-24T08:30Z"), Date.parse("2026-11-24T08:30:00Z") / 1000);
  for (const wrong of ["", "yesterday", "7", "2026-13-01", "2026-11-24T08:30", "4000d"]) {
    assert.equal(at(wrong), moment.mustBe, wrong);
  }
});
