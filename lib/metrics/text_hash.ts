import { IdHash } from "../event/id_hash.ts";

const idHash = new IdHash();
/** The same text is asked about by several, one after another. */
let lastText = "";
let lastHash = 0;

/**
 * 32 bits that tell texts apart. V8 has a hash of every text as well, but gives it to nobody, and before it looks a new
 * text up in a `Map` or `Set` it puts it into its table of all texts, which takes three times as long as this.
 */
export function textHash(text: string): number {
  if (text === lastText) return lastHash;
  lastText = text;
  return lastHash = idHash.ofText(text).low;
}
