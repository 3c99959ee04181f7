import type { SeenIds } from "./seen_ids.ts";
import { excessUsage, isZeroUsage, maxUsage, NO_USAGE, packUsage, type TokenUsage, unpackUsage } from "./usage.ts";

/** Messages whose usage may still grow: far more than there are Claude sessions at one time. */
export const OPEN_MESSAGES = 1_024;

/** How a message's maximum moved. */
export interface Growth {
  readonly before: TokenUsage;
  readonly after: TokenUsage;
  /** Under which session it is counted. */
  readonly sessionId: string;
}

interface OpenMessage {
  readonly usage: TokenUsage;
  readonly sessionId: string;
}
/** Of messages saved before this was kept. */
const SESSION_UNKNOWN = "";

/**
 * Usage by message id. A response is written as several lines (one per content block) that restate its usage, later
 * ones larger, and again in other files (a stream beside its transcript, a resumed session's copy of its history):
 * only the growth of the maximum counts, under the session that told it first. The newest `OPEN_MESSAGES` can grow; older
 * ones are closed and count no more for as long as `SeenIds` knows them.
 */
export class MessageMaxima {
  readonly #open = new Map<string, OpenMessage>();
  readonly #closed: SeenIds;

  constructor(closed: SeenIds) {
    this.#closed = closed;
  }

  /** @returns `null` when the message used nothing beyond what was counted. */
  grow(messageId: string, usage: TokenUsage, sessionId: string): Growth | null {
    const known = this.#open.get(messageId);
    if (known === undefined && this.#closed.has(messageId)) return null;
    const before = known?.usage ?? NO_USAGE;
    const after = maxUsage(before, usage);
    const owner = known?.sessionId ?? sessionId;
    // Moved to the end: the message not touched for longest is closed first.
    this.#open.delete(messageId);
    this.#open.set(messageId, { usage: after, sessionId: owner });
    this.#closeOldest();
    return isZeroUsage(excessUsage(after, before)) ? null : { before, after, sessionId: owner };
  }

  /** From now on it is counted under this session. @returns what was counted of it under another one, else `null` */
  takeOver(messageId: string, sessionId: string): TokenUsage | null {
    const known = this.#open.get(messageId);
    if (known === undefined || known.sessionId === sessionId) return null;
    this.#open.set(messageId, { usage: known.usage, sessionId });
    return known.sessionId === SESSION_UNKNOWN ? null : known.usage;
  }

  #closeOldest(): void {
    for (const messageId of this.#open.keys()) {
      if (this.#open.size <= OPEN_MESSAGES) return;
      this.#open.delete(messageId);
      this.#closed.add(messageId);
    }
  }

  save(): unknown {
    return [...this.#open].map(([messageId, { usage, sessionId }]) => [messageId, sessionId, ...packUsage(usage)]);
  }

  /** @throws {TypeError} when `state` is not what `save` gave. */
  load(state: unknown): void {
    if (!Array.isArray(state)) throw new TypeError("Cannot load messages as they must be a list");
    this.#open.clear();
    for (const row of state) {
      const [messageId, ...rest]: readonly unknown[] = Array.isArray(row) ? row : [];
      if (typeof messageId !== "string") throw new TypeError("Cannot load a message as its id must be a string");
      const [first, ...others] = rest;
      if (typeof first === "string") this.#open.set(messageId, { usage: unpackUsage(others), sessionId: first });
      else this.#open.set(messageId, { usage: unpackUsage(rest), sessionId: SESSION_UNKNOWN });
    }
  }
}
