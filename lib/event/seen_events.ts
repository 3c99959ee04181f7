import type { IdHash } from "./id_hash.ts";
import { SeenIds } from "./seen_ids.ts";

/** Where events with ids come from. */
export type SeenFrom = "files" | "socket";

/** The two windows as `SeenEvents.load` takes them back. */
export interface SavedSeenEvents {
  readonly files: Uint8Array;
  readonly socket: Uint8Array;
}

/**
 * Which events were seen, in a window for each way they come. One window for both would not do: a client sends again what
 * was not acknowledged, and by then a backlog of files read after a restart may have pushed any number of ids through.
 */
export class SeenEvents {
  readonly #files: SeenIds;
  readonly #socket: SeenIds;

  private constructor(files: SeenIds, socket: SeenIds) {
    this.#files = files;
    this.#socket = socket;
  }

  /** @param capacity ids each window remembers at least. @throws {RangeError} as `SeenIds`. */
  static create(capacity: number): SeenEvents {
    return new SeenEvents(new SeenIds(capacity), new SeenIds(capacity));
  }

  /** @throws {TypeError} when these are not what `capture` gave. */
  static load(saved: SavedSeenEvents, capacity: number): SeenEvents {
    return new SeenEvents(SeenIds.load(saved.files, capacity), SeenIds.load(saved.socket, capacity));
  }

  /** Remembers the id; `true` when it was seen neither this way nor the other. */
  add(from: SeenFrom, hash: IdHash): boolean {
    const [own, other] = from === "socket" ? [this.#socket, this.#files] : [this.#files, this.#socket];
    return own.addHash(hash) && !other.hasHash(hash);
  }

  /** As `SeenIds`. */
  *capture(): Generator<void, SavedSeenEvents> {
    const files = yield* this.#files.capture();
    const socket = yield* this.#socket.capture();
    return { files, socket };
  }
}
