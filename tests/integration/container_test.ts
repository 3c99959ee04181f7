import assert from "node:assert/strict";
import { CONTAINER_TOOLS, containerCommand, ImageStore } from "../support/container_image.ts";
import { until } from "../support/deadline.ts";
import { append, checkpointLines } from "../support/event_lines.ts";
import { fromFileUrl } from "../support/file_url.ts";
import { freePort } from "../support/program.ts";
import { createScratch } from "../support/scratch.ts";
import { testWithTools } from "../support/tool.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const STATE = "/var/lib/prodigy-exporter";
const RUN = "/run/prodigy-exporter";

testWithTools(
  "the container image serves metrics as no user in particular, on a read-only root, and stops at SIGTERM",
  CONTAINER_TOOLS,
  async () => {
    using scratch = createScratch();
    await using store = new ImageStore(scratch.path);
    const image = await store.build(ROOT, { BUILD_COMMIT: "0123456789ab", SOURCE_DATE_EPOCH: "1795478643" });
    const { config } = image;

    assert.deepEqual(config.Entrypoint, ["prodigy-exporter"]);
    assert.deepEqual(Object.keys(config.Volumes).sort(), [RUN, STATE]);
    assert.deepEqual(Object.keys(config.ExposedPorts), ["9090/tcp"]);
    assert.deepEqual([config.User, config.StopSignal], ["10001:10001", "SIGTERM"]);
    assert.deepEqual(config.Healthcheck.Test, ["CMD", "prodigy-exporter", "health"]);
    assert.equal(config.Labels["org.opencontainers.image.revision"], "0123456789ab");
    const program = await Deno.readTextFile(`${image.root}/usr/local/bin/prodigy-exporter`);
    assert.match(program, /^#!\/bin\/sh\nexec deno run .* --ignore-env .* --no-prompt \/\S+\.mjs "\$@"\n$/);

    const volumes = { [STATE]: `${scratch.path}/state`, [RUN]: `${scratch.path}/socket` };
    for (const [to, from] of Object.entries(volumes)) {
      await Deno.mkdir(from);
      // A fresh volume takes over the mode of the image's directory.
      await Deno.chmod(from, (await Deno.stat(image.root + to)).mode ?? 0);
    }
    const events = `${scratch.path}/home/events/app/job/events-20261124_000000.jsonl`;
    append(events, checkpointLines(2));
    const mounts = { "/home/prodigy/.prodigy": `${scratch.path}/home` };
    const port = freePort();
    const child = containerCommand({ image, mounts, volumes, user: "12345:12345" }, [
      "--metrics-port",
      `${port}`,
      "--metrics-bind-address",
      "127.0.0.1",
    ]).spawn();
    const [log, output] = [new Response(child.stderr).text(), new Response(child.stdout).text()];
    let hasEnded = false;
    const ended = child.status.then(({ code }) => {
      hasEnded = true;
      return code;
    });
    try {
      const metrics = async (): Promise<string | null> => {
        if (hasEnded) throw new Error(`it ended: ${await log}`);
        const response = await fetch(`http://127.0.0.1:${port}/metrics`);
        const text = await response.text();
        return response.ok ? text : null;
      };
      assert.match(await until("/metrics answers", metrics), /^prodigy_checkpoints_created_total 2$/m);
      assert.match(await until("/metrics answers", metrics), /commit="0123456789ab",commit_date="2026-11-24"/);
      append(events, checkpointLines(1));
      await until(
        "a new line counts",
        async () => /^prodigy_checkpoints_created_total 3$/m.test(await metrics() ?? ""),
      );
      // A health check is another process in the container.
      const { code, stderr } = await containerCommand({ image, volumes }, ["health", "--metrics-port", `${port}`])
        .output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      assert.ok((await Deno.lstat(`${scratch.path}/socket/prodigy-exporter.sock`)).isSocket);
    } finally {
      if (!hasEnded) child.kill("SIGTERM");
    }
    assert.equal(await ended, 0, await log);
    assert.doesNotMatch(await log, /"level":"(warn|error)"/);
    assert.equal(await output, "");
    const snapshot = await Deno.stat(`${scratch.path}/state/state/snapshot`);
    assert.deepEqual([snapshot.uid, (snapshot.mode ?? 0) & 0o077], [12345, 0]);
  },
);
