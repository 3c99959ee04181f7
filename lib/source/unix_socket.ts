import type { Journal } from "./journal.ts";
import { type CloseReason, SocketConnection, type SocketShared } from "./socket_connection.ts";
import { SocketInbox } from "./socket_inbox.ts";
import type { SocketListener, SocketPeer } from "./socket_peer.ts";
import type { Batch, Source, SourceHealth } from "./source.ts";

const ACCEPT_RETRY_MS = 500;
const CHECK_EVERY_MS = 1_000;
/** A client that was silent for so long while draining has nothing more under way. */
const DRAIN_QUIET_MS = 50;
const QUEUE_MAX_BYTES = 8 * 1024 * 1024;
const UNFINISHED_MAX_BYTES = 64 * 1024 * 1024;

export interface UnixSocketOptions {
  /** `null`: lines live in memory only (no state directory), and acknowledgements say so. */
  readonly journal: Journal | null;
  readonly lineMaxBytes: number;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  readonly nowMs: () => number;
  /** Called when something arrived after a time of nothing, so that the next look need not wait. */
  readonly onData: () => void;
  /** Lines received and not looked at; beyond that clients wait. */
  readonly queueMaxBytes?: number;
  /** Unfinished lines of all clients together; whoever goes beyond is disconnected. */
  readonly unfinishedMaxBytes?: number;
}

/** Since the start of the process. */
export interface SocketStats {
  readonly openConnections: number;
  readonly acceptedConnections: number;
  readonly closedConnections: Readonly<Record<CloseReason, number>>;
  readonly acceptFailures: number;
  /** Lines counted that were not in the journal when they arrived: a kill would have lost them. */
  readonly unjournaledLines: number;
  readonly journalBytes: number;
}

/**
 * Event lines that clients send, one JSON object per line.
 *
 * Memory is bounded: the queue, plus 64 KiB and the unfinished line for each client, plus unread acknowledgements.
 *
 * With snapshots it goes like this: `saveState` when the snapshot begins to be captured; then, when it is safely
 * on disk, `snapshotWritten` with what `saveState` gave; or `snapshotFailed`. See `Journal` for why that counts every
 * line once. `loadState` comes before `listen`.
 *
 * A line `{"ack":true}` asks for an answer: `{"ack":N}`, N being the event lines accepted on this connection so far,
 * all of them journaled; with `"durable":false` when one since the last answer could not be. It says that a line was
 * received, not that it made sense.
 */
export class UnixSocket implements Source {
  readonly name = "socket";
  readonly #journal: Journal | null;
  readonly #inbox: SocketInbox;
  readonly #shared: SocketShared;
  /** As they were given, because their values may change. */
  readonly #limits: Pick<UnixSocketOptions, "maxConnections" | "idleTimeoutMs">;
  readonly #nowMs: () => number;
  readonly #connections = new Set<SocketConnection>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #listener: SocketListener | null = null;
  #acceptedConnections = 0;
  #acceptFailures = 0;
  #acceptProblem: string | null = null;
  #listenerProblem: string | null = null;
  #checkedMs = -Infinity;

  constructor(options: UnixSocketOptions) {
    this.#journal = options.journal;
    this.#limits = options;
    this.#nowMs = options.nowMs;
    this.#inbox = new SocketInbox({
      journal: options.journal,
      maxBytes: options.queueMaxBytes ?? QUEUE_MAX_BYTES,
      onData: options.onData,
    });
    this.#shared = {
      inbox: this.#inbox,
      lineMaxBytes: options.lineMaxBytes,
      unfinishedMaxBytes: Math.max(options.unfinishedMaxBytes ?? UNFINISHED_MAX_BYTES, 2 * options.lineMaxBytes),
      unfinishedBytes: 0,
      unjournaledLines: 0,
      closed: { connection_limit: 0, idle: 0, acks_unread: 0, memory: 0 },
      nowMs: options.nowMs,
    };
  }

  /** Begins to accept clients; the listener is closed with the source. */
  listen(listener: SocketListener): void {
    this.#listener = listener;
    this.#start(this.#acceptAll(listener));
  }

  *look(nowMs: number): Iterable<Batch> {
    this.#check(nowMs);
    yield* this.#inbox.take();
  }

  health(): SourceHealth {
    return {
      behindBytes: this.#inbox.behindBytes,
      problem: this.#listenerProblem ?? this.#acceptProblem ?? this.#journal?.problem ?? null,
    };
  }

  stats(): SocketStats {
    return {
      openConnections: this.#connections.size,
      acceptedConnections: this.#acceptedConnections,
      closedConnections: { ...this.#shared.closed },
      acceptFailures: this.#acceptFailures,
      unjournaledLines: this.#shared.unjournaledLines,
      journalBytes: this.#journal?.sizeBytes ?? 0,
    };
  }

  /** True when a snapshot should not wait for its interval: clients will have to when the journal is full. */
  wantsSnapshot(): boolean {
    return this.#journal?.wantsSnapshot ?? false;
  }

  saveState(): unknown {
    return this.#inbox.capture();
  }

  loadState(state: unknown): void {
    this.#inbox.restore(state);
  }

  /** Tells that the snapshot with this state is on disk: what it holds is dropped from the journal. */
  snapshotWritten(state: unknown): void {
    this.#inbox.forget(state);
  }

  snapshotFailed(): void {
    this.#journal?.snapshotFailed();
    this.#inbox.wakeWaiting();
  }

  /**
   * Takes no more clients and reads what those connected have under way, until they are silent or `graceMs` is over.
   * Looks must go on meanwhile, or clients that wait for room cannot finish.
   */
  async drain(graceMs: number): Promise<void> {
    this.#closeListener();
    const untilMs = this.#nowMs() + graceMs;
    while (this.#connections.size > 0 && this.#nowMs() < untilMs && !this.#closing.signal.aborted) {
      const heard = new Map([...this.#connections].map((connection) => [connection, connection.blockCount]));
      await pause(DRAIN_QUIET_MS, this.#closing.signal);
      for (const [connection, blockCount] of heard) {
        if (connection.blockCount === blockCount && !connection.waitsForRoom) connection.close();
      }
    }
    for (const connection of this.#connections) connection.close();
    this.#inbox.wakeWaiting();
    await this.settled();
  }

  /** Ends everything at once. What is queued can still be looked at; what is journaled outlives the process. */
  close(): void {
    this.#closing.abort();
    this.#closeListener();
    for (const connection of this.#connections) connection.close();
    this.#inbox.wakeWaiting();
    this.#journal?.close();
  }

  /** Settles when no connection and no accept is under way any more. */
  async settled(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  async #acceptAll(listener: SocketListener): Promise<void> {
    while (this.#listener === listener) {
      const peer = await this.#accept(listener);
      if (peer !== null) this.#admit(peer);
      // The client stays in the backlog, so an instant retry would spin.
      else if (this.#listener === listener) await pause(ACCEPT_RETRY_MS, this.#closing.signal);
    }
  }

  /** `null` when that failed: out of file descriptors, mostly, or because the listener was closed. */
  async #accept(listener: SocketListener): Promise<SocketPeer | null> {
    try {
      const peer = await listener.accept();
      this.#acceptProblem = null;
      return peer;
    } catch (error) {
      if (this.#listener !== listener) return null;
      this.#acceptFailures += 1;
      this.#acceptProblem = `Cannot accept socket clients (${error instanceof Error ? error.message : String(error)})`;
      return null;
    }
  }

  #admit(peer: SocketPeer): void {
    if (this.#listener === null) {
      peer.close();
      return;
    }
    if (this.#connections.size >= this.#limits.maxConnections) {
      this.#shared.closed.connection_limit += 1;
      peer.close();
      return;
    }
    this.#acceptedConnections += 1;
    const connection = new SocketConnection(peer, this.#shared);
    this.#connections.add(connection);
    this.#start(connection.serve().finally(() => this.#connections.delete(connection)));
  }

  /** Keeps hold of a task until it ends. A rejection is a defect and ends the process. */
  #start(task: Promise<unknown>): void {
    const kept = task.then(() => {
      this.#tasks.delete(kept);
    });
    this.#tasks.add(kept);
  }

  #check(nowMs: number): void {
    if (nowMs - this.#checkedMs < CHECK_EVERY_MS) return;
    this.#checkedMs = nowMs;
    this.#listenerProblem = this.#listener?.findProblem() ?? null;
    for (const connection of this.#connections) {
      if (!connection.waitsForRoom && nowMs - connection.lastHeardMs >= this.#limits.idleTimeoutMs) {
        connection.close("idle");
      }
    }
  }

  #closeListener(): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.close();
  }
}

/** Waits, or until the signal. */
function pause(forMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const timer = setTimeout(done, forMs);
  function done(): void {
    clearTimeout(timer);
    signal.removeEventListener("abort", done);
    resolve();
  }
  signal.addEventListener("abort", done);
  return promise;
}
