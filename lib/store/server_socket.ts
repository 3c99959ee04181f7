import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ServerPlace } from "./database_url.ts";

/**
 * Connects to the first of the places where something answers.
 *
 * @param timeoutMs longest time for each of them
 * @throws what connecting to the last of them failed with, CONNECT_TIMEOUT when it took too long
 */
export async function connectSocket(
  places: readonly ServerPlace[],
  timeoutMs: number,
  closing: AbortSignal,
): Promise<Socket> {
  let failure: unknown = new Error("There is no server to connect to");
  for (const place of places) {
    try {
      return await connectTo(place, timeoutMs, closing);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function connectTo(place: ServerPlace, timeoutMs: number, closing: AbortSignal): Promise<Socket> {
  const socket = connect(place);
  const timer = setTimeout(
    () => socket.destroy(Object.assign(new Error("No answer in time"), { code: "CONNECT_TIMEOUT" })),
    timeoutMs,
  );
  try {
    await once(socket, "connect", { signal: closing });
    // The driver asks the socket for the name to check the certificate by.
    return Object.assign(socket, "host" in place ? { host: place.host } : {});
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
