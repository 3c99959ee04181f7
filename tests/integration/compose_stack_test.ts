import assert from "node:assert/strict";
import { STACK_TOOLS, startStack } from "../support/compose_stack.ts";
import { until } from "../support/deadline.ts";
import { append, checkpointLines } from "../support/event_lines.ts";
import { freePort } from "../support/program.ts";
import { prometheusApi } from "../support/prometheus.ts";
import { createScratch } from "../support/scratch.ts";
import { testWithTools } from "../support/tool.ts";

const SERVICES = ["exporter", "alertmanager", "prometheus", "grafana"] as const;
/** Prometheus scrapes every 15 s, and a first start takes in the images. */
const DEADLINE_MS = 60_000;

testWithTools(
  "docker-compose.yml runs: services find each other, mounts are where they are looked for, health checks pass",
  STACK_TOOLS,
  async () => {
    using scratch = createScratch();
    const home = `${scratch.path}/home`;
    append(`${home}/.prodigy/events/demo/session-1/events.jsonl`, checkpointLines(3));
    await Deno.mkdir(`${home}/.claude`);
    const prometheusPort = freePort();
    await using stack = await startStack({
      directory: scratch.path,
      services: SERVICES,
      environment: {
        HOME: home,
        GRAFANA_ADMIN_PASSWORD: "secret",
        PROMETHEUS_PORT: `${prometheusPort}`,
        EXPORTER_PORT: `${freePort()}`,
        ALERTMANAGER_PORT: `${freePort()}`,
        GRAFANA_PORT: `${freePort()}`,
      },
    });
    const prometheus = prometheusApi(`http://127.0.0.1:${prometheusPort}`);

    await until("Prometheus has scraped the exporter", async () => {
      const [series] = await prometheus.query('prodigy_checkpoints_created_total{instance="exporter:9090"}');
      return series?.points[0]?.[1] === 3;
    }, DEADLINE_MS);
    assert.match(JSON.stringify(await prometheus.api("rules")), /ProdigyDeadLetterQueueHigh/);
    await until(
      "Prometheus has found Alertmanager",
      async () => JSON.stringify(await prometheus.api("alertmanagers")).includes("http://alertmanager:9093/"),
    );

    const grafana = stack.container("grafana");
    const list = async (path: string): Promise<readonly string[]> =>
      (await stack.podman("exec", grafana, "ls", path)).trim().split("\n");
    const provisioning = "/etc/grafana/provisioning";
    assert.deepEqual(await list(`${provisioning}/datasources`), ["postgres.yml", "prometheus.yml"]);
    assert.deepEqual(await list(`${provisioning}/dashboards`), ["prodigy.yml"]);
    assert.ok((await list("/etc/prodigy/dashboards")).includes("prodigy-workflows.json"));

    for (const service of SERVICES) {
      await until(
        `${service} is healthy`,
        async () => (await stack.podman("healthcheck", "run", stack.container(service))) !== null,
      );
    }
  },
);
