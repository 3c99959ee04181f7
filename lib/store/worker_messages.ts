import type { AnsweringCell } from "../runtime/answering.ts";
import type { WritingEvents } from "./batch_writer.ts";
import type { PostgresStoreOptions, SchemaEvents } from "./postgres_store.ts";
import type { PackedEvents } from "./packed_events.ts";

/** Everything the worker of the event store tells of on the way. */
export type StoreWorkerEvents = WritingEvents & SchemaEvents;

export interface StoreWorkerOptions extends PostgresStoreOptions {
  readonly keepPayload: boolean;
  /** Of the thread that sends it: while it answers, the worker works little. */
  readonly answering: AnsweringCell;
}

/** What the worker is told; the first is `open`. */
export type ToWorker =
  | { readonly kind: "open"; readonly options: StoreWorkerOptions }
  | { readonly kind: "write"; readonly number: number; readonly batch: PackedEvents }
  | { readonly kind: "close" };

/** What it tells. */
export type FromWorker =
  | Happened
  | { readonly kind: "settled"; readonly number: number; readonly isWritten: boolean }
  | { readonly kind: "defect"; readonly problem: string }
  | { readonly kind: "closed" };

/** A call of one of the events. */
interface Happened {
  readonly kind: "happened";
  readonly event: keyof StoreWorkerEvents;
  readonly args: readonly unknown[];
}

/** One end of the line between the two. */
export interface Port {
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
}
