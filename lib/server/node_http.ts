import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handler } from "./routes.ts";

/** Answers a request of Node's server with a handler of web requests. Bodies of requests are not read. */
export async function answer(
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  scheme: "http" | "https",
): Promise<void> {
  incoming.resume();
  const request = toRequest(incoming, scheme);
  if (request === null) {
    outgoing.writeHead(400, { "content-type": "text/plain", "connection": "close" }).end("Bad request.\n");
    return;
  }
  const { remoteAddress, remotePort } = incoming.socket;
  const remote = remoteAddress === undefined || remotePort === undefined
    ? null
    : { hostname: remoteAddress, port: remotePort };
  const response = await handler(request, remote);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.bytes());
}

/** `null` when it is none that the web's Request can be: a strange target, Host or method. */
function toRequest(incoming: IncomingMessage, scheme: string): Request | null {
  const { method = "", url = "", headers, rawHeaders } = incoming;
  const origin = `${scheme}://${headers.host ?? "localhost"}`;
  if (!url.startsWith("/") || !URL.canParse(`${origin}${url}`)) return null;
  try {
    const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, index): [string, string] => {
      return [rawHeaders[2 * index] ?? "", rawHeaders[2 * index + 1] ?? ""];
    });
    return new Request(`${origin}${url}`, { method, headers: pairs });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
