import assert from "node:assert/strict";
import fc from "fast-check";
import type { Handler } from "../../lib/server/routes.ts";
import { acceptsGzip, negotiateFormat } from "../../lib/server/negotiate.ts";
import { startServer } from "../../lib/server/server.ts";
import { createTestHandler, SILENT } from "../support/handler.ts";

function handler(): Handler {
  return createTestHandler();
}

/** Everything a client may write, with pieces that mean something more often than chance would bring them. */
const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("/metrics", "/", "%00", "..", "?", "#", "gzip", ";q=", "*", ",", "application/openmetrics-text", " "),
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
const headerName = fc.constantFrom(
  "accept",
  "accept-encoding",
  "host",
  "x-prometheus-scrape-timeout-seconds",
  "connection",
  "range",
  "if-none-match",
  "content-length",
  "transfer-encoding",
  "expect",
);

Deno.test("negotiation never throws", () => {
  fc.assert(fc.property(text, (header) => {
    assert.ok(["text", "openmetrics"].includes(negotiateFormat(header)));
    acceptsGzip(header);
  }));
});

Deno.test("createHandler() never answers 5xx, whatever the path and headers", async () => {
  const answer = handler();
  const headers = fc.dictionary(headerName, text.map((value) => value.replaceAll(/[^\x20-\x7e]/g, "?")));
  const property = fc.asyncProperty(text, headers, async (path, fields) => {
    const url = `http://x/${path}`;
    if (!URL.canParse(url)) return;
    const response = await answer(new Request(url, { headers: fields }), null);
    await response.body?.cancel();
    assert.ok(response.status < 500, `${response.status}`);
  });
  await fc.assert(property, { numRuns: 3000 });
});

Deno.test("startServer() never answers 5xx to what is written to its port, and lives on", async () => {
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, handler());
  const { port } = server.addr;
  const method = fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "TRACE", "CONNECT", "get", "");
  const field = fc.tuple(headerName, text).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = fc.tuple(method, text, fc.array(field, { maxLength: 5 }))
    .map(([verb, target, fields]) => `${verb} ${target} HTTP/1.1\r\nhost: x\r\n${fields.join("")}\r\n`);
  try {
    const property = fc.asyncProperty(fc.array(request, { minLength: 10, maxLength: 30 }), async (requests) => {
      const answers = await Promise.all(requests.map((one) => rawStatus(port, one)));
      for (const status of answers) assert.ok(status < 500, `${status}`);
    });
    await fc.assert(property, { numRuns: 500 });
    assert.equal(await rawStatus(port, "GET /health HTTP/1.1\r\nhost: x\r\n\r\n"), 200);
  } finally {
    await server.drain(1000);
  }
});

/** The status answered to these bytes; 0 when the server just hangs up or waits for more. */
async function rawStatus(port: number, request: string): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request));
  await connection.closeWrite();
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer).catch(() => null) ?? 0;
  const [, status = "0"] = /^HTTP\/1\.[01] (\d{3})/.exec(new TextDecoder().decode(buffer.subarray(0, length))) ?? [];
  return Number(status);
}
