import type { Server } from "node:net";
import { delay } from "./delay.ts";

/** How long an own connection may take to be accepted. */
const ACCEPT_WITHIN_MS = 2000;
const WILDCARDS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1" };

export interface AcceptWatchOptions {
  readonly hostname: string;
  readonly port: number;
  /** Called when connections are no longer accepted. */
  readonly onStuck: () => void;
  readonly lookIntervalMs: number;
}

/**
 * Watches whether a Node server still accepts connections. In Deno 2.9 it silently stops for ever when accepting once
 * fails for want of file descriptors: no error, and new clients wait in the kernel's queue. The only way to know is
 * to connect.
 */
export function startAcceptWatch(server: Server, options: AcceptWatchOptions): AsyncDisposable {
  const hostname = WILDCARDS[options.hostname] ?? options.hostname;
  /** Of the look at hand: aborted as soon as any connection is accepted, or nobody wants to know any more. */
  let over = new AbortController();
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    over = new AbortController();
    const { signal } = over;
    const end = (): void => over.abort();
    server.once("connection", end);
    try {
      using _connection = await Deno.connect({ hostname, port: options.port, signal });
      await delay(ACCEPT_WITHIN_MS, signal);
      if (!signal.aborted) options.onStuck();
    } catch {
      // Over, refused, or no descriptor for the attempt itself: there will be another.
    } finally {
      server.off("connection", end);
    }
  }

  const timer = setInterval(() => {
    looking ??= look().finally(() => looking = null);
  }, options.lookIntervalMs);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer);
      over.abort();
      await looking;
    },
  };
}
