import assert from "node:assert/strict";
import { connect } from "node:tls";
import { hashSync } from "bcryptjs";
import { until } from "../../support/deadline.ts";
import { basic, type Door, openDoor, readCertificate, statusOf, TLS, tlsClient } from "../../support/door.ts";
import { runProgram } from "../../support/program.ts";
import { startPrometheus } from "../../support/prometheus.ts";
import { createScratch } from "../../support/scratch.ts";
import { runTool, testWithTools } from "../../support/tool.ts";

const USERS = `basic_auth_users:\n  alice: ${hashSync("open sesame", 4)}\n`;
const PASSWORD = basic("alice:open sesame");

/** Waits until metrics are served, which needs the password. */
async function untilReady(door: Door, client: Deno.HttpClient): Promise<void> {
  await until("metrics are served", async () => {
    return await statusOf(`${door.url}/metrics`, { client, headers: PASSWORD }) === 200;
  });
}

testWithTools(
  "a Prometheus, curl and the probe all get through TLS and a password, and nobody without them",
  ["prometheus", "curl"],
  async () => {
    await using door = await openDoor(`${TLS}${USERS}`, { args: ["--server-auth-excluded-paths", "/-/ready"] });
    const { url, path, program } = door;
    using client = tlsClient();
    await untilReady(door, client);

    for (const wrong of ["alice:wrong", "alice:", "bob:open sesame", "alice:open sesame "]) {
      assert.equal(await statusOf(`${url}/metrics`, { client, headers: basic(wrong) }), 401, wrong);
    }
    for (const asked of ["/", "/metrics", "/metrics/json", "/health", "/nowhere", "/-/reload"]) {
      assert.equal(await statusOf(`${url}${asked}`, { client }), 401, asked);
    }
    assert.equal(await statusOf(`${url}/-/ready`, { client }), 200);
    await assert.rejects(fetch(`${url}/-/ready`), "a client that does not know the authority");
    await assert.rejects(fetch(`http://localhost:${program.port}/-/ready`), "a client that does not speak TLS");

    const curl = ["--silent", "--fail", "--cacert", path("authority.pem")];
    const fetched = await runTool("curl", [...curl, "--user", "alice:open sesame", `${url}/metrics`]);
    assert.match(fetched.stdout, /^prodigy_exporter_build_info/m);
    assert.notEqual((await runTool("curl", [...curl, `${url}/metrics`])).code, 0);

    await Deno.writeTextFile(path("credentials"), "alice:open sesame\n");
    const probe = (...flags: readonly string[]): ReturnType<typeof runProgram> =>
      runProgram({ home: path("") }, "health", "--url", url, "--ca-file", path("authority.pem"), ...flags);
    assert.deepEqual(await probe("--credentials-file", path("credentials")), { code: 0, stdout: "ok\n", stderr: "" });
    assert.deepEqual(await probe("--ready"), { code: 0, stdout: "ready\n", stderr: "" });
    assert.match((await probe()).stdout, /answers 401/);

    await Deno.mkdir(path("prometheus"));
    const scrape = { credentials: `username: alice, password: "open sesame"`, job: "with" };
    const jobs = [scrape, { credentials: "username: alice, password: wrong", job: "without" }].map((one) =>
      [
        `  - job_name: ${one.job}`,
        "    scheme: https",
        `    basic_auth: { ${one.credentials} }`,
        `    tls_config: { ca_file: ${path("authority.pem")} }`,
        `    static_configs: [{ targets: ["localhost:${program.port}"] }]`,
      ].join("\n")
    );
    await using prometheus = await startPrometheus({
      directory: path("prometheus"),
      config: `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${jobs.join("\n")}\n`,
    });
    for (const [job, up] of [["with", 1], ["without", 0]] as const) {
      await until(`up of ${job} is ${up}`, async () => {
        return (await prometheus.query(`up{job="${job}"}`))[0]?.points[0]?.[1] === up;
      });
    }
  },
);

Deno.test("only clients with a certificate of the authority get in where that is asked, the probe too", async () => {
  await using door = await openDoor(
    `${TLS}  client_ca_file: authority.pem\n  client_auth_type: RequireAndVerifyClientCert\n`,
  );
  const { url, path } = door;
  for (const [identity, expected] of [[null, 0], ["stranger", 0], ["client", 200]] as const) {
    using client = tlsClient(identity);
    assert.equal(await statusOf(`${url}/health`, { client }).catch(() => 0), expected, identity ?? "nobody");
  }
  const probe = (...flags: readonly string[]): ReturnType<typeof runProgram> =>
    runProgram({ home: path("") }, "health", "--url", url, "--ca-file", path("authority.pem"), ...flags);
  const identity = ["--cert-file", path("client.pem"), "--key-file", path("client.key")];
  assert.equal((await probe(...identity)).code, 0);
  assert.equal((await probe()).code, 1);
});

Deno.test("renewed certificates and users are served without a restart, and a bad file changes nothing", async () => {
  await using door = await openDoor(`${TLS}${USERS}`);
  const { url, program, write } = door;
  using client = tlsClient();
  await untilReady(door, client);
  const before = await serialOf(program.port);

  write("web.yml", "not: [yaml");
  await until("the bad file is told", () => program.log().includes("web_config_not_reloaded"));
  const health = await fetch(`${url}/health`, { client, headers: PASSWORD });
  assert.match(await health.text(), /^degraded\nweb configuration: .*not YAML/);
  assert.equal(await statusOf(`${url}/metrics`, { client }), 401);
  program.kill("SIGHUP");
  await until("the reload is refused", () => program.log().includes("config_not_reloaded"));

  write("web.yml", `${TLS}basic_auth_users:\n  bob: ${hashSync("other", 4)}\n`);
  write("server.pem", readCertificate("renewed_server.pem"));
  write("server.key", readCertificate("renewed_server.key"));
  await until("the new certificate is served", async () => await serialOf(program.port) !== before);
  await until("the new user gets in", async () => {
    return await statusOf(`${url}/health`, { client, headers: basic("bob:other") }) === 200;
  });
  assert.equal(await statusOf(`${url}/health`, { client, headers: PASSWORD }), 401);
  assert.doesNotMatch(program.log(), /sesame|\$2b\$/);
});

Deno.test("a bad web configuration shows in the reload metric until it is mended", async () => {
  await using door = await openDoor("{}\n");
  const { program, write } = door;
  const isInForce = "prodigy_exporter_config_last_reload_successful";
  assert.equal(await program.value(isInForce), 1);
  write("web.yml", "not: [yaml");
  await program.untilValue(isInForce, 0);

  write("config.toml", 'log.level = "debug"\n');
  program.kill("SIGHUP");
  await until("the reload is refused", () => program.log().includes('"config_not_reloaded"'));
  write("web.yml", "{}\n");
  await program.untilValue(isInForce, 1);
  assert.match(program.log(), /"config_reloaded","changed":"log.level"/, "the refused reload is made up for");
});

Deno.test("a web configuration with mistakes is no start, and all of them are told", async () => {
  using scratch = createScratch();
  const path = `${scratch.path}/web.yml`;
  const mistakes = "tls_server_config: {cert_file: server.pem, min_version: TLS9}\nbasic_auth_users: {alice: secret}\n";
  await Deno.writeTextFile(path, mistakes);
  for (const command of ["start", "check-config"]) {
    const { code, stdout, stderr } = await runProgram({ home: scratch.path }, command, "--web-config-file", path);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    const lines = stderr.trimEnd().split("\n");
    assert.equal(lines.length, 3, stderr);
    for (
      const problem of [/min_version must be one of/, /needs cert_file and key_file/, /alice must be a bcrypt hash/]
    ) {
      assert.ok(lines.some((line) => problem.test(line)), stderr);
    }
    assert.doesNotMatch(stderr, /secret/);
  }
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
