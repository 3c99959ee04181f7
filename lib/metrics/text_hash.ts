/** The same text is asked about by several, one after another. */
let lastText = "";
let lastHash = 0;

/**
 * 32 bits that tell texts apart, mixed so that any few of them do. V8 has a hash of every text as well, but gives it to
 * nobody, and before it looks a new text up in a `Map` or `Set` it puts it into its table of all texts, which takes four
 * times as long as this. No defence against someone who makes up texts to have the same hash; whoever may write events
 * may as well write false ones.
 */
export function textHash(text: string): number {
  if (text === lastText) return lastHash;
  const last = text.length - 1;
  let hash = text.length;
  let at = 0;
  for (; at < last; at += 2) {
    hash = Math.imul(hash ^ (text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)), 0x9e3779b1);
    hash = (hash << 15) | (hash >>> 17);
  }
  if (at === last) hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  lastText = text;
  return lastHash = hash ^ (hash >>> 13);
}
