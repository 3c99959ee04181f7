import { isDigit, POINT, POWERS_OF_TEN, ZERO } from "./json_bytes.ts";
import { COLON, DASH, SECONDS_A_DAY, unixDay, UPPER_T, UPPER_Z } from "./timestamp.ts";

const CLOCK_END = "2026-11-24T00:08:15".length;
const MAX_DECIMALS = 9;

/**
 * Reads times in the one form Prodigy writes, `2026-11-24T00:08:15.191966573Z` with 0 to 9 fraction digits, out of
 * bytes: ten times as fast as from a string. Nearly all are of the same minute as the one before.
 */
export class TimestampBytes {
  /** `2026-11-24T00:08`, four bytes at a time. */
  readonly #minute = new Int32Array(4);
  #minuteBeganSeconds = NaN;

  /** Unix seconds; `null` for any other form, valid or not. */
  seconds(view: DataView, start: number, end: number): number | null {
    const isForm = end - start > CLOCK_END && view.getUint8(end - 1) === UPPER_Z && view.getUint8(start + 16) === COLON;
    if (!isForm || !(this.#isSameMinute(view, start) || this.#readMinute(view, start))) return null;
    const second = twoDigits(view, start + 17);
    if (!(second <= 60)) return null;
    const seconds = this.#minuteBeganSeconds + second + fraction(view, start + CLOCK_END, end - 1);
    return Number.isNaN(seconds) ? null : seconds;
  }

  #isSameMinute(view: DataView, start: number): boolean {
    const minute = this.#minute;
    // From the end, where they differ.
    return view.getInt32(start + 12, true) === minute[3] && view.getInt32(start + 8, true) === minute[2] &&
      view.getInt32(start + 4, true) === minute[1] && view.getInt32(start, true) === minute[0];
  }

  #readMinute(view: DataView, start: number): boolean {
    const year = twoDigits(view, start) * 100 + twoDigits(view, start + 2);
    const day = unixDay(year, twoDigits(view, start + 5), twoDigits(view, start + 8));
    const hour = twoDigits(view, start + 11);
    const minute = twoDigits(view, start + 14);
    const hasMarks = view.getUint8(start + 4) === DASH && view.getUint8(start + 7) === DASH &&
      view.getUint8(start + 10) === UPPER_T && view.getUint8(start + 13) === COLON;
    if (day === null || !hasMarks || !(hour <= 23 && minute <= 59)) return false;
    for (let word = 0; word < 4; word++) this.#minute[word] = view.getInt32(start + word * 4, true);
    this.#minuteBeganSeconds = day * SECONDS_A_DAY + hour * 3600 + minute * 60;
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
  const decimals = end - start - 1;
  if (view.getUint8(start) !== POINT || decimals < 1 || decimals > MAX_DECIMALS) return NaN;
  let value = 0;
  for (let at = start + 1; at < end; at++) {
    const byte = view.getUint8(at);
    if (!isDigit(byte)) return NaN;
    value = value * 10 + byte - ZERO;
  }
  return value / (POWERS_OF_TEN[decimals] ?? NaN);
}
