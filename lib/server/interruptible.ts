import type { Handler } from "./routes.ts";

export interface Interruptible {
  readonly handler: Handler;
  /** Answers every running request with 503 now, and later ones at once. */
  interrupt(): void;
}

/** A handler whose running requests can be answered before they end. */
export function createInterruptible(handler: Handler): Interruptible {
  // Not a race with one promise that lasts as long as the server: each request would stay reachable from it.
  const running = new Set<(response: Response) => void>();
  let interrupted = false;
  return {
    handler: (request, remote) => {
      if (interrupted) return Promise.resolve(stopping());
      const { promise, resolve, reject } = Promise.withResolvers<Response>();
      running.add(resolve);
      handler(request, remote).then(resolve, reject).finally(() => running.delete(resolve));
      return promise;
    },
    interrupt: () => {
      interrupted = true;
      for (const resolve of running) resolve(stopping());
      running.clear();
    },
  };
}

function stopping(): Response {
  return new Response("stopping\n", { status: 503, headers: { "connection": "close" } });
}
