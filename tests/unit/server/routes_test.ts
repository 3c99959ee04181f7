import assert from "node:assert/strict";
import type { Handler, HandlerDeps, HandlerOptions } from "../../../lib/server/routes.ts";
import type { ReloadOutcome } from "../../../lib/server/reload.ts";
import type { Rendering } from "../../../lib/server/shared_render.ts";
import { until } from "../../support/deadline.ts";
import { createTestHandler, HANDLER_OPTIONS, WELL } from "../../support/handler.ts";

const REMOTE = { hostname: "10.0.0.7", port: 50123 };
const SCRAPE = { "x-prometheus-scrape-timeout-seconds": "10" };

interface Tried {
  readonly handler: Handler;
  readonly rendered: string[];
  readonly scrapes: string[];
  readonly logged: string[];
}

function tryHandler(
  { options = {}, ...deps }: Partial<HandlerDeps> & { options?: Partial<HandlerOptions> } = {},
): Tried {
  const rendered: string[] = [];
  const scrapes: string[] = [];
  const logged: string[] = [];
  const handler = createTestHandler({
    log: { error: (notice) => logged.push(notice), warn: () => {}, info: () => {}, debug: () => {} },
    render: (format, viewer) => {
      const number = rendered.push(`${format} ${viewer}`);
      return Promise.resolve({ pieces: [`# ${format}\n`], number });
    },
    onScrape: (scraper, rendering) => scrapes.push(`${scraper} ${rendering}`),
    contentType: (format) => `type/${format}`,
    ...deps,
  }, { ...HANDLER_OPTIONS, ...options });
  return { handler, rendered, scrapes, logged };
}

function request(path: string, init: RequestInit = {}): Request {
  return new Request(`http://localhost:9090${path}`, init);
}

Deno.test("createHandler() answers every known path, with and without a trailing slash and query", async () => {
  const { handler } = tryHandler();
  const cases = [
    { path: "/metrics", type: "type/text", body: "# text\n" },
    { path: "/metrics/", type: "type/text", body: "# text\n" },
    { path: "/metrics?name[]=x&y", type: "type/text", body: "# text\n" },
    { path: "/metrics/json", type: "application/json; charset=utf-8", body: '{"families":[]}\n' },
    { path: "/health", type: "text/plain; charset=utf-8", body: "ok\n" },
    { path: "/-/healthy", type: "text/plain; charset=utf-8", body: "ok\n" },
    { path: "/-/ready", type: "text/plain; charset=utf-8", body: "ready\n" },
  ];
  for (const { path, type, body } of cases) {
    const response = await handler(request(path), REMOTE);
    assert.deepEqual(
      [response.status, response.headers.get("content-type"), await response.text()],
      [200, type, body],
      path,
    );
  }
});

Deno.test("createHandler() answers HEAD like GET, with the length and without the body", async () => {
  const { handler } = tryHandler();
  for (const path of ["/", "/metrics", "/metrics/json", "/health", "/-/ready", "/nowhere"]) {
    const got = await handler(request(path), REMOTE);
    const head = await handler(request(path, { method: "HEAD" }), REMOTE);
    assert.deepEqual([...head.headers], [...got.headers], path);
    assert.equal(head.status, got.status);
    assert.equal(head.headers.get("content-length"), String((await got.bytes()).length));
    assert.equal(head.body, null);
  }
});

Deno.test("createHandler() names the known paths in a 404 and the allowed methods in a 405", async () => {
  const { handler } = tryHandler();
  for (const path of ["/nowhere", "//metrics", "/metrics/json/x", "/METRICS", "/%6detrics"]) {
    const response = await handler(request(path), REMOTE);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /^\/metrics$/m);
  }
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const response = await handler(request("/metrics", { method }), REMOTE);
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"], method);
    await response.body?.cancel();
  }
});

Deno.test("createHandler() negotiates format and encoding and says what they vary by", async () => {
  const { handler } = tryHandler();
  const headers = { "accept": "application/openmetrics-text", "accept-encoding": "gzip" };
  const response = await handler(request("/metrics", { headers }), REMOTE);
  assert.equal(response.headers.get("content-type"), "type/openmetrics");
  assert.equal(response.headers.get("vary"), "Accept, Accept-Encoding");
  assert.equal(response.headers.get("content-encoding"), "gzip");
  const unzipped = response.body?.pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new Response(unzipped).text(), "# openmetrics\n");
});

Deno.test("createHandler() tells the renderer who scrapes, when it is a Prometheus", async () => {
  const { handler, rendered, scrapes } = tryHandler();
  for (const [headers, remote] of [[SCRAPE, REMOTE], [{}, REMOTE], [SCRAPE, null]] as const) {
    await (await handler(request("/metrics", { headers }), remote)).text();
  }
  assert.deepEqual(rendered, ["text scraper", "text person", "text person"]);
  assert.deepEqual(scrapes, ["10.0.0.7:50123 1", "null 2", "null 3"]);
});

Deno.test("createHandler() renders once for concurrent requests of the same format and kind", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let renders = 0;
  const { handler, scrapes } = tryHandler({
    render: async () => {
      const number = ++renders;
      await promise;
      return { pieces: ["x 1\n"], number };
    },
  });
  const variants = [{}, SCRAPE, { accept: "application/openmetrics-text" }];
  const pending = Array.from({ length: 30 }, (_, index) => {
    return handler(request("/metrics", { headers: variants[index % 3] ?? {} }), { ...REMOTE, port: index });
  });
  await until("all renderings are under way", () => renders === 3);
  pending.push(handler(request("/metrics", { headers: SCRAPE }), { ...REMOTE, port: 99 }));
  resolve();
  for (const response of await Promise.all(pending)) assert.equal(await response.text(), "x 1\n");
  assert.equal(renders, 3);
  // Each of them is told of, with what it was shown; also the one that came when that was half done.
  assert.deepEqual(
    scrapes.filter((scrape) => !scrape.startsWith("null")).map((scrape) => scrape.split(" ")[1]),
    Array.from({ length: 11 }, () => "2"),
  );
  assert.equal(new Set(scrapes).size, 13);
  await (await handler(request("/metrics"), REMOTE)).text();
  assert.equal(renders, 4);
});

Deno.test("createHandler() answers 503 with the reasons and Retry-After while not ready", async () => {
  const status = { ...WELL, ready: false, reasons: ["catching up: 12 MB to read", "two\nlines"] };
  const { handler, rendered } = tryHandler({ status: () => status });
  for (const path of ["/metrics", "/metrics/json", "/-/ready"]) {
    const response = await handler(request(path), REMOTE);
    assert.equal(response.status, 503, path);
    assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(await response.text(), "not ready\ncatching up: 12 MB to read\ntwo lines\n");
  }
  assert.equal((await handler(request("/health"), REMOTE)).status, 200);
  assert.deepEqual(rendered, []);
});

Deno.test("createHandler() names problems in /health, and answers 503 only when a restart would help", async () => {
  const problems = [{ part: "files", problem: "cannot read /events: permission denied" }];
  const degraded = tryHandler({ status: () => ({ ...WELL, problems }) });
  const failing = tryHandler({ status: () => ({ ...WELL, failing: true, problems }) });
  for (const path of ["/health", "/-/healthy"]) {
    const mild = await degraded.handler(request(path), REMOTE);
    assert.equal(mild.status, 200);
    assert.equal(await mild.text(), "degraded\nfiles: cannot read /events: permission denied\n");
    const severe = await failing.handler(request(path), REMOTE);
    assert.equal(severe.status, 503);
    assert.equal(await severe.text(), "failing\nfiles: cannot read /events: permission denied\n");
  }
});

Deno.test("createHandler() answers 500 without the error's text, and logs it", async () => {
  const { handler, logged } = tryHandler({ render: () => Promise.reject(new Error("secret path")) });
  const response = await handler(request("/metrics"), REMOTE);
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  assert.deepEqual(logged, ["request_failed"]);
});

Deno.test("createHandler() serves a page with links, version and headers that shut others out", async () => {
  const problems = [{ part: "files", problem: "<script>alert(1)</script>" }];
  const { handler } = tryHandler({ status: () => ({ ...WELL, problems }) });
  const response = await handler(request("/"), REMOTE);
  const html = await response.text();
  for (const path of ["/metrics", "/metrics/json", "/health", "/-/ready"]) assert.ok(html.includes(`href=".${path}"`));
  assert.ok(html.includes("1.2.3"));
  assert.ok(html.includes("&lt;script&gt;"));
  assert.ok(!html.includes("<script>alert"));
  assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.equal(response.headers.get("x-frame-options"), "DENY");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("createHandler() answers 503 when rendering takes longer than the scrape may", async () => {
  const { promise, resolve } = Promise.withResolvers<Rendering>();
  const { handler, scrapes } = tryHandler({ render: () => promise });
  const headers = { "x-prometheus-scrape-timeout-seconds": "0.02" };
  const response = await handler(request("/metrics", { headers }), REMOTE);
  assert.equal(response.status, 503);
  assert.ok(response.headers.has("retry-after"));
  // It has seen nothing.
  assert.deepEqual(scrapes, []);
  const patient = handler(request("/metrics", { headers: SCRAPE }), REMOTE);
  resolve({ pieces: ["x 1\n"], number: 1 });
  assert.equal(await (await patient).text(), "x 1\n");
});

Deno.test("createHandler() turns scrapes away beyond its limit, and only then", async () => {
  const { promise, resolve } = Promise.withResolvers<Rendering>();
  const { handler } = tryHandler({ render: () => promise, options: { maxConcurrentScrapes: 2 } });
  const pending = [handler(request("/metrics"), REMOTE), handler(request("/metrics"), REMOTE)];
  assert.equal((await handler(request("/metrics"), REMOTE)).status, 503);
  assert.equal((await handler(request("/health"), REMOTE)).status, 200);
  resolve({ pieces: ["x 1\n"], number: 1 });
  for (const response of await Promise.all(pending)) assert.equal(response.status, 200);
  assert.equal((await handler(request("/metrics"), REMOTE)).status, 200);
});

Deno.test("createHandler() turns away what is too long", async () => {
  const { handler } = tryHandler();
  assert.equal((await handler(request(`/metrics?${"x".repeat(9000)}`), REMOTE)).status, 414);
  const headers = { "x-long": "x".repeat(17_000) };
  assert.equal((await handler(request("/metrics", { headers }), REMOTE)).status, 431);
});

Deno.test("createHandler() answers only to the names it is given, if any", async () => {
  const { handler } = tryHandler({ options: { allowedHosts: ["localhost", "exporter.example"] } });
  const cases = [
    ["http://localhost:9090/health", 200],
    ["http://EXPORTER.example/health", 200],
    ["http://attacker.example/health", 421],
    ["http://127.0.0.1:9090/health", 421],
  ] as const;
  for (const [url, status] of cases) assert.equal((await handler(new Request(url), REMOTE)).status, status, url);
});

Deno.test("createHandler() reads its options anew for every request", async () => {
  const options = { ...HANDLER_OPTIONS };
  const handler = createTestHandler({}, options);
  assert.equal((await handler(request("/health"), REMOTE)).status, 200);
  Object.assign(options, { allowedHosts: ["exporter.example"] });
  assert.equal((await handler(request("/health"), REMOTE)).status, 421);
});

Deno.test("createHandler() reloads when that is enabled, for nobody else's page, and tells what came of it", async () => {
  const outcomes: ReloadOutcome[] = [
    { kind: "reloaded", changed: ["log.level"], needRestart: ["metrics.port"] },
    { kind: "refused", problems: 2 },
  ];
  const deps = { reload: () => outcomes.shift() ?? assert.fail("reloaded once too often") };
  const disabled = tryHandler(deps).handler;
  assert.equal((await disabled(request("/-/reload", { method: "POST" }), REMOTE)).status, 403);
  const { handler } = tryHandler({ ...deps, options: { reloadEnabled: true } });
  const post = (headers: HeadersInit = {}): Promise<Response> =>
    handler(request("/-/reload", { method: "POST", headers }), REMOTE);
  const get = await handler(request("/-/reload"), REMOTE);
  assert.deepEqual([get.status, get.headers.get("allow")], [405, "POST"]);
  for (const origin of ["https://elsewhere.example", "null"]) assert.equal((await post({ origin })).status, 403);
  const reloaded = await post({ origin: "http://localhost:9090" });
  assert.equal(reloaded.status, 200);
  assert.equal(await reloaded.text(), "Reloaded.\nchanged: log.level\nneeds a restart: metrics.port\n");
  const refused = await post();
  assert.equal(refused.status, 422);
  assert.match(await refused.text(), /2 problems/);
});
