import assert from "node:assert/strict";
import { hashSync } from "bcryptjs";
import type { RunningServer } from "../../lib/server/server.ts";
import { startWebServer } from "../../lib/server/web_server.ts";
import { readWebConfigText } from "../../lib/server/web_config/read_text.ts";
import { WatchedWebConfig } from "../../lib/server/web_config/watched_web_config.ts";
import type { Log } from "../../lib/telemetry/log.ts";
import { until } from "../support/deadline.ts";
import { createTestHandler } from "../support/handler.ts";
import { connect } from "node:tls";
import { fromFileUrl } from "../support/file_url.ts";
import { createScratch, type Scratch } from "../support/scratch.ts";

const CERTIFICATES = fromFileUrl(new URL("../support/data/tls", import.meta.url));
const TLS = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
const USERS = `basic_auth_users:\n  alice: ${hashSync("open sesame", 4)}\n`;
const UNZIPPED = { "authorization": `Basic ${btoa("alice:open sesame")}`, "accept-encoding": "identity" };
const PASSWORD = { authorization: `Basic ${btoa("alice:open sesame")}` };

interface Rig extends AsyncDisposable {
  readonly server: RunningServer;
  readonly notices: readonly string[];
  write(file: string, text: string): void;
  path(file: string): string;
}

async function start(config: string | null, hostname = "127.0.0.1"): Promise<Rig> {
  const scratch: Scratch = createScratch();
  const path = (file: string): string => `${scratch.path}/${file}`;
  // Replaced, not overwritten: as a careful administrator, and every tool that renews certificates, does.
  const write = (file: string, text: string): void => {
    Deno.writeTextFileSync(path("new"), text);
    Deno.renameSync(path("new"), path(file));
  };
  copyCertificates(scratch.path);
  if (config !== null) write("web.yml", config);
  const notices: string[] = [];
  const note = (notice: string): unknown => notices.push(notice);
  const log: Log = { error: note, warn: note, info: note, debug: note };
  const handler = createTestHandler({ log });
  const server = await startWebServer({
    hostname,
    port: 0,
    log,
    webConfig: config === null ? null : new WatchedWebConfig(path("web.yml")),
    authExcludedPaths: ["/health"],
    secret: crypto.getRandomValues(new Uint8Array(32)),
    lookIntervalMs: 30,
  }, handler);
  return {
    server,
    notices,
    write,
    path,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.drain(1000);
      scratch[Symbol.dispose]();
    },
  };
}

function copyCertificates(to: string): void {
  for (const { name } of Deno.readDirSync(CERTIFICATES)) Deno.copyFileSync(`${CERTIFICATES}/${name}`, `${to}/${name}`);
}

function readCertificate(file: string): string {
  return Deno.readTextFileSync(`${CERTIFICATES}/${file}`);
}

function client(identity: string | null = null): Deno.HttpClient {
  return Deno.createHttpClient({
    caCerts: [readCertificate("authority.pem")],
    poolMaxIdlePerHost: 0,
    ...(identity === null ? {} : { cert: readCertificate(`${identity}.pem`), key: readCertificate(`${identity}.key`) }),
  });
}

async function statusOf(url: string, init: RequestInit & { client?: Deno.HttpClient } = {}): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

Deno.test("startWebServer() serves over TLS, to those who know the password", async () => {
  await using rig = await start(`${TLS}${USERS}http_server_config: {headers: {X-Frame-Options: deny}}`);
  const url = `https://localhost:${rig.server.addr.port}`;
  using trusting = client();
  assert.equal(await statusOf(`${url}/metrics`, { client: trusting }), 401);
  assert.equal(await statusOf(`${url}/health`, { client: trusting }), 200);
  const response = await fetch(`${url}/metrics`, { client: trusting, headers: PASSWORD });
  assert.equal(await response.text(), "x 1\n");
  assert.equal(response.headers.get("x-frame-options"), "deny");
  const head = await fetch(`${url}/metrics`, { client: trusting, headers: UNZIPPED, method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "4"]);
  await assert.rejects(fetch(`${url}/health`), "a client that does not know the authority");
});

Deno.test("startWebServer() asks clients for certificates as it is told", async () => {
  const cases = [
    { type: "NoClientCert", nobody: true, client: true, stranger: true },
    { type: "RequestClientCert", nobody: true, client: true, stranger: true },
    { type: "RequireAnyClientCert", nobody: false, client: true, stranger: true },
    { type: "VerifyClientCertIfGiven", nobody: true, client: true, stranger: false },
    { type: "RequireAndVerifyClientCert", nobody: false, client: true, stranger: false },
  ] as const;
  for (const expected of cases) {
    const authority = expected.type === "NoClientCert" ? "" : "  client_ca_file: authority.pem\n";
    await using rig = await start(`${TLS}${authority}  client_auth_type: ${expected.type}\n`);
    const url = `https://localhost:${rig.server.addr.port}/metrics`;
    for (const identity of ["nobody", "client", "stranger"] as const) {
      using trusting = client(identity === "nobody" ? null : identity);
      const status = await statusOf(url, { client: trusting }).catch(() => 0);
      assert.equal(status, expected[identity] ? 200 : 0, `${expected.type} ${identity}`);
    }
  }
});

Deno.test("startWebServer() takes new certificates, users and bad files while it runs", async () => {
  await using rig = await start(`${TLS}${USERS}`);
  const { port } = rig.server.addr;
  using trusting = client();
  const metrics = (headers: HeadersInit): Promise<number> =>
    statusOf(`https://localhost:${port}/metrics`, { client: trusting, headers });
  assert.equal(await metrics(PASSWORD), 200);
  const before = await serialOf(port);

  rig.write("web.yml", "not: [yaml");
  await until("the bad file is noticed", () => rig.notices.includes("web_config_not_reloaded"));
  assert.equal(await metrics(PASSWORD), 200);
  assert.equal(await metrics({}), 401);

  // A certificate without its key is in force only when the key has come.
  rig.write("web.yml", `${TLS}basic_auth_users:\n  bob: ${hashSync("other", 4)}\n`);
  rig.write("server.pem", readCertificate("renewed_server.pem"));
  rig.write("server.key", readCertificate("renewed_server.key"));
  await until("the new certificate is served", async () => await serialOf(port) !== before);
  await until(
    "the new user is let in",
    async () => await metrics({ authorization: `Basic ${btoa("bob:other")}` }) === 200,
  );
  assert.equal(await metrics(PASSWORD), 401);
});

Deno.test("WatchedWebConfig keeps what it has until certificate and key belong together", () => {
  using scratch = createScratch();
  const path = (file: string): string => `${scratch.path}/${file}`;
  copyCertificates(scratch.path);
  Deno.writeTextFileSync(path("web.yml"), TLS);
  const config = new WatchedWebConfig(path("web.yml"));
  assert.equal(config.look(), false);
  const before = config.current;
  Deno.copyFileSync(`${CERTIFICATES}/renewed_server.pem`, path("server.pem"));
  assert.equal(config.look(), false);
  assert.match(config.problem ?? "", /key is not the certificate's/);
  assert.equal(config.current, before);
  Deno.copyFileSync(`${CERTIFICATES}/renewed_server.key`, path("server.key"));
  assert.equal(config.look(), true);
  assert.equal(config.problem, null);
  Deno.removeSync(path("server.key"));
  assert.equal(config.look(), false);
  assert.match(config.problem ?? "", /cannot read .*server.key: NotFound/);
  Deno.mkdirSync(path("server.key"));
  assert.equal(config.look(), false);
  assert.match(config.problem ?? "", /not a file/);
});

Deno.test("WatchedWebConfig sees at the next look what is replaced while it reads", () => {
  using scratch = createScratch();
  const path = (file: string): string => `${scratch.path}/${file}`;
  copyCertificates(scratch.path);
  Deno.writeTextFileSync(path("web.yml"), TLS);
  let onRead = (): void => {};
  const config = new WatchedWebConfig(path("web.yml"), (file) => {
    const text = readWebConfigText(file);
    onRead();
    return text;
  });
  const before = config.current.tls?.cert;
  Deno.writeTextFileSync(path("web.yml"), `${TLS}${USERS}`);
  let reads = 0;
  onRead = () => {
    // The last of the three files has just been read.
    if (++reads !== 3) return;
    for (const ending of ["pem", "key"]) {
      Deno.copyFileSync(`${CERTIFICATES}/renewed_server.${ending}`, path(`server.${ending}`));
    }
  };
  assert.equal(config.look(), true);
  assert.equal(config.current.tls?.cert, before);
  assert.equal(config.look(), true);
  assert.equal(config.current.tls?.cert, readCertificate("renewed_server.pem"));
  assert.equal(config.look(), false);
});

Deno.test("startWebServer() protects plain HTTP with passwords as well", async () => {
  await using rig = await start(USERS);
  const url = `http://127.0.0.1:${rig.server.addr.port}/metrics`;
  assert.equal(await statusOf(url), 401);
  assert.equal(await statusOf(url, { headers: PASSWORD }), 200);
});

Deno.test("startWebServer() warns when everybody may read the metrics", async () => {
  const cases = [
    { config: null, hostname: "0.0.0.0", warns: true },
    { config: TLS, hostname: "0.0.0.0", warns: true },
    { config: USERS, hostname: "0.0.0.0", warns: false },
    { config: null, hostname: "127.0.0.1", warns: false },
  ];
  for (const { config, hostname, warns } of cases) {
    await using rig = await start(config, hostname);
    assert.equal(rig.notices.includes("metrics_open_to_all"), warns, `${config} on ${hostname}`);
  }
});

Deno.test("startWebServer() says what to do when the port of TLS is taken", async () => {
  using scratch = createScratch();
  copyCertificates(scratch.path);
  await Deno.writeTextFile(`${scratch.path}/web.yml`, TLS);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const log: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  const options = {
    hostname: "127.0.0.1",
    port: listener.addr.port,
    log,
    webConfig: new WatchedWebConfig(`${scratch.path}/web.yml`),
    authExcludedPaths: [],
    secret: new Uint8Array(32),
  };
  await assert.rejects(startWebServer(options, () => Promise.resolve(new Response())), /--metrics-port/);
});

/** Serial number of the certificate the server shows now. */
async function serialOf(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const ca = readCertificate("authority.pem");
  const socket = connect({ host: "localhost", port, ca, servername: "localhost" }, () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.end();
  });
  socket.on("error", reject);
  return await promise;
}
