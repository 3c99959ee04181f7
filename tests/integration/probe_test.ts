import assert from "node:assert/strict";
import { type ProbeOptions, type ProbeResult, runProbe } from "../../lib/server/probe.ts";
import type { Handler } from "../../lib/server/routes.ts";
import { startServer } from "../../lib/server/server.ts";
import type { Status } from "../../lib/server/status.ts";
import { startNodeServer } from "../../lib/server/node_server.ts";
import { parseWebConfig } from "../../lib/server/web_config/parse.ts";
import { fromFileUrl } from "../support/file_url.ts";
import { createTestHandler, HANDLER_OPTIONS, SILENT, WELL } from "../support/handler.ts";

const CERTIFICATES = fromFileUrl(new URL("../support/data/tls", import.meta.url));

function handlerOf(status: Status): Handler {
  return createTestHandler({ status: () => status });
}

async function probe(options: Partial<ProbeOptions> & { readonly url: string }): Promise<ProbeResult> {
  const defaults = { host: null, ready: false, timeoutMs: 5000, ca: null, credentials: null, identity: null };
  return await runProbe({ ...defaults, ...options });
}

async function probeStatus(status: Status, ready: boolean): Promise<ProbeResult> {
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, handlerOf(status));
  try {
    return await probe({ url: `http://127.0.0.1:${server.addr.port}`, ready });
  } finally {
    await server.drain(1000);
  }
}

Deno.test("runProbe() tells health and readiness in one line", async () => {
  const problems = [{ part: "files", problem: "no permission" }];
  const behind = { ...WELL, ready: false, reasons: ["catching up: 12 MB to read"] };
  assert.deepEqual(await probeStatus(WELL, false), { exitCode: 0, reason: "ok" });
  assert.deepEqual(await probeStatus(WELL, true), { exitCode: 0, reason: "ready" });
  assert.deepEqual(await probeStatus({ ...WELL, problems }, false), {
    exitCode: 0,
    reason: "degraded; files: no permission",
  });
  const failing = await probeStatus({ ...WELL, failing: true, problems }, false);
  assert.equal(failing.exitCode, 1);
  assert.match(failing.reason, /^http:\/\/127.0.0.1:\d+\/health answers 503: failing; files: no permission$/);
  assert.equal((await probeStatus(behind, false)).exitCode, 0);
  const waiting = await probeStatus(behind, true);
  assert.equal(waiting.exitCode, 1);
  assert.match(waiting.reason, /\/-\/ready answers 503: not ready; catching up: 12 MB to read$/);
});

Deno.test("runProbe() fails with a reason when nobody answers, or somebody else does", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const silent = await probe({ url: `http://127.0.0.1:${listener.addr.port}`, timeoutMs: 50 });
  assert.deepEqual([silent.exitCode, silent.reason.endsWith("no answer within 50 ms")], [1, true]);

  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();
  assert.match((await probe({ url: `http://127.0.0.1:${port}` })).reason, /refused/);

  for (const url of ["not a url", "ftp://127.0.0.1", "mailto:a", "http://u:secret@[", "http://u:%ff@127.0.0.1:1"]) {
    const { exitCode, reason } = await probe({ url });
    assert.equal(exitCode, 1, url);
    assert.ok(!reason.includes("secret"));
  }
  assert.equal((await probe({ url: "https://127.0.0.1", ca: "no PEM" })).exitCode, 1);

  const other = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, () => {
    return Promise.resolve(new Response(`\u001b[2J${"x".repeat(10_000)}`, { status: 404 }));
  });
  const { reason } = await probe({ url: `http://127.0.0.1:${other.addr.port}` });
  await other.drain(1000);
  assert.ok(reason.length < 700 && !reason.includes("\u001b"), reason);
});

Deno.test("runProbe() sends the password in the URL, and does not repeat it", async () => {
  const seen: (string | null)[] = [];
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, (request) => {
    seen.push(request.headers.get("authorization"));
    return Promise.resolve(new Response("no", { status: 401 }));
  });
  const url = `http://alice:s%C3%A9same@127.0.0.1:${server.addr.port}`;
  const { reason } = await probe({ url });
  await probe({ url, credentials: "bob:from a file" });
  await server.drain(1000);
  const basic = (text: string): string => `Basic ${new TextEncoder().encode(text).toBase64()}`;
  assert.deepEqual(seen, [basic("alice:sésame"), basic("bob:from a file")]);
  assert.ok(!reason.includes("same"));
});

Deno.test("runProbe() addresses the exporter by the name it is given", async () => {
  const handler = createTestHandler({}, { ...HANDLER_OPTIONS, allowedHosts: ["exporter.example"] });
  const server = startServer({ hostname: "127.0.0.1", port: 0, log: SILENT }, handler);
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    assert.deepEqual(await probe({ url, host: "exporter.example" }), { exitCode: 0, reason: "ok" });
    assert.match((await probe({ url })).reason, /answers 421: This name is not served here\.$/);
  } finally {
    await server.drain(1000);
  }
});

Deno.test("runProbe() checks certificates against the authority it is given", async () => {
  const text = `tls_server_config: {cert: x, key: y}`;
  const { tls } = parseWebConfig(text, "/");
  assert.ok(tls !== null);
  const material = {
    ...tls,
    cert: await Deno.readTextFile(`${CERTIFICATES}/server.pem`),
    key: await Deno.readTextFile(`${CERTIFICATES}/server.key`),
    clientCa: null,
  };
  const options = { hostname: "127.0.0.1", port: 0, log: SILENT, lookIntervalMs: 60_000 };
  const server = await startNodeServer(options, handlerOf(WELL), material);
  try {
    const url = `https://localhost:${server.addr.port}`;
    const authority = (name: string): Promise<string> => Deno.readTextFile(`${CERTIFICATES}/${name}.pem`);
    assert.deepEqual(await probe({ url, ca: await authority("authority") }), { exitCode: 0, reason: "ok" });
    assert.equal((await probe({ url, ca: await authority("other_authority") })).exitCode, 1);
    assert.equal((await probe({ url })).exitCode, 1);
  } finally {
    await server.drain(1000);
  }
});
