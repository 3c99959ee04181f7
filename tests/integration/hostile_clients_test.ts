import assert from "node:assert/strict";
import { fromFileUrl } from "../support/file_url.ts";
import { until } from "../support/deadline.ts";
import { createScratch } from "../support/scratch.ts";

const PROGRAM = fromFileUrl(new URL("../support/http_program.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const CERTIFICATES = fromFileUrl(new URL("../support/data/tls", import.meta.url));
const HALF_A_REQUEST = new TextEncoder().encode("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ");

/** Runs the server in a process of its own, with at most so many open files. */
async function withProgram(
  openFilesMax: number | null,
  run: (port: number) => Promise<void>,
  ...args: readonly string[]
): Promise<void> {
  const limit = openFilesMax === null ? "" : `ulimit -n ${openFilesMax}; `;
  const start = `${limit}exec "$0" run --quiet --config "$@"`;
  const child = new Deno.Command("sh", {
    args: ["-c", start, Deno.execPath(), CONFIG, "--allow-net", "--allow-read", PROGRAM, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.getReader();
  try {
    const { value } = await output.read();
    await run(Number(new TextDecoder().decode(value)));
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await output.cancel();
  }
}

class Connections {
  readonly #open: Deno.TcpConn[] = [];

  /** Opens up to so many connections and begins a request on each; fewer when they are refused. */
  async open(port: number, count: number): Promise<number> {
    for (let index = 0; index < count; index++) {
      try {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        this.#open.push(connection);
        await connection.write(HALF_A_REQUEST);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset)) {
          throw error;
        }
        break;
      }
    }
    return this.#open.length;
  }

  [Symbol.dispose](): void {
    for (const connection of this.#open) connection.close();
  }
}

async function scrape(client: Deno.HttpClient, port: number, scheme = "http"): Promise<number> {
  const response = await fetch(`${scheme}://localhost:${port}/metrics`, { client, signal: AbortSignal.timeout(1000) });
  await response.bytes();
  return response.status;
}

Deno.test("startServer() answers scrapes in time beside 3,000 half-open connections", async () => {
  await withProgram(null, async (port) => {
    using attackers = new Connections();
    assert.equal(await attackers.open(port, 3000), 3000);
    using client = Deno.createHttpClient({});
    const durationsMs: number[] = [];
    for (let index = 0; index < 200; index++) {
      const startedMs = performance.now();
      assert.equal(await scrape(client, port), 200);
      durationsMs.push(performance.now() - startedMs);
    }
    durationsMs.sort((a, b) => a - b);
    const p99Ms = durationsMs[197] ?? Infinity;
    assert.ok(p99Ms < 50, `p99 is ${p99Ms} ms`);
  });
});

Deno.test("startServer() serves again after it ran out of descriptors, even beside those who took them", async () => {
  await withProgram(64, async (port) => {
    using attackers = new Connections();
    const opened = await attackers.open(port, 100);
    // 64 descriptors are not enough for these, so they have been taken.
    assert.ok(opened < 100, `${opened} were accepted`);
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const status = await until("a scrape is answered", async () => await scrape(client, port));
    assert.equal(status, 200);
  });
});

Deno.test("startNodeServer() serves again after it ran out of descriptors, even beside those who took them", async () => {
  using scratch = createScratch();
  const path = `${scratch.path}/web.yml`;
  await Deno.writeTextFile(
    path,
    `tls_server_config: {cert_file: ${CERTIFICATES}/server.pem, key_file: ${CERTIFICATES}/server.key}`,
  );
  await withProgram(64, async (port) => {
    using attackers = new Connections();
    await attackers.open(port, 100);
    const caCerts = [await Deno.readTextFile(`${CERTIFICATES}/authority.pem`)];
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, caCerts });
    // Answered before the server notices that it is stuck would prove nothing.
    await assert.rejects(scrape(client, port, "https"));
    const status = await until("a scrape is answered", async () => await scrape(client, port, "https"));
    assert.equal(status, 200);
  }, path);
});
