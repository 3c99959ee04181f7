import { createServer, type Server, type Socket } from "node:net";
import type { OpenedListener, SocketListener, SocketPeer } from "./socket_peer.ts";

/** What a service manager sets when it passes a socket. */
export const ACTIVATION_VARIABLES: readonly string[] = ["LISTEN_PID", "LISTEN_FDS"];
/** The first descriptor a service manager passes (sd_listen_fds(3)). */
const FIRST_PASSED_FD = 3;

/**
 * Tells whether a service manager passed a listening socket (`LISTEN_PID`, `LISTEN_FDS`), and as which descriptor.
 * The variables may be inherited by a process they are not meant for, so the process id must be ours.
 */
export function parseActivation(
  variables: { readonly listenPid: string | undefined; readonly listenFds: string | undefined },
  pid: number,
): number | null {
  if (variables.listenPid !== String(pid)) return null;
  return Number(variables.listenFds) >= 1 ? FIRST_PASSED_FD : null;
}

/** Listens on a socket that is already bound and listening, given as a file descriptor. Its path is not ours to remove. */
export function openActivatedListener(fd: number): Promise<OpenedListener> {
  const waiting: Socket[] = [];
  const accepts: PromiseWithResolvers<SocketPeer>[] = [];
  // Half-open, because a client may end its side and then wait for an acknowledgement.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    const next = accepts.shift();
    if (next === undefined) waiting.push(socket);
    else next.resolve(createPeer(socket));
  });
  const { promise, resolve } = Promise.withResolvers<OpenedListener>();
  server.on("error", (error) => {
    resolve({ kind: "refused", problem: `Cannot listen on the passed descriptor ${fd}: ${error.message}` });
    for (const accept of accepts.splice(0)) accept.reject(error);
  });
  server.listen({ fd }, () => resolve({ kind: "listening", listener: createListener(server, waiting, accepts) }));
  return promise;
}

function createListener(
  server: Server,
  waiting: Socket[],
  accepts: PromiseWithResolvers<SocketPeer>[],
): SocketListener {
  return {
    accept: () => {
      const socket = waiting.shift();
      if (socket !== undefined) return Promise.resolve(createPeer(socket));
      const accept = Promise.withResolvers<SocketPeer>();
      accepts.push(accept);
      return accept.promise;
    },
    findProblem: () => null,
    close: () => {
      server.close();
      for (const socket of waiting.splice(0)) socket.destroy();
      for (const accept of accepts.splice(0)) accept.reject(new Deno.errors.BadResource("Listener has been closed"));
    },
  };
}

/** Turns a stream that pushes into one that is read: paused while a chunk lies unread. */
function createPeer(socket: Socket): SocketPeer {
  let unread: Uint8Array = new Uint8Array();
  let ended = false;
  let failure: Error | null = null;
  let changed: PromiseWithResolvers<void> | null = null;
  const wake = (): void => {
    changed?.resolve();
    changed = null;
  };
  socket.on("data", (chunk) => {
    socket.pause();
    unread = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    wake();
  });
  socket.on("end", () => {
    ended = true;
    wake();
  });
  socket.on("error", (error) => {
    failure = error;
    wake();
  });
  socket.on("close", () => {
    if (!ended) failure ??= new Deno.errors.ConnectionReset("Connection closed");
    wake();
  });
  return {
    read: async (buffer) => {
      while (unread.length === 0) {
        if (failure !== null) throw failure;
        if (ended) return null;
        changed = Promise.withResolvers();
        socket.resume();
        await changed.promise;
      }
      const length = Math.min(buffer.length, unread.length);
      buffer.set(unread.subarray(0, length));
      unread = unread.subarray(length);
      return length;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
      }),
    close: () => socket.destroy(),
  };
}
