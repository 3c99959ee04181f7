import { setTimeout } from "node:timers/promises";
import { backoffMs } from "./backoff.ts";
import type { EventStore } from "./event_store.ts";
import { StoreFault } from "./fault.ts";
import type { StoredEvent } from "./stored_event.ts";
import type { Written } from "./write_events.ts";

/** How writing goes. */
export interface WritingEvents {
  /** @param seconds from the first try of what was written */
  readonly onWritten: (rows: Written, seconds: number) => void;
  /** Tried again later. */
  readonly onFault: (fault: StoreFault) => void;
  /** Refused for what is in it, and left out. */
  readonly onSetAside: (event: StoredEvent, fault: StoreFault) => void;
}

export interface BatchWriterDeps {
  readonly store: EventStore;
  readonly events: WritingEvents;
  /** From 0 to 1. */
  readonly random: () => number;
}

const BACKOFF = { firstMs: 250, capMs: 30_000 };

/**
 * Writes a batch, however long that takes. A batch that is refused for what is in it is halved, until the events that
 * cannot be written stand alone and are set aside.
 *
 * @returns `false` when the signal came first; what was not written then may have been all the same
 */
export async function writeBatch(
  batch: readonly StoredEvent[],
  deps: BatchWriterDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const startedMs = performance.now();
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      const rows = await deps.store.write(batch);
      deps.events.onWritten(rows, (performance.now() - startedMs) / 1000);
      return true;
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      if (error.kind === "data") return await writeHalves(batch, error, deps, signal);
      if (!signal.aborted) deps.events.onFault(error);
    }
    await pause(backoffMs(failures, deps.random(), BACKOFF), signal);
  }
  return false;
}

async function writeHalves(
  batch: readonly StoredEvent[],
  fault: StoreFault,
  deps: BatchWriterDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const [only] = batch;
  if (only !== undefined && batch.length === 1) {
    deps.events.onSetAside(only, fault);
    return true;
  }
  const middle = batch.length >> 1;
  return await writeBatch(batch.slice(0, middle), deps, signal) &&
    await writeBatch(batch.slice(middle), deps, signal);
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(durationMs, null, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
