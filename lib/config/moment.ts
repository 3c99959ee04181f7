import { duration, type Kind, type Parsed } from "./kinds.ts";

/** A point in time, as a user names it: so long ago, or a date. */
export type Moment = { readonly agoSeconds: number } | { readonly atSeconds: number };

const MUST_BE = 'a duration to go back, like "7d", or a time in UTC, like "2026-11-24T08:00:00Z"';
const AGO = duration({ least: "0s", most: "3650d" });
const UTC_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/;

export const moment: Kind<Moment> = {
  placeholder: "MOMENT",
  mustBe: MUST_BE,
  examples: ["7d", "2026-11-24", "2026-11-24T08:00:00Z"],
  fromText: (text) => text,
  parse(raw, place): Parsed<Moment> {
    const ago = AGO.parse(raw, place);
    if ("value" in ago) return { value: { agoSeconds: ago.value } };
    const ms = typeof raw === "string" && UTC_TIME.test(raw) ? Date.parse(raw) : NaN;
    return Number.isNaN(ms) ? { mustBe: MUST_BE } : { value: { atSeconds: ms / 1000 } };
  },
};

export function momentSeconds(value: Moment, nowSeconds: number): number {
  return "atSeconds" in value ? value.atSeconds : nowSeconds - value.agoSeconds;
}
