import assert from "node:assert/strict";
import { startNodeServer, type Timeouts } from "../../lib/server/node_server.ts";
import { createTestHandler, SILENT } from "../support/handler.ts";

const TIMEOUTS: Timeouts = { headersMs: 200, requestMs: 300, keepAliveMs: 250, checkIntervalMs: 20 };
const ASK = "GET /metrics HTTP/1.1\r\nHost: x\r\n";

async function withServer(run: (port: number) => Promise<void>): Promise<void> {
  const options = { hostname: "127.0.0.1", port: 0, log: SILENT, lookIntervalMs: 60_000, timeouts: TIMEOUTS };
  const server = await startNodeServer(options, createTestHandler(), null);
  try {
    await run(server.addr.port);
  } finally {
    await server.drain(1000);
  }
}

/** Writes this and reads until the server hangs up, which it must do by itself. */
async function answerTo(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  const decoder = new TextDecoder();
  let answer = "";
  const buffer = new Uint8Array(4096);
  for (let length = await connection.read(buffer); length !== null; length = await connection.read(buffer)) {
    answer += decoder.decode(buffer.subarray(0, length));
  }
  return answer;
}

Deno.test("startNodeServer() hangs up on clients that do not finish, say nothing, or stay for nothing", async () => {
  await withServer(async (port) => {
    const cases = [
      { name: "half a request", text: ASK, answer: /^HTTP\/1.1 408 / },
      { name: "half a line", text: "GET /met", answer: /^HTTP\/1.1 408 / },
      { name: "nothing", text: "", answer: /^(HTTP\/1.1 408 |$)/ },
      { name: "a request, and then nothing", text: `${ASK}\r\n`, answer: /^HTTP\/1.1 200 OK\r\n[^]*x 1\n$/ },
    ];
    await Promise.all(cases.map(async ({ name, text, answer }) => {
      assert.match(await answerTo(port, text), answer, name);
    }));
  });
});

Deno.test("startNodeServer() turns away headers that are too large, and targets that are none", async () => {
  await withServer(async (port) => {
    assert.match(await answerTo(port, `${ASK}X: ${"x".repeat(40_000)}\r\n\r\n`), /^HTTP\/1.1 431 /);
    for (const target of ["*", "http://[", "http://other.example/metrics", "metrics"]) {
      const answer = await answerTo(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1.1 400 /, target);
    }
    const head = await answerTo(port, "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.match(head, /^HTTP\/1.1 200 OK\r\n[^]*content-length: 4\r\n[^]*\r\n\r\n$/i);
  });
});
