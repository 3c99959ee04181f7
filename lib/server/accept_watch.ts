import type { Server } from "node:net";

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
  const stopped = new AbortController();
  const { signal } = stopped;
  let accepted = 0;
  server.on("connection", () => accepted++);
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const before = accepted;
    try {
      using _connection = await Deno.connect({ hostname, port: options.port, signal });
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ACCEPT_WITHIN_MS);
      const end = (): void => resolve();
      server.once("connection", end);
      signal.addEventListener("abort", end);
      if (accepted === before && !signal.aborted) await promise;
      clearTimeout(timer);
      server.off("connection", end);
      signal.removeEventListener("abort", end);
      if (accepted === before && !signal.aborted) options.onStuck();
    } catch {
      // Refused, or no descriptor for the attempt itself: there will be another.
    }
  }

  const timer = setInterval(() => {
    looking ??= look().finally(() => looking = null);
  }, options.lookIntervalMs);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer);
      stopped.abort();
      await looking;
    },
  };
}
