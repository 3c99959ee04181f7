const NEWLINE = "\n";
const ACK_REQUEST = `{"ack":true}${NEWLINE}`;
/** An answer is some 30 bytes. */
const ANSWER_MAX_BYTES = 256;

/** How many lines the exporter said it received, and whether all of them would survive a kill. */
export interface Delivery {
  readonly accepted: number;
  readonly durable: boolean;
}

/**
 * Sends blocks of lines to the exporter's socket, and waits after each block until the exporter has acknowledged it, so
 * never more than one block is under way.
 *
 * @param blocks lines without their newline; no blank ones, which the exporter does not count.
 * @param onBlock called after each acknowledged block with what has been delivered so far.
 * @throws {Error} with a message for a person when there is no exporter, or it does not answer within `timeoutMs`.
 */
export async function sendLines(
  path: string,
  blocks: AsyncIterable<readonly string[]>,
  { timeoutMs, onBlock }: { readonly timeoutMs: number; readonly onBlock: (delivery: Delivery) => void },
): Promise<Delivery> {
  const connection = await connect(path);
  // A closed connection ends whatever read or write is waiting.
  const deadline = createDeadline(timeoutMs, () => connection.close());
  let delivery: Delivery = { accepted: 0, durable: true };
  try {
    for await (const lines of blocks) {
      deadline.start();
      await writeAll(connection, new TextEncoder().encode(lines.join(NEWLINE) + NEWLINE + ACK_REQUEST));
      const answer = parseAnswer(await readLine(connection));
      deadline.stop();
      delivery = { accepted: answer.accepted, durable: delivery.durable && answer.durable };
      onBlock(delivery);
    }
    return delivery;
  } catch (error) {
    if (deadline.isOver) throw new Error(`The exporter at ${path} did not answer within ${timeoutMs / 1000} s`);
    throw error;
  } finally {
    deadline.stop();
    if (!deadline.isOver) connection.close();
  }
}

async function connect(path: string): Promise<Deno.UnixConn> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (error) {
    throw new Error(`Cannot connect to the socket ${path}: ${describeConnectError(error)}`, { cause: error });
  }
}

function describeConnectError(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is none; is the exporter running, with this socket.path?";
  if (error instanceof Deno.errors.ConnectionRefused) return "nobody is listening; the exporter is not running";
  if (error instanceof Deno.errors.PermissionDenied) return "no permission; see socket.mode and socket.group";
  return error instanceof Error ? error.message : String(error);
}

async function writeAll(connection: Deno.UnixConn, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
}

/** Reads the one answer that is under way. */
async function readLine(connection: Deno.UnixConn): Promise<string> {
  const buffer = new Uint8Array(ANSWER_MAX_BYTES);
  let text = "";
  while (!text.endsWith(NEWLINE) && text.length < ANSWER_MAX_BYTES) {
    const length = await connection.read(buffer);
    if (length === null) throw new Error("The exporter ended the connection before it acknowledged");
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  return text;
}

function parseAnswer(line: string): Delivery {
  const match = /^\{"ack":(\d+)(,"durable":false)?\}\n$/.exec(line);
  if (match === null) throw new Error("The socket answered what is no acknowledgement; is it the exporter's?");
  return { accepted: Number(match[1]), durable: match[2] === undefined };
}

interface Deadline {
  readonly isOver: boolean;
  start(): void;
  stop(): void;
}

function createDeadline(afterMs: number, onOver: () => void): Deadline {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isOver = false;
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
  };
  return {
    get isOver() {
      return isOver;
    },
    start: () => {
      stop();
      timer = setTimeout(() => {
        isOver = true;
        onOver();
      }, afterMs);
    },
    stop,
  };
}
