const DASH = 0x2d;
const COLON = 0x3a;
const UPPER_Z = 0x5a;
const LOWER_Z = 0x7a;

const MIN_LENGTH = "2026-11-24T00:08:15Z".length;
const MAX_LENGTH = "2026-11-24T00:08:15.123456789+00:00".length;

/** RFC 3339 with 0 to 9 fraction digits (Rust's chrono writes 0, 3, 6 or 9); second 60 is a leap second. */
const RFC_3339 = new RegExp(
  "^([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]" +
    "([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(\\.[0-9]{1,9})?" +
    "(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$",
);

/**
 * Tells whether `text` looks like RFC 3339: its length, its marks and its end, not its digits. For every line, so
 * cheap: the whole check would cost a tenth of the line's JSON.parse. `parseTimestampSeconds` has the last word.
 */
export function looksLikeTimestamp(text: string): boolean {
  const length = text.length;
  if (length < MIN_LENGTH || length > MAX_LENGTH) return false;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(16) !== COLON) return false;
  const last = text.charCodeAt(length - 1);
  return last === UPPER_Z || last === LOWER_Z || text.charCodeAt(length - 3) === COLON;
}

/** Parses RFC 3339 with 0 to 9 fraction digits and any offset to Unix seconds; `null` when there is no such time. */
export function parseTimestampSeconds(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = "0", sign, offsetHour = "0", offsetMinute = "0"] = match;
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (midnight.getUTCDate() !== Number(day)) return null; // 30 February rolls over into March

  const clock = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const offset = (Number(offsetHour) * 3600 + Number(offsetMinute) * 60) * (sign === "-" ? -1 : 1);
  return midnight.getTime() / 1000 + clock - offset + Number(fraction);
}
