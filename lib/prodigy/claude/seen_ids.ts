/** Ids kept for sure. Message and tool-block ids together: some 20,000 API calls, or a day of a busy machine. */
export const SEEN_IDS_WINDOW = 65_536;
const DIGEST_LENGTH = 8;
const SAVED = /^[0-9a-z]*$/;

/**
 * Remembers which ids were counted, in bounded memory: two generations of `SEEN_IDS_WINDOW` digests of eight
 * characters. When the current generation is full, the older one is forgotten. A digest has 41 bits, so that a new id
 * is taken for a known one once in 10^7 times at worst.
 */
export class SeenIds {
  #current = new Set<string>();
  #previous = new Set<string>();
  // The saved form grows along, because making it anew for every snapshot would take as long as there are ids.
  #currentText = "";
  #previousText = "";
  readonly #window: number;

  constructor(window: number = SEEN_IDS_WINDOW) {
    this.#window = window;
  }

  has(id: string): boolean {
    const digest = digestOf(id);
    return this.#current.has(digest) || this.#previous.has(digest);
  }

  /** @returns Whether the id is new. */
  add(id: string): boolean {
    const digest = digestOf(id);
    if (this.#current.has(digest)) return false;
    const isNew = !this.#previous.has(digest);
    if (this.#current.size >= this.#window) {
      [this.#previous, this.#previousText] = [this.#current, this.#currentText];
      [this.#current, this.#currentText] = [new Set(), ""];
    }
    this.#current.add(digest);
    this.#currentText += digest;
    return isNew;
  }

  save(): unknown {
    return [this.#previousText, this.#currentText];
  }

  /** @throws {TypeError} when `state` is not what `save` gave. */
  load(state: unknown): void {
    const [previous, current]: readonly unknown[] = Array.isArray(state) ? state : [];
    [this.#previous, this.#previousText] = this.#read(previous);
    [this.#current, this.#currentText] = this.#read(current);
  }

  #read(text: unknown): [Set<string>, string] {
    if (typeof text !== "string" || text.length % DIGEST_LENGTH !== 0 || !SAVED.test(text)) {
      throw new TypeError("Cannot load seen ids as they must be a text of digests");
    }
    const digests = new Set<string>();
    for (let at = 0; at < text.length; at += DIGEST_LENGTH) digests.add(text.slice(at, at + DIGEST_LENGTH));
    return [digests, text];
  }
}

const SPACE = 36 ** DIGEST_LENGTH;

/** cyrb53, a fast non-cryptographic hash by bryc (public domain), in base 36. */
function digestOf(id: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const hash = 4294967296 * (2097151 & low) + (high >>> 0);
  return (hash % SPACE).toString(36).padStart(DIGEST_LENGTH, "0");
}
