import type { Log } from "../telemetry/log.ts";
import { delay } from "./delay.ts";
import { createInterruptible } from "./interruptible.ts";
import { listenError } from "./listen_error.ts";
import type { Handler } from "./routes.ts";

export interface ServerOptions {
  readonly hostname: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly log: Log;
}

export interface RunningServer {
  /** Where it listens, with the port that was taken. */
  readonly addr: { readonly hostname: string; readonly port: number };
  /** Fulfilled when the server has stopped because `drain` was called; it never rejects. */
  readonly finished: Promise<void>;
  /** Accepts nothing more and lets running requests end, for at most so long; those still running are answered 503. */
  drain(timeoutMs: number): Promise<void>;
}

const RESTART_DELAY_MS = 250;
/** Time for answers cut off by `drain` to be written. */
const CUT_OFF_MS = 100;

/**
 * Serves until drained.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 * @throws {Error} when the address cannot be listened on for another reason.
 */
export function startServer(options: ServerOptions, handler: Handler): RunningServer {
  const stopping = new AbortController();
  const { handler: serve, interrupt } = createInterruptible(handler);
  let current = listen(options, serve);
  const { hostname, port } = current.server.addr;
  const finished = keepServing();

  /**
   * Running out of file descriptors ends Deno's server, but leaves its connections open. They are closed then: Deno
   * has no time-out for clients that never finish a request, and they may be what took the descriptors.
   */
  async function keepServing(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await current.server.finished;
      } catch (error) {
        options.log.error("http_server_failed", { error: String(error) });
        current.closeConnections.abort();
      }
      while (!stopping.signal.aborted) {
        await delay(RESTART_DELAY_MS, stopping.signal);
        if (stopping.signal.aborted || relisten()) break;
      }
    }
  }

  function relisten(): boolean {
    try {
      current = listen({ ...options, port }, serve);
      return true;
    } catch (error) {
      options.log.error("http_server_restart_failed", { error: String(error) });
      return false;
    }
  }

  async function drain(timeoutMs: number): Promise<void> {
    stopping.abort();
    // A server that has failed already has nothing to shut down; `finished` tells the end in any case.
    const ended = Promise.allSettled([current.server.shutdown(), finished]);
    const tooLate = new AbortController();
    await Promise.race([ended, delay(timeoutMs, tooLate.signal)]);
    // Handlers that have not ended answer now; a client that does not read its answer is not waited for.
    interrupt();
    await Promise.race([ended, delay(CUT_OFF_MS, tooLate.signal)]);
    tooLate.abort();
  }

  return { addr: { hostname, port }, finished, drain };
}

interface Listening {
  readonly server: Deno.HttpServer<Deno.NetAddr>;
  /** To be aborted only when the server has ended by itself: after `shutdown()` it would throw. */
  readonly closeConnections: AbortController;
}

function listen(options: ServerOptions, handler: Handler): Listening {
  const { hostname, port, log } = options;
  const closeConnections = new AbortController();
  try {
    const server = Deno.serve({
      hostname,
      port,
      signal: closeConnections.signal,
      // Deno would print to stdout.
      onListen: () => {},
      onError: (error) => {
        log.error("request_failed", { error: String(error) });
        return new Response("Internal error\n", { status: 500 });
      },
    }, (request, { remoteAddr }) => handler(request, remoteAddr));
    return { server, closeConnections };
  } catch (error) {
    throw listenError(hostname, port, error);
  }
}
