import { Answering, type AnsweringCell } from "../runtime/answering.ts";
import type { Handler } from "./routes.ts";
import { within } from "./scrape_timeout.ts";

/**
 * Time for a response to be written once its handler has returned it, and for its reader to run: a reader on the same
 * machine is woken on our own core, where it would wait until we sleep.
 */
const WRITTEN_AFTER_MS = 1;

/** Knows of requests until their responses are on their way, so that other work can wait for them. */
export class OpenRequests {
  readonly #answering = new Answering();
  #open = 0;
  /** Shared by all who wait. */
  #answered: PromiseWithResolvers<void> | null = null;

  /** Other threads see there whether requests are open. */
  get answering(): AnsweringCell {
    return this.#answering.cell;
  }

  watch(handler: Handler): Handler {
    return async (request, remote) => {
      if (this.#open++ === 0) this.#answering.begin();
      try {
        return await handler(request, remote);
      } finally {
        setTimeout(() => this.#close(), WRITTEN_AFTER_MS);
      }
    };
  }

  /** Fulfilled when no request is being answered, or after so long; `null` when that is so already. */
  answered(timeoutMs: number): Promise<unknown> | null {
    if (this.#open === 0) return null;
    this.#answered ??= Promise.withResolvers();
    return within(this.#answered.promise, timeoutMs);
  }

  #close(): void {
    if (--this.#open > 0) return;
    this.#answering.end();
    this.#answered?.resolve();
    this.#answered = null;
  }
}
