import type { SeenIds } from "./seen_ids.ts";
import { excessUsage, isZeroUsage, maxUsage, NO_USAGE, packUsage, type TokenUsage, unpackUsage } from "./usage.ts";

/** Messages whose usage may still grow: far more than there are Claude sessions at one time. */
export const OPEN_MESSAGES = 1_024;

/** How a message's maximum moved. */
export interface Growth {
  readonly before: TokenUsage;
  readonly after: TokenUsage;
}

/**
 * Usage by message id. A response is written as several lines (one per content block) that restate its usage, later
 * ones larger, and again in other files (a stream beside its transcript, a resumed session's copy of its history):
 * only the growth of the maximum counts. The newest `OPEN_MESSAGES` can grow; older ones are closed and count no more
 * for as long as `SeenIds` knows them.
 */
export class MessageMaxima {
  readonly #open = new Map<string, TokenUsage>();
  readonly #closed: SeenIds;

  constructor(closed: SeenIds) {
    this.#closed = closed;
  }

  /** @returns `null` when the message used nothing beyond what was counted. */
  grow(messageId: string, usage: TokenUsage): Growth | null {
    const known = this.#open.get(messageId);
    if (known === undefined && this.#closed.has(messageId)) return null;
    const before = known ?? NO_USAGE;
    const after = maxUsage(before, usage);
    // Moved to the end: the message not touched for longest is closed first.
    this.#open.delete(messageId);
    this.#open.set(messageId, after);
    this.#closeOldest();
    return isZeroUsage(excessUsage(after, before)) ? null : { before, after };
  }

  #closeOldest(): void {
    for (const messageId of this.#open.keys()) {
      if (this.#open.size <= OPEN_MESSAGES) return;
      this.#open.delete(messageId);
      this.#closed.add(messageId);
    }
  }

  save(): unknown {
    return [...this.#open].map(([messageId, usage]) => [messageId, ...packUsage(usage)]);
  }

  /** @throws {TypeError} when `state` is not what `save` gave. */
  load(state: unknown): void {
    if (!Array.isArray(state)) throw new TypeError("Cannot load messages as they must be a list");
    this.#open.clear();
    for (const row of state) {
      const [messageId, ...usage]: readonly unknown[] = Array.isArray(row) ? row : [];
      if (typeof messageId !== "string") throw new TypeError("Cannot load a message as its id must be a string");
      this.#open.set(messageId, unpackUsage(usage));
    }
  }
}
