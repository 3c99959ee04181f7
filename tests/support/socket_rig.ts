import { Journal } from "../../lib/source/journal.ts";
import { textOf } from "../../lib/source/line_block.ts";
import { openSocketListener } from "../../lib/source/socket_listener.ts";
import type { SocketListener } from "../../lib/source/socket_peer.ts";
import { UnixSocket, type UnixSocketOptions } from "../../lib/source/unix_socket.ts";

/** A temporary folder that goes when its scope ends. */
export class TempFolder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "pe-" });

  file(name: string): string {
    return `${this.path}/${name}`;
  }

  write(name: string, text: string): void {
    Deno.writeTextFileSync(this.file(name), text);
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.file(name));
  }

  link(name: string, target: string): void {
    Deno.symlinkSync(target, this.file(name));
  }

  names(): readonly string[] {
    return [...Deno.readDirSync(this.path)].map((entry) => entry.name).toSorted();
  }

  permissions(name: string): number {
    return (Deno.lstatSync(this.file(name)).mode ?? 0) & 0o777;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Waits until a condition holds, and fails when it never does. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Never happened: ${what}`);
    // A whole turn of the event loop, so that sockets move.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A socket source on a real socket, with a clock of its own, and what was looked at so far. */
export class SocketRig implements AsyncDisposable {
  readonly path: string;
  readonly journal: Journal | null;
  readonly source: UnixSocket;
  readonly lines: string[] = [];
  readonly rejected = { line_too_long: 0, unterminated_line: 0 };
  nowMs = 1_000_000;
  wakes = 0;
  readonly #clients: Deno.UnixConn[] = [];

  constructor(folder: string, options: Partial<UnixSocketOptions> & { readonly journalMaxBytes?: number } = {}) {
    const { journalMaxBytes = 1 << 28, ...rest } = options;
    this.path = `${folder}/socket`;
    const nowMs = (): number => this.nowMs;
    this.journal = rest.journal === null ? null : new Journal(folder, { maxBytes: journalMaxBytes, nowMs });
    this.source = new UnixSocket({
      lineMaxBytes: 1 << 20,
      maxConnections: 256,
      idleTimeoutMs: 60_000,
      nowMs,
      onData: () => this.wakes += 1,
      ...rest,
      journal: this.journal,
    });
  }

  async listen(): Promise<this> {
    this.source.listen(await openListener(this.path));
    return this;
  }

  async connect(): Promise<Deno.UnixConn> {
    const client = await Deno.connect({ transport: "unix", path: this.path });
    this.#clients.push(client);
    return client;
  }

  /** Folds what is there, as the pipeline would. */
  look(): void {
    for (const batch of this.source.look(this.nowMs)) {
      if (batch.kind === "lines") { for (const line of textOf(batch.lines).split("\n")) this.lines.push(line); }
      if (batch.kind === "rejected") this.rejected[batch.reason] += batch.count;
    }
  }

  async untilLines(count: number): Promise<void> {
    await until(`${count} lines (there are ${this.lines.length})`, () => {
      this.look();
      return this.lines.length >= count;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.source.close();
    for (const client of this.#clients) closeQuietly(client);
    await this.source.settled();
  }
}

export async function openListener(path: string, mode = 0o660): Promise<SocketListener> {
  const opened = await openSocketListener({ path, mode, group: null });
  if (opened.kind === "refused") throw new Error(opened.problem);
  return opened.listener;
}

export async function sendText(client: Deno.Conn, text: string): Promise<void> {
  await sendBytes(client, new TextEncoder().encode(text));
}

export async function sendBytes(client: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await client.write(rest));
}

/** Reads what the server says until it contains `end`, or the connection ends. */
export async function receive(client: Deno.Conn, end: string): Promise<string> {
  const buffer = new Uint8Array(1024);
  let text = "";
  while (!text.includes(end)) {
    const length = await client.read(buffer);
    if (length === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  return text;
}

/** Closes a connection that a test may have closed already. */
export function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
