import { IdHash } from "./id_hash.ts";

/** Enough for the names that are in use at one time: of jobs, runs, workflows and tools. */
const REMEMBERED_BITS = 10;
const REMEMBERED = 1 << REMEMBERED_BITS;
/** Longer ones are hashed each time, as they would fill memory. */
const LONGEST = 256;

const idHash = new IdHash();
/** What was hashed or made lately, each in the one place where it may be. */
const texts: string[] = new Array(REMEMBERED).fill("");
const hashes = new Int32Array(REMEMBERED).fill(idHash.ofText("").low);
/** The same text is asked about by several, one after another. */
let lastText = "";
let lastHash = idHash.low;

/**
 * 32 bits that tell texts apart. V8 has a hash of every text as well, but gives it to nobody, and before it looks a new
 * text up in a `Map` or `Set` it puts it into its table of all texts, which takes three times as long as this.
 */
export function textHash(text: string): number {
  if (text === lastText) return lastHash;
  lastText = text;
  return lastHash = text.length > LONGEST ? idHash.ofText(text).low : rememberedHash(text);
}

function rememberedHash(text: string): number {
  const place = placeOf(text);
  if (texts[place] !== text) {
    texts[place] = text;
    hashes[place] = idHash.ofText(text).low;
  }
  return hashes[place] ?? 0;
}

/**
 * Of a text that was just made of at most 256 bytes: their hash takes a quarter of what hashing its characters would.
 * @param view of at least three more bytes than the text's, which are ASCII
 */
export function rememberTextHash(text: string, view: DataView, start: number, end: number): void {
  const place = placeOf(text);
  texts[place] = text;
  hashes[place] = idHash.ofBytes(view, start, end).low;
}

/** Told by a few characters, mostly of the end, where names count: with all it would take as long as the hash. */
function placeOf(text: string): number {
  const { length } = text;
  const half = length >> 1;
  const quarter = length >> 2;
  const end = text.charCodeAt(length - 1) ^ (text.charCodeAt(length - 2) << 6);
  const rest = text.charCodeAt(half + quarter) ^ (text.charCodeAt(half) << 6) ^ (text.charCodeAt(quarter) << 12);
  return Math.imul(end ^ (rest << 12) ^ length, 0x9e3779b1) >>> (32 - REMEMBERED_BITS);
}
