export const DASH = 0x2d;
export const COLON = 0x3a;
export const UPPER_Z = 0x5a;
const LOWER_Z = 0x7a;
export const UPPER_T = 0x54;
const LOWER_T = 0x74;
const BLANK = 0x20;
export const POINT = 0x2e;
const PLUS = 0x2b;
const ZERO = 0x30;

const MIN_LENGTH = "2026-11-24T00:08:15Z".length;
const MAX_LENGTH = "2026-11-24T00:08:15.123456789+00:00".length;

const MAX_FRACTION_DIGITS = 9;
export const SECONDS_A_DAY = 86_400;
const DAYS_OF_400_YEARS = 146_097;
/** From 1 March of the year 0 to 1 January 1970. */
const DAYS_TO_UNIX = 719_468;

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

/**
 * Parses RFC 3339 with 0 to 9 fraction digits (Rust's chrono writes 0, 3, 6 or 9) and any offset to Unix seconds; `null`
 * when there is no such time. Second 60 is a leap second.
 *
 * By hand, as a third of all events need their time: a regular expression and a Date take ten times as long.
 */
export function parseTimestampSeconds(text: string): number | null {
  if (!looksLikeTimestamp(text) || !isAt(text, 13, COLON)) return null;
  if (!isAt(text, 10, UPPER_T, BLANK) && !isAt(text, 10, LOWER_T)) return null;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const dayNumber = unixDay(year, month, day);
  if (dayNumber === null) return null;
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return null;

  const hasZ = isAt(text, text.length - 1, UPPER_Z, LOWER_Z);
  const zoneAt = text.length - (hasZ ? 1 : 6);
  const fraction = fractionSeconds(text, 19, zoneAt);
  const offset = hasZ ? 0 : offsetSeconds(text, zoneAt);
  const seconds = dayNumber * SECONDS_A_DAY + hour * 3600 + minute * 60 + second - offset + fraction;
  return Number.isNaN(seconds) ? null : seconds;
}

/** The number these characters are; NaN when one of them is no digit. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
  }
  return value;
}

/** Of the characters between the seconds and the zone: nothing, or a point and digits. */
function fractionSeconds(text: string, start: number, end: number): number {
  if (start === end) return 0;
  const count = end - start - 1;
  if (count < 1 || count > MAX_FRACTION_DIGITS || !isAt(text, start, POINT)) return NaN;
  return digits(text, start + 1, end) / 10 ** count;
}

function offsetSeconds(text: string, at: number): number {
  const hour = digits(text, at + 1, at + 3);
  const minute = digits(text, at + 4, at + 6);
  if (!isAt(text, at, PLUS, DASH) || !(hour <= 23 && minute <= 59)) return NaN;
  return (hour * 3600 + minute * 60) * (isAt(text, at, DASH) ? -1 : 1);
}

function daysOfMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/**
 * Days since 1970 in the Gregorian calendar; `null` when there is no such day. Years are counted from March, so that the
 * leap day is a year's last.
 */
export function unixDay(year: number, month: number, day: number): number | null {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month))) return null;
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_OF_400_YEARS + yearOfEra * 365 + leapDays + dayOfYear - DAYS_TO_UNIX;
}

function isAt(text: string, at: number, code: number, orCode = code): boolean {
  const found = text.charCodeAt(at);
  return found === code || found === orCode;
}
