/**
 * Scrapes over one connection that stays open, as Prometheus does, and times them until the last byte. Not `fetch`: it
 * takes as long as what is to be measured, and leaves as much to collect.
 */
export class ScrapeClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #request: Uint8Array;
  readonly #answer = new Uint8Array(8 * 1024 * 1024);

  private constructor(connection: Deno.TcpConn, request: Uint8Array) {
    this.#connection = connection;
    this.#request = request;
  }

  static async connect(port: number, path = "/metrics"): Promise<ScrapeClient> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    const headers = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Accept: text/plain;version=0.0.4",
      "Accept-Encoding: gzip",
      "X-Prometheus-Scrape-Timeout-Seconds: 10",
    ];
    return new ScrapeClient(connection, new TextEncoder().encode(`${headers.join("\r\n")}\r\n\r\n`));
  }

  /** @returns milliseconds. @throws {Error} when it is answered by anything else than 200. */
  async scrape(): Promise<number> {
    const startMs = performance.now();
    await this.#connection.write(this.#request);
    let sizeBytes = Infinity;
    for (let have = 0; have < sizeBytes;) {
      const length = await this.#connection.read(this.#answer.subarray(have));
      if (length === null) throw new Error("Cannot scrape: the program hung up");
      have += length;
      if (sizeBytes === Infinity) sizeBytes = answerSize(this.#answer.subarray(0, have));
    }
    return performance.now() - startMs;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

const HEAD_MAX_BYTES = 4096;

/** Of the head and the body together; infinite while the head has not all come. */
function answerSize(bytes: Uint8Array): number {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, HEAD_MAX_BYTES));
  const headBytes = head.indexOf("\r\n\r\n") + 4;
  if (headBytes < 4) return Infinity;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (!head.startsWith("HTTP/1.1 200 ") || length === undefined) throw new Error(`Cannot scrape: ${head}`);
  return headBytes + Number(length);
}
