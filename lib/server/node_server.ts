import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { startAcceptWatch } from "./accept_watch.ts";
import { delay } from "./delay.ts";
import { createInterruptible } from "./interruptible.ts";
import { listenError } from "./listen_error.ts";
import { answer } from "./node_http.ts";
import type { Handler } from "./routes.ts";
import type { RunningServer, ServerOptions } from "./server.ts";
import type { TlsMaterial } from "./web_config/watched_web_config.ts";

export interface NodeServerOptions extends ServerOptions {
  /** How often to look whether connections are still accepted. */
  readonly lookIntervalMs: number;
  readonly timeouts?: Timeouts;
}

/** How long a client may take. */
export interface Timeouts {
  /** From the connection to the end of the headers. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** How often they are looked at. */
  readonly checkIntervalMs: number;
}

export interface RunningNodeServer extends RunningServer {
  /** Uses these certificates for new connections. Whether clients are asked for theirs stays as it was. */
  renew(tls: TlsMaterial): void;
}

const TIMEOUTS: Timeouts = {
  headersMs: 10_000,
  requestMs: 15_000,
  // Prometheus keeps its connection from one scrape to the next, and is known by it.
  keepAliveMs: 300_000,
  checkIntervalMs: 2000,
};
const HANDSHAKE_TIMEOUT_MS = 5000;
const HEADERS_MAX_BYTES = 32 * 1024;
const CONNECTIONS_MAX = 4096;
const CUT_OFF_MS = 100;

/**
 * Serves until drained, over TLS or not. On Node's server, because Deno.serve cannot ask for client certificates, choose
 * the TLS version or change certificates while it runs, and has no time-outs for slow and idle clients.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 * @throws {Error} when the address cannot be listened on, or the certificates cannot be used.
 */
export async function startNodeServer(
  options: NodeServerOptions,
  handler: Handler,
  tls: TlsMaterial | null,
): Promise<RunningNodeServer> {
  const { handler: serve, interrupt } = createInterruptible(handler);
  const { server, renew } = createNodeServer(tls, options.timeouts ?? TIMEOUTS, (incoming, outgoing) => {
    answer(serve, incoming, outgoing, tls === null ? "http" : "https").catch((error) => {
      options.log.error("request_failed", { error: String(error) });
      outgoing.destroy();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  const { port } = await listen(server, options);
  server.on("error", (error) => options.log.error("http_server_failed", { error: String(error) }));
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  let isDraining = false;
  server.on("close", () => {
    if (isDraining) resolve();
    else server.listen(port, options.hostname);
  });
  const watch = startAcceptWatch(server, {
    hostname: options.hostname,
    port,
    lookIntervalMs: options.lookIntervalMs,
    onStuck: () => {
      options.log.error("http_server_failed", { error: "connections are no longer accepted" });
      server.close();
      server.closeAllConnections();
    },
  });

  async function drain(timeoutMs: number): Promise<void> {
    isDraining = true;
    await watch[Symbol.asyncDispose]();
    server.close();
    server.closeIdleConnections();
    const done = new AbortController();
    await Promise.race([finished, delay(timeoutMs, done.signal)]);
    interrupt();
    await Promise.race([finished, delay(CUT_OFF_MS, done.signal)]);
    server.closeAllConnections();
    done.abort();
    await finished;
  }

  return {
    addr: { hostname: options.hostname, port },
    finished,
    drain,
    renew,
  };
}

interface NodeServer {
  readonly server: Server;
  readonly renew: (tls: TlsMaterial) => void;
}

function createNodeServer(
  tls: TlsMaterial | null,
  { headersMs, requestMs, keepAliveMs, checkIntervalMs }: Timeouts,
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): NodeServer {
  const limits = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkIntervalMs,
    maxHeaderSize: HEADERS_MAX_BYTES,
  };
  if (tls === null) return { server: createPlainServer(limits, listener), renew: () => {} };
  const secure = { ...secureContext(tls), ...clientAuth(tls), handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  const server = createTlsServer({ ...secure, ...limits }, listener);
  server.on("secureConnection", (socket) => {
    if (!isWelcome(socket, tls)) socket.destroy();
  });
  return { server, renew: (renewed) => server.setSecureContext(secureContext(renewed)) };
}

function secureContext({ cert, key, clientCa, minVersion, maxVersion }: TlsMaterial): Record<string, string> {
  return { cert, key, minVersion, maxVersion, ...(clientCa === null ? {} : { ca: clientCa }) };
}

function clientAuth({ clientAuthType }: TlsMaterial): { requestCert: boolean; rejectUnauthorized: boolean } {
  return {
    requestCert: clientAuthType !== "NoClientCert",
    rejectUnauthorized: clientAuthType === "RequireAndVerifyClientCert",
  };
}

/** What the handshake itself leaves open of the kinds of client authentication. */
function isWelcome(socket: TLSSocket, { clientAuthType }: TlsMaterial): boolean {
  // Node's types say that there is always an object; without a certificate it is empty, or null.
  const certificate: object | null = socket.getPeerCertificate();
  const isGiven = certificate !== null && Object.keys(certificate).length > 0;
  if (clientAuthType === "RequireAnyClientCert") return isGiven;
  if (clientAuthType === "VerifyClientCertIfGiven") return !isGiven || socket.authorized;
  return true;
}

async function listen(server: Server, { hostname, port }: ServerOptions): Promise<{ readonly port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, hostname, resolve);
  try {
    await promise;
  } catch (error) {
    throw listenError(hostname, port, error);
  } finally {
    server.off("error", reject);
  }
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : port };
}
