import assert from "node:assert/strict";
import type { Handler, HandlerDeps } from "../../lib/server/routes.ts";
import type { Rendering } from "../../lib/server/shared_render.ts";
import { type RunningServer, startServer } from "../../lib/server/server.ts";
import { createTestHandler, SILENT } from "../support/handler.ts";

const BODY = "# HELP x Ä count.\n# TYPE x counter\nx 1\n";

function handlerWith(deps: Partial<HandlerDeps> = {}): Handler {
  return createTestHandler({
    render: () => Promise.resolve({ pieces: [BODY], number: 1 }),
    contentType: () => "text/plain; version=0.0.4; charset=utf-8",
    ...deps,
  });
}

async function withServer(
  handler: Handler,
  run: (origin: string, server: RunningServer) => Promise<void>,
): Promise<void> {
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, handler);
  try {
    await run(`http://127.0.0.1:${server.addr.port}`, server);
  } finally {
    await server.drain(1000);
  }
}

/** What a server answers to these bytes, until it closes the connection. */
async function rawAnswer(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}

Deno.test("startServer() serves metrics to GET and HEAD over a real port", async () => {
  await withServer(handlerWith(), async (origin, server) => {
    assert.notEqual(server.addr.port, 0);
    const got = await fetch(`${origin}/metrics`, { headers: { "accept-encoding": "identity" } });
    assert.equal(await got.text(), BODY);
    assert.equal(got.headers.get("content-length"), String(new TextEncoder().encode(BODY).length));
    const head = await rawAnswer(server.addr.port, "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.match(head, /^HTTP\/1.1 200 OK\r\n/);
    assert.match(head, new RegExp(`content-length: ${new TextEncoder().encode(BODY).length}\r\n`, "i"));
    assert.ok(head.endsWith("\r\n\r\n"));
  });
});

Deno.test("startServer() compresses for those who take gzip", async () => {
  await withServer(handlerWith(), async (origin) => {
    const response = await fetch(`${origin}/metrics`, { headers: { "accept-encoding": "gzip" } });
    assert.equal(response.headers.get("vary"), "Accept, Accept-Encoding");
    assert.equal(await response.text(), BODY);
  });
});

Deno.test("startServer() answers 405 with Allow, and 404", async () => {
  await withServer(handlerWith(), async (origin) => {
    const post = await fetch(`${origin}/metrics`, { method: "POST", body: "x" });
    assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
    await post.text();
    const lost = await fetch(`${origin}/nowhere`);
    assert.equal(lost.status, 404);
    await lost.text();
  });
});

Deno.test("startServer() renders once for two hundred concurrent scrapes", async () => {
  let renders = 0;
  let requests = 0;
  const { promise, resolve } = Promise.withResolvers<Rendering>();
  const handler = handlerWith({
    render: () => {
      renders++;
      return promise;
    },
  });
  const counting: Handler = (request, remote) => {
    if (++requests === 200) resolve({ pieces: [BODY], number: 1 });
    return handler(request, remote);
  };
  await withServer(counting, async (origin) => {
    const scrapes = Array.from({ length: 200 }, async () => await (await fetch(`${origin}/metrics`)).text());
    assert.deepEqual(new Set(await Promise.all(scrapes)), new Set([BODY]));
    assert.equal(renders, 1);
  });
});

Deno.test("startServer() survives request targets that are no paths", async () => {
  await withServer(handlerWith(), async (_, { addr }) => {
    for (const target of ["*", "http://[", "//", "/%", "/\u00e4", "http://other.example/metrics", "metrics"]) {
      const answer = await rawAnswer(addr.port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1.1 (200|400|404)/, target);
    }
    for (const host of ["[", "a b", "x:99999999", ""]) {
      const answer = await rawAnswer(addr.port, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1.1 (200|400|404)/, host);
    }
    assert.match(await rawAnswer(addr.port, "GET /health HTTP/1.0\r\n\r\n"), /^HTTP\/1.0 200/);
  });
});

Deno.test("startServer() says what to do when the port is taken", async () => {
  await withServer(handlerWith(), async (_, { addr }) => {
    const again = (): unknown => startServer({ hostname: "127.0.0.1", port: addr.port, log: SILENT }, handlerWith());
    assert.throws(again, Deno.errors.AddrInUse);
    assert.throws(again, /--metrics-port.*PRODIGY_METRICS_PORT.*\[metrics\]/);
    assert.throws(again, (error) => error instanceof Error && !error.message.includes("Prometheus"));
    await Promise.resolve();
  });
});

Deno.test("startServer() names Prometheus when the taken port is 9090", () => {
  // Whether it is this listener or another program's, the port is taken.
  let listener: Deno.TcpListener | null = null;
  try {
    listener = Deno.listen({ hostname: "127.0.0.1", port: 9090 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
  }
  try {
    const start = (): unknown => startServer({ hostname: "127.0.0.1", port: 9090, log: SILENT }, handlerWith());
    assert.throws(start, /9090 is also the default port of Prometheus itself/);
  } finally {
    listener?.close();
  }
});

Deno.test("RunningServer.drain() lets a running request end and accepts no other", async () => {
  const entered = Promise.withResolvers<void>();
  const rendered = Promise.withResolvers<Rendering>();
  const handler = handlerWith({
    render: () => {
      entered.resolve();
      return rendered.promise;
    },
  });
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, handler);
  const running = fetch(`http://127.0.0.1:${server.addr.port}/metrics`);
  await entered.promise;
  const drained = server.drain(10_000);
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: server.addr.port }));
  rendered.resolve({ pieces: [BODY], number: 1 });
  assert.equal(await (await running).text(), BODY);
  await drained;
  await server.finished;
});

Deno.test("RunningServer.drain() cuts off what does not end in time", async () => {
  const entered = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Rendering>();
  const handler = handlerWith({
    render: () => {
      entered.resolve();
      return never.promise;
    },
  });
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, handler);
  const running = fetch(`http://127.0.0.1:${server.addr.port}/metrics`);
  await entered.promise;
  await server.drain(20);
  const response = await running;
  assert.equal(response.status, 503);
  await response.text();
  never.resolve({ pieces: [""], number: 1 });
});

Deno.test("RunningServer.drain() does not wait for idle connections", async () => {
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, handlerWith());
  using idle = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await idle.write(new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
  await idle.read(new Uint8Array(4096));
  const startedMs = performance.now();
  await server.drain(10_000);
  assert.ok(performance.now() - startedMs < 2000);
});

Deno.test("startServer() says why it cannot listen on an address", () => {
  // Of the block for documentation, so that no machine has it.
  const options = { hostname: "192.0.2.1", port: 0, log: SILENT };
  assert.throws(
    () => startServer(options, handlerWith()),
    /^Error: Cannot serve on 192\.0\.2\.1:0: .*assign requested/,
  );
});
