/**
 * Where the pieces of a JSON text end, in its bytes; -1 stands for "not valid, or not sure". Whoever gets -1 asks
 * JSON.parse, so these need not know all that JSON allows (white space, say), but must never take what it forbids. What
 * is no UTF-8 is no matter: it becomes U+FFFD, which may stand in a string.
 *
 * The bytes are read through a DataView, four at a time where that is possible. At least `PADDING_BYTES` bytes must
 * follow the text; the first of them must be no part of a string, a number or a word (a newline, say).
 */

export const PADDING_BYTES = 8;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const COLON = 0x3a;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
export const POINT = 0x2e;
export const ZERO = 0x30;
const LETTER_E = 0x65;
const LETTER_U = 0x75;
const MAX_DEPTH = 16;

/** Those of so many digits that all of them are exact. */
export const POWERS_OF_TEN: readonly number[] = Array.from({ length: 16 }, (_, digits) => 10 ** digits);

const EACH_BYTE = 0x01010101;
const HIGH_BITS = 0x80808080;

const IS_ESCAPE = new Uint8Array(256);
for (const letter of '"\\/bfnrt') IS_ESCAPE[letter.charCodeAt(0)] = 1;

/**
 * The first byte that may not stand in a string as it is: a quote, a backslash, a control character.
 *
 * Four bytes at a time, as in Hacker's Delight, section 6-1: `(w - 0x01…) & ~w` has the high bit of the lowest byte that
 * is 0 (and perhaps of bytes above it), likewise `(w - 0x20…) & ~w` of the lowest that is below 0x20.
 *
 * @param alsoHigh bits of bytes to stop at as well
 */
function plainEnd(view: DataView, at: number, alsoHigh: number): number {
  for (;; at += 4) {
    const four = view.getInt32(at, true);
    const quotes = four ^ (QUOTE * EACH_BYTE);
    const backslashes = four ^ (BACKSLASH * EACH_BYTE);
    const found = (((quotes - EACH_BYTE) & ~quotes) | ((backslashes - EACH_BYTE) & ~backslashes) |
      ((four - 0x20 * EACH_BYTE) & ~four) | (four & alsoHigh)) & HIGH_BITS;
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
  }
}

/** @param at after the opening quote. @returns the place of the closing quote of an ASCII string without escapes. */
export function plainStringEnd(view: DataView, at: number): number {
  const end = plainEnd(view, at, HIGH_BITS);
  return view.getUint8(end) === QUOTE ? end : -1;
}

/** Any value. @returns the place after it. */
export function skipValue(view: DataView, at: number, depth = 0): number {
  switch (view.getUint8(at)) {
    case QUOTE:
      return skipString(view, at + 1);
    case OPEN_BRACE:
      return depth < MAX_DEPTH ? skipMembers(view, at + 1, depth + 1) : -1;
    case OPEN_BRACKET:
      return depth < MAX_DEPTH ? skipElements(view, at + 1, depth + 1) : -1;
    case 0x6e:
      return view.getInt32(at, true) === NULL ? at + 4 : -1;
    case 0x74:
      return view.getInt32(at, true) === TRUE ? at + 4 : -1;
    case 0x66:
      return view.getInt32(at + 1, true) === ALSE ? at + 5 : -1;
    default:
      return skipNumber(view, at);
  }
}

export const NULL = fourOf("null");
export const TRUE = fourOf("true");
/** The last four letters of `false`. */
export const ALSE = fourOf("alse");

function fourOf(word: string): number {
  return word.charCodeAt(0) | (word.charCodeAt(1) << 8) | (word.charCodeAt(2) << 16) | (word.charCodeAt(3) << 24);
}

/** @param at after the opening quote. @returns the place after the closing one. */
export function skipString(view: DataView, at: number): number {
  for (;;) {
    at = plainEnd(view, at, 0);
    const byte = view.getUint8(at);
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) return -1;
    const escape = view.getUint8(at + 1);
    if (IS_ESCAPE[escape] === 1) at += 2;
    else if (escape === LETTER_U && isHex4(view, at + 2)) at += 6;
    else return -1;
  }
}

export function skipNumber(view: DataView, at: number): number {
  if (view.getUint8(at) === MINUS) at++;
  const first = at;
  at = skipDigits(view, at);
  if (at === first || (view.getUint8(first) === ZERO && at > first + 1)) return -1;
  if (view.getUint8(at) === POINT) {
    const fraction = at + 1;
    at = skipDigits(view, fraction);
    if (at === fraction) return -1;
  }
  if ((view.getUint8(at) | 0x20) === LETTER_E) {
    const sign = view.getUint8(at + 1);
    const exponent = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
    at = skipDigits(view, exponent);
    if (at === exponent) return -1;
  }
  return at;
}

function skipDigits(view: DataView, at: number): number {
  while (isDigit(view.getUint8(at))) at++;
  return at;
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** @param at after the opening brace. */
function skipMembers(view: DataView, at: number, depth: number): number {
  if (view.getUint8(at) === CLOSE_BRACE) return at + 1;
  for (;;) {
    if (view.getUint8(at) !== QUOTE) return -1;
    at = skipString(view, at + 1);
    if (at === -1 || view.getUint8(at) !== COLON) return -1;
    at = skipValue(view, at + 1, depth);
    if (at === -1) return -1;
    const next = view.getUint8(at);
    if (next === CLOSE_BRACE) return at + 1;
    if (next !== COMMA) return -1;
    at++;
  }
}

/** @param at after the opening bracket. */
function skipElements(view: DataView, at: number, depth: number): number {
  if (view.getUint8(at) === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = skipValue(view, at, depth);
    if (at === -1) return -1;
    const next = view.getUint8(at);
    if (next === CLOSE_BRACKET) return at + 1;
    if (next !== COMMA) return -1;
    at++;
  }
}

function isHex4(view: DataView, at: number): boolean {
  for (let index = at; index < at + 4; index++) {
    const letter = view.getUint8(index) | 0x20;
    if (!isDigit(view.getUint8(index)) && !(letter >= 0x61 && letter <= 0x66)) return false;
  }
  return true;
}
