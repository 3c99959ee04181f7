import { isDigit, ZERO } from "./json_bytes.ts";
import { COLON, DASH, POINT, SECONDS_A_DAY, unixDay, UPPER_T, UPPER_Z } from "./timestamp.ts";

const DATE_LENGTH = "2026-11-24".length;
const CLOCK_END = "2026-11-24T00:08:15".length;
const FRACTIONS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/**
 * Reads times in the one form Prodigy writes, `2026-11-24T00:08:15.191966573Z` with 0 to 9 fraction digits, out of
 * bytes: five times as fast as from a string. Nearly all are of the same day as the one before.
 */
export class TimestampBytes {
  readonly #date = new Uint8Array(DATE_LENGTH);
  #dayStartSeconds = NaN;

  /** Unix seconds; `null` for any other form, valid or not. */
  seconds(view: DataView, start: number, end: number): number | null {
    const isForm = end - start > CLOCK_END && view.getUint8(end - 1) === UPPER_Z &&
      view.getUint8(start + DATE_LENGTH) === UPPER_T && view.getUint8(start + 13) === COLON &&
      view.getUint8(start + 16) === COLON;
    if (!isForm || !this.#readDate(view, start)) return null;
    const hour = twoDigits(view, start + 11);
    const minute = twoDigits(view, start + 14);
    const second = twoDigits(view, start + 17);
    if (!(hour <= 23 && minute <= 59 && second <= 60)) return null;
    const seconds = this.#dayStartSeconds + hour * 3600 + minute * 60 + second +
      fraction(view, start + CLOCK_END, end - 1);
    return Number.isNaN(seconds) ? null : seconds;
  }

  #readDate(view: DataView, start: number): boolean {
    if (this.#isSameDate(view, start)) return true;
    const year = twoDigits(view, start) * 100 + twoDigits(view, start + 2);
    const day = unixDay(year, twoDigits(view, start + 5), twoDigits(view, start + 8));
    const hasDashes = view.getUint8(start + 4) === DASH && view.getUint8(start + 7) === DASH;
    if (day === null || !hasDashes) return false;
    for (let at = 0; at < DATE_LENGTH; at++) this.#date[at] = view.getUint8(start + at);
    this.#dayStartSeconds = day * SECONDS_A_DAY;
    return true;
  }

  #isSameDate(view: DataView, start: number): boolean {
    // From the end, where dates differ.
    for (let at = DATE_LENGTH - 1; at >= 0; at--) {
      if (this.#date[at] !== view.getUint8(start + at)) return false;
    }
    return true;
  }
}

function twoDigits(view: DataView, at: number): number {
  const tens = view.getUint8(at);
  const ones = view.getUint8(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : NaN;
}

/** NaN when it is none. */
function fraction(view: DataView, start: number, end: number): number {
  if (start === end) return 0;
  const count = end - start - 1;
  const scale = FRACTIONS[count];
  if (view.getUint8(start) !== POINT || count < 1 || scale === undefined) return NaN;
  let value = 0;
  for (let at = start + 1; at < end; at++) {
    const byte = view.getUint8(at);
    value = isDigit(byte) ? value * 10 + byte - ZERO : NaN;
  }
  return value / scale;
}
