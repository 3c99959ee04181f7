import assert from "node:assert/strict";
import fc from "fast-check";
import type { Handler } from "../../lib/server/routes.ts";
import { acceptsGzip, negotiateFormat } from "../../lib/server/negotiate.ts";
import { startServer } from "../../lib/server/server.ts";
import { createTestHandler, SILENT } from "../support/handler.ts";
import { fuzzHeaderName, fuzzRequest, fuzzText, rawStatus } from "../support/http_fuzz.ts";

function handler(): Handler {
  return createTestHandler();
}

Deno.test("negotiation never throws", () => {
  fc.assert(fc.property(fuzzText, (header) => {
    assert.ok(["text", "openmetrics"].includes(negotiateFormat(header)));
    acceptsGzip(header);
  }));
});

Deno.test("createHandler() never answers 5xx, whatever the path and headers", async () => {
  const answer = handler();
  const headers = fc.dictionary(fuzzHeaderName, fuzzText.map((value) => value.replaceAll(/[^\x20-\x7e]/g, "?")));
  const property = fc.asyncProperty(fuzzText, headers, async (path, fields) => {
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
  try {
    const property = fc.asyncProperty(fc.array(fuzzRequest, { minLength: 10, maxLength: 30 }), async (requests) => {
      const answers = await Promise.all(requests.map((one) => rawStatus(port, one)));
      for (const status of answers) assert.ok(status < 500, `${status}`);
    });
    await fc.assert(property, { numRuns: 500 });
    assert.equal(await rawStatus(port, "GET /health HTTP/1.1\r\nhost: x\r\n\r\n"), 200);
  } finally {
    await server.drain(1000);
  }
});
