import { type Frame, SocketFraming } from "./socket_framing.ts";
import type { SocketInbox } from "./socket_inbox.ts";
import type { SocketPeer } from "./socket_peer.ts";

const READ_BYTES = 64 * 1024;
/** Acknowledgements a client may leave unread, beyond what the system's socket buffer takes (some 200 KiB). */
const UNREAD_ACKS_MAX_BYTES = 64 * 1024;

/** Why the server ended a connection, or did not take it. A closed set: it is a label. */
export const CLOSE_REASONS = ["connection_limit", "idle", "acks_unread", "memory"] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** What the connections of one source share. */
export interface SocketShared {
  readonly inbox: SocketInbox;
  readonly lineMaxBytes: number;
  /** Memory all connections together may hold in unfinished lines. */
  readonly unfinishedMaxBytes: number;
  unfinishedBytes: number;
  unjournaledLines: number;
  readonly closed: Record<CloseReason, number>;
  readonly nowMs: () => number;
}

/** One client: reads, cuts into lines, hands over, answers. */
export class SocketConnection {
  readonly #peer: SocketPeer;
  readonly #shared: SocketShared;
  readonly #framing: SocketFraming;
  #isOpen = true;
  #waitsForRoom = false;
  #lastHeardMs: number;
  #blockCount = 0;
  #heldBytes = 0;
  #unjournaled = false;
  #answers = "";
  #isAnswering = false;
  #answering: Promise<void> | null = null;

  constructor(peer: SocketPeer, shared: SocketShared) {
    this.#peer = peer;
    this.#shared = shared;
    this.#framing = new SocketFraming(shared.lineMaxBytes);
    this.#lastHeardMs = shared.nowMs();
  }

  /** Blocks received so far: the same number twice means silence. */
  get blockCount(): number {
    return this.#blockCount;
  }

  /** True while received bytes wait for room: the silence is ours. */
  get waitsForRoom(): boolean {
    return this.#waitsForRoom;
  }

  get lastHeardMs(): number {
    return this.#lastHeardMs;
  }

  /** Reads until the client ends or `close` is called. Rejects for defects only. */
  async serve(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    let orderly = false;
    try {
      while (this.#isOpen) {
        const length = await this.#read(buffer);
        if (typeof length !== "number") {
          orderly = length === "end";
          break;
        }
        this.#blockCount += 1;
        this.#lastHeardMs = this.#shared.nowMs();
        await this.#room();
        if (this.#isOpen) this.#handOver(this.#framing.push(buffer.subarray(0, length)));
      }
      if (orderly) await this.#room();
      this.#handOver(this.#framing.end(orderly && this.#isOpen));
      await this.#answering;
    } finally {
      this.close();
      this.#shared.unfinishedBytes -= this.#heldBytes;
    }
  }

  /** Ends the connection; what it sent of an unfinished line is rejected. */
  close(reason: CloseReason | null = null): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (reason !== null) this.#shared.closed[reason] += 1;
    this.#peer.close();
  }

  async #read(buffer: Uint8Array): Promise<number | "end" | "broken"> {
    try {
      return await this.#peer.read(buffer) ?? "end";
    } catch {
      // A reset, or our own close: there is nothing more to be had, and nobody to be told.
      return "broken";
    }
  }

  async #room(): Promise<void> {
    this.#waitsForRoom = true;
    while (this.#isOpen && this.#shared.inbox.isFull) await this.#shared.inbox.room();
    this.#waitsForRoom = false;
    this.#lastHeardMs = this.#shared.nowMs();
  }

  #handOver(frame: Frame): void {
    const shared = this.#shared;
    if (!shared.inbox.put(frame)) {
      this.#unjournaled = true;
      shared.unjournaledLines += frame.lineCount;
    }
    if (frame.acks.length > 0) this.#answer(frame.acks);
    shared.unfinishedBytes += this.#framing.heldBytes - this.#heldBytes;
    this.#heldBytes = this.#framing.heldBytes;
    if (shared.unfinishedBytes > shared.unfinishedMaxBytes) this.close("memory");
  }

  /** Answers requests, after everything before them was journaled. */
  #answer(counts: readonly number[]): void {
    const flag = this.#unjournaled ? `,"durable":false` : "";
    this.#unjournaled = false;
    for (const count of counts) this.#answers += `{"ack":${count}${flag}}\n`;
    if (this.#answers.length > UNREAD_ACKS_MAX_BYTES) this.close("acks_unread");
    if (!this.#isAnswering) this.#answering = this.#writeAnswers();
  }

  async #writeAnswers(): Promise<void> {
    const encoder = new TextEncoder();
    this.#isAnswering = true;
    try {
      while (this.#isOpen && this.#answers !== "") {
        let rest: Uint8Array = encoder.encode(this.#answers);
        this.#answers = "";
        while (rest.length > 0) rest = rest.subarray(await this.#peer.write(rest));
      }
    } catch {
      // The client is gone, or we closed it: what it sent is counted all the same.
      this.#answers = "";
    } finally {
      this.#isAnswering = false;
    }
  }
}
