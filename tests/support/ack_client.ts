import { until } from "./deadline.ts";

/**
 * A client that loses nothing: it sends lines, asks for acknowledgement, and sends again what was not acknowledged when
 * the exporter died. Its lines carry ids, so what arrived without being acknowledged does not count twice.
 */
export class AckClient {
  readonly #path: string;
  #acknowledged = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Resolves when all lines are acknowledged, over as many connections as it takes. */
  async send(lines: readonly string[]): Promise<void> {
    let unsent = lines;
    while (unsent.length > 0) unsent = unsent.slice(await this.#try(unsent));
  }

  /** How many of the lines were acknowledged before the connection broke. */
  async #try(lines: readonly string[]): Promise<number> {
    try {
      using connection = await until(
        "the socket accepts",
        () => Deno.connect({ transport: "unix", path: this.#path }),
        60_000,
      );
      await writeAll(connection, lines.join("") + '{"ack":true}\n');
      const answer = await readLine(connection);
      const { ack, durable } = JSON.parse(answer);
      if (durable === false) throw new Error("the lines are not in the journal");
      this.#acknowledged += ack;
      return ack;
    } catch (error) {
      // The exporter was killed: nothing of this connection counts as acknowledged.
      if (isBroken(error)) return 0;
      throw error;
    }
  }
}

class ConnectionEnded extends Error {}

function isBroken(error: unknown): boolean {
  return error instanceof ConnectionEnded || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.NotConnected;
}

async function writeAll(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  while (offset < bytes.length) offset += await connection.write(bytes.subarray(offset));
}

async function readLine(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(256);
  let text = "";
  while (!text.endsWith("\n")) {
    const length = await connection.read(buffer);
    if (length === null) throw new ConnectionEnded();
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  return text;
}
