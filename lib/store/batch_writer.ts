import { setTimeout } from "node:timers/promises";
import { backoffMs } from "./backoff.ts";
import type { EventStore } from "./event_store.ts";
import { type FaultReport, StoreFault } from "./fault.ts";
import { type PackedEvents, unpackEvents } from "./packed_events.ts";
import { type StoredEvent, storeEvent } from "./stored_event.ts";
import type { PreparedEvents, Written } from "./write_events.ts";

/** Writes the batches it is given, in their order and however long that takes. */
export interface Writer {
  /**
   * Resolves to `true` when all is written or set aside, to `false` when the writer was closed before: what was not
   * written then may have been all the same. Rejects when only a defect explains what happened.
   */
  write(batch: PackedEvents): Promise<boolean>;
  /** Gives up what is not written yet. */
  close(): Promise<void>;
}

/** How writing goes. Plain data, as it may come from another thread. */
export interface WritingEvents {
  /** @param seconds from the first try of what was written */
  readonly onWritten: (rows: Written, seconds: number) => void;
  /** Tried again later. */
  readonly onFault: (fault: FaultReport) => void;
  /** Refused for what is in it, and left out. */
  readonly onSetAside: (event: StoredEvent, fault: FaultReport) => void;
}

export interface BatchWriterDeps {
  readonly store: EventStore;
  readonly events: WritingEvents;
  readonly keepPayload: boolean;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Called between two pieces of work; may stop for a few milliseconds. */
  readonly giveWay?: () => void;
}

const BACKOFF = { firstMs: 250, capMs: 30_000 };

/**
 * Writes one batch after the other, each until it is in: rows are read, changed and written as one step. While the
 * database works on one, the next is made ready. A batch that is refused for what is in it is halved, until the events
 * that cannot be written stand alone and are set aside.
 */
export class BatchWriter implements Writer {
  readonly #deps: BatchWriterDeps;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: BatchWriterDeps) {
    this.#deps = deps;
  }

  write(batch: PackedEvents): Promise<boolean> {
    const prepared = this.#prepare(batch);
    const written = this.#last.then(() => this.#write(prepared));
    // Whoever gave the batch is told; the next one is written all the same.
    this.#last = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // A write that hangs would otherwise hang until its own time-out.
    await this.#deps.store.close();
    await this.#last;
    await this.#deps.store.close();
  }

  #prepare(batch: PackedEvents): PreparedEvents {
    const { store, keepPayload, giveWay } = this.#deps;
    const events: StoredEvent[] = [];
    for (const event of unpackEvents(batch)) {
      events.push(storeEvent(event, keepPayload));
      giveWay?.();
    }
    return store.prepare(events);
  }

  async #write(prepared: PreparedEvents): Promise<boolean> {
    const { store, events, random } = this.#deps;
    const { signal } = this.#closing;
    const startedMs = performance.now();
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        const rows = await store.write(prepared);
        events.onWritten(rows, (performance.now() - startedMs) / 1000);
        return true;
      } catch (error) {
        if (!(error instanceof StoreFault)) throw error;
        if (error.kind === "data") return await this.#writeHalves(prepared.events, error);
        if (!signal.aborted) events.onFault(error.report);
      }
      await pause(backoffMs(failures, random(), BACKOFF), signal);
    }
    return false;
  }

  async #writeHalves(batch: readonly StoredEvent[], fault: StoreFault): Promise<boolean> {
    const [only] = batch;
    if (only !== undefined && batch.length === 1) {
      this.#deps.events.onSetAside(only, fault.report);
      return true;
    }
    const { store } = this.#deps;
    const middle = batch.length >> 1;
    return await this.#write(store.prepare(batch.slice(0, middle))) &&
      await this.#write(store.prepare(batch.slice(middle)));
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(durationMs, null, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
