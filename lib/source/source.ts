import type { EventRecord } from "../event/record.ts";

/** Label values of `source` in the exporter's own metrics. A closed set. */
export const SOURCE_NAMES = ["files", "socket", "state", "claude"] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** Lines from one place. */
export interface LineBatch {
  readonly kind: "lines";
  readonly source: SourceName;
  /** The Prodigy session the path tells, see `EventRecord.runId`. */
  readonly runId: string | null;
  /** Likewise, see `EventRecord.repository`. */
  readonly repository?: string | null;
  /**
   * Whole lines joined by "\n", without a final newline; blank lines may occur. Good until the next batch is asked for: it
   * may lie in a buffer that is used again.
   */
  readonly lines: Uint8Array;
  /** Bytes these lines took in their source, newlines included. */
  readonly sizeBytes: number;
}
/** Events a state reader derived from what changed on disk. */
export interface RecordBatch {
  readonly kind: "records";
  readonly source: SourceName;
  readonly records: readonly EventRecord[];
  /** Lines they were made of, and those before that made none; their bytes with newlines. */
  readonly read?: { readonly lines: number; readonly sizeBytes: number };
}
/** Lines that were given up without being decoded. */
export interface RejectedBatch {
  readonly kind: "rejected";
  readonly source: SourceName;
  readonly reason: "line_too_long" | "unterminated_line";
  readonly count: number;
}
export type Batch = LineBatch | RecordBatch | RejectedBatch;

/** Lets the consumer do something else in the middle of a long look. */
export function pauseOf(source: SourceName): Batch {
  return { kind: "records", source, records: [] };
}

/** Why something on disk is left unread. A closed set: it is a label. */
export const UNREAD_REASONS = ["not_a_file", "too_large", "unreadable"] as const;
export type UnreadReason = (typeof UNREAD_REASONS)[number];

/** What a source reports about itself; read on every scrape, so it must be cheap. */
export interface SourceHealth {
  /** Bytes known to be there and not yet read. */
  readonly behindBytes: number;
  /** `null` when all is well, else one line for a person: what and where, never file content. */
  readonly problem: string | null;
  /** Links, FIFOs and the like, too large files, and what the file system refuses: how many there are now. */
  readonly unread?: Readonly<Partial<Record<UnreadReason, number>>>;
}

/**
 * A place events come from.
 *
 * `look` yields what is new since the last look. **A batch counts as acknowledged as soon as it is yielded**: the
 * consumer folds it in the same turn of the event loop, before anything else (a snapshot, a scrape) can run, and may
 * pause between two batches. So a source advances its offsets or its memory before each `yield`, and a snapshot taken
 * between turns holds offsets and counts that belong together.
 *
 * `look` never throws for what a file system does (vanished, unreadable, torn): it counts, reports in `health()` and
 * tries again at a later look. It does I/O synchronously, in slices of at most some milliseconds per batch.
 */
export interface Source {
  readonly name: SourceName;
  /** @param nowMs Unix time in milliseconds; decides which of the periodic looks are due. */
  look(nowMs: number): Iterable<Batch>;
  health(): SourceHealth;
  /** The memory that must survive a restart, as plain JSON. Constant time per tracked item. */
  saveState(): unknown;
  /** @throws {TypeError} when `state` is not what `saveState` gave. */
  loadState(state: unknown): void;
  close(): void;
}
