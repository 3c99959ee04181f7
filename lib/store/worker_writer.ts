import type { Writer } from "./batch_writer.ts";
import { type PackedEvents, transferablesOf } from "./packed_events.ts";
import type { FromWorker, StoreWorkerEvents, StoreWorkerOptions, ToWorker } from "./worker_messages.ts";

/** Longest time for the worker to end what it does and to close its connection. */
const CLOSE_MS = 3_000;

/**
 * Has another thread write: making rows and speaking with the database takes far more time than counting, and leaves more
 * to collect. The thread that reads lines and answers scrapes only hands the events over, see `PackedEvents`.
 */
export class WorkerWriter implements Writer {
  readonly #worker: Worker;
  readonly #events: StoreWorkerEvents;
  /** Batches on their way, by their number. */
  readonly #open = new Map<number, PromiseWithResolvers<boolean>>();
  readonly #closed = Promise.withResolvers<void>();
  #batches = 0;
  #defect: Error | null = null;
  #isClosing = false;

  /** @param worker runs `serveStore` */
  constructor(worker: Worker, options: StoreWorkerOptions, events: StoreWorkerEvents) {
    this.#worker = worker;
    this.#events = events;
    // Of this program, and of the same version.
    worker.onmessage = ({ data }) => this.#hear(data as FromWorker);
    worker.onerror = (event) => {
      // Else the program would end with the worker.
      event.preventDefault();
      this.#fail(event.message);
    };
    this.#tell({ kind: "open", options });
  }

  write(batch: PackedEvents): Promise<boolean> {
    if (this.#isClosing) return Promise.resolve(false);
    if (this.#defect !== null) return Promise.reject(this.#defect);
    const number = ++this.#batches;
    const settled = Promise.withResolvers<boolean>();
    this.#open.set(number, settled);
    this.#tell({ kind: "write", number, batch }, transferablesOf(batch));
    return settled.promise;
  }

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      const timer = setTimeout(() => this.#closed.resolve(), CLOSE_MS);
      void this.#closed.promise.then(() => {
        clearTimeout(timer);
        this.#worker.terminate();
        for (const { resolve } of this.#open.values()) resolve(false);
      });
      if (this.#defect === null) this.#tell({ kind: "close" });
      else this.#closed.resolve();
    }
    await this.#closed.promise;
  }

  #tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case "happened":
        // `serveStore` calls each with the arguments of its own name.
        (this.#events[message.event] as (...args: readonly unknown[]) => void)(...message.args);
        break;
      case "settled":
        this.#open.get(message.number)?.resolve(message.isWritten);
        this.#open.delete(message.number);
        break;
      case "defect":
        this.#fail(message.problem);
        break;
      case "closed":
        this.#closed.resolve();
        break;
    }
  }

  /** Nothing that is on its way can be known to arrive any more. */
  #fail(problem: string): void {
    this.#defect ??= new Error(problem);
    for (const { reject } of this.#open.values()) reject(this.#defect);
    this.#open.clear();
    this.#closed.resolve();
  }
}
