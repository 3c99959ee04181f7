import assert from "node:assert/strict";
import { freePort, runProgram, startProgram } from "../support/program.ts";
import { createScratch } from "../support/scratch.ts";

for (const [name, webConfig] of [["", null], [" behind a web configuration", "{}\n"]] as const) {
  Deno.test(`health is let in where only some names are served${name}`, async () => {
    using scratch = createScratch();
    const home = scratch.path;
    const port = freePort();
    const web = `${home}/web.yml`;
    if (webConfig !== null) await Deno.writeTextFile(web, webConfig);
    // As a container's health check: what is in the environment, both see.
    const env = {
      PRODIGY_METRICS_PORT: `${port}`,
      PRODIGY_SERVER_ALLOWED_HOSTS: "Exporter.example,[::1]",
      ...webConfig === null ? {} : { PRODIGY_SERVER_WEB_CONFIG_FILE: web },
    };
    await using program = await startProgram({ home, port, env });
    assert.equal((await program.get("/health")).status, 421, "by its address");
    assert.deepEqual(await runProgram({ home, env }, "health"), { code: 0, stdout: "ok\n", stderr: "" });
  });
}

for (
  const [flag, reason] of [
    ["--no-metrics", "There is nothing to ask, as metrics.enabled is false\n"],
    ["--metrics-port=0", "It cannot be asked, as metrics.port is 0: give --url with the port that its log tells\n"],
  ] as const
) {
  Deno.test(`health says why it cannot ask with ${flag}`, async () => {
    using scratch = createScratch();
    assert.deepEqual(await runProgram({ home: scratch.path }, "health", flag), { code: 1, stdout: reason, stderr: "" });
  });
}
