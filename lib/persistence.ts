import type { SavedSeenEvents, SeenEvents } from "./event/seen_events.ts";
import type { Capture } from "./metrics/capture.ts";
import type { Metrics, MetricsState } from "./metrics/metrics.ts";
import { type Answered, Slices, steadyPace } from "./runtime/event_loop.ts";
import { SnapshotWriter } from "./snapshot/snapshot_file.ts";
import type { SnapshotPart } from "./snapshot/snapshot_format.ts";
import type { UnixSocket } from "./source/unix_socket.ts";
import type { Source } from "./source/source.ts";
import type { Recorder } from "./store/recorder.ts";
import type { Notices } from "./telemetry/notices.ts";

export interface PersistenceDeps {
  readonly metrics: Metrics;
  readonly notices: Notices;
  readonly seen: SeenEvents;
  readonly sources: readonly Source[];
  /** Also among `sources`; its journal goes when a snapshot holds what it counted. */
  readonly socket: UnixSocket | null;
  /** Where to write; `null` when there is no state directory: nothing survives a restart then. */
  readonly path: string | null;
  /** The event store's side; `null`: there is none. */
  readonly recorder: Pick<Recorder, "offered" | "stored" | "saveState"> | null;
  /** The snapshot waits until its events are stored. */
  readonly atLeastOnce: boolean;
  /** Snapshots wait for those who ask something of the program. */
  readonly answered: Answered;
  readonly now: () => number;
}

/** Capturing goes on for so long before something else may run; a step of it may take longer. */
const SLICE_MS = 1;
/** Longest wait for the event store; then the snapshot is written all the same, as metrics must survive, too. */
const STORED_WAIT_MS = 60_000;

interface Captured {
  readonly parts: readonly SnapshotPart[];
  readonly states: readonly { readonly source: Source; readonly state: unknown }[];
  /** Settles when the event store has what is captured; `null`: nothing waits for that. */
  readonly stored: Promise<boolean> | null;
  /** What scrapers have seen before this one is shown as it is from then on. */
  readonly thawBelow: number;
}

/**
 * Writes counts, offsets and memory together, so that after a crash at any moment they fit each other. To be called
 * between turns only.
 */
export class Persistence {
  readonly #deps: PersistenceDeps;
  readonly #writer: SnapshotWriter | null;
  #written: Promise<void> = Promise.resolve();
  #writtenAtMs: number;
  #problem: string | null;

  constructor(deps: PersistenceDeps) {
    this.#deps = deps;
    this.#writer = deps.path === null ? null : new SnapshotWriter(deps.path, { answered: deps.answered });
    this.#writtenAtMs = deps.now();
    this.#problem = deps.path === null ? "there is no state directory: a restart will count from 0" : null;
  }

  get busy(): boolean {
    return this.#writer?.busy ?? false;
  }

  /** `null` when the last snapshot was written. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Unix time in milliseconds of the last snapshot, or of the start. */
  get writtenAtMs(): number {
    return this.#writtenAtMs;
  }

  /**
   * Captures everything and writes it in the background. Nothing may be folded until this resolves, which is when it is
   * captured; `idle` settles when it is on disk or has failed, which is told.
   */
  async save(): Promise<void> {
    const { metrics } = this.#deps;
    const thawBelow = metrics.thawable(this.#deps.now());
    if (this.#writer === null) {
      metrics.ledger.thaw(thawBelow);
      return;
    }
    this.#written = this.#write(this.#writer, await this.#capture(thawBelow));
  }

  async #capture(thawBelow: number): Promise<Captured> {
    const { metrics, sources, recorder, atLeastOnce, seen, answered } = this.#deps;
    const states = sources.map((source) => ({ source, state: source.saveState() }));
    const slices = new Slices(steadyPace(SLICE_MS, answered));
    const counted = await bitByBit(metrics.capture(thawBelow), slices);
    const { files, socket } = await bitByBit(seen.capture(), slices);
    const parts: readonly SnapshotPart[] = [
      { name: "metrics", encoding: "json", value: counted, isCopy: true },
      { name: "seen_files", encoding: "bytes", bytes: files },
      { name: "seen_socket", encoding: "bytes", bytes: socket },
      ...states.map(({ source, state }): SnapshotPart => ({
        name: `source_${source.name}`,
        encoding: "json",
        value: state,
      })),
      ...recorder === null ? [] : [{ name: "store", encoding: "json" as const, value: recorder.saveState() }],
    ];
    const stored = atLeastOnce && recorder !== null ? recorder.stored(recorder.offered, STORED_WAIT_MS) : null;
    // It may reject long before it is waited for, which is told there.
    stored?.catch(() => {});
    return { parts, states, stored, thawBelow };
  }

  async #write(writer: SnapshotWriter, { parts, states, stored, thawBelow }: Captured): Promise<void> {
    const { metrics, notices, socket, now } = this.#deps;
    try {
      const sizeBytes = await writer.write(parts, new Date(now()).toISOString(), stored);
      metrics.ledger.family("prodigy_exporter_snapshot_size_bytes").emit(sizeBytes);
      this.#writtenAtMs = now();
      this.#problem = null;
      metrics.ledger.thaw(thawBelow);
      socket?.snapshotWritten(states.find(({ source }) => source === socket)?.state);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      notices.snapshotFailed(this.#problem);
      socket?.snapshotFailed();
      // Better a counter that may be seen to fall after a crash than series that stay hidden while the disk is full.
      metrics.ledger.thaw(thawBelow);
    }
  }

  /** Settles when nothing is being written. */
  async idle(): Promise<void> {
    await this.#written;
  }
}

async function bitByBit<T>(capture: Capture<T>, slices: Slices): Promise<T> {
  for (;;) {
    const step = capture.next();
    if (step.done) return step.value;
    await slices.pause();
  }
}

/** Everything the parts of a snapshot hold, back where it came from. @throws {TypeError} for parts of another shape. */
export function restore(
  parts: readonly SnapshotPart[],
  metrics: Metrics,
  sources: readonly Source[],
  nowMs: number,
): void {
  const json = (name: string): unknown => {
    const part = parts.find((one) => one.name === name);
    return part?.encoding === "json" ? part.value : null;
  };
  const state = json("metrics");
  // The checksum says that this version of the program wrote it, so it has the shape `saveState` gave.
  if (state !== null) metrics.loadState(state as MetricsState, nowMs);
  for (const source of sources) {
    const saved = json(`source_${source.name}`);
    if (saved !== null) source.loadState(saved);
  }
}

/** The recorder's memory in a snapshot, or `null`. */
export function savedStore(parts: readonly SnapshotPart[]): unknown {
  const part = parts.find((one) => one.name === "store");
  return part?.encoding === "json" ? part.value : null;
}

/** The remembered ids of a snapshot, or `null`. */
export function savedSeen(parts: readonly SnapshotPart[]): SavedSeenEvents | null {
  const bytes = (name: string): Uint8Array | null => {
    const part = parts.find((one) => one.name === name);
    return part?.encoding === "bytes" ? part.bytes : null;
  };
  const files = bytes("seen_files");
  const socket = bytes("seen_socket");
  return files === null || socket === null ? null : { files, socket };
}
