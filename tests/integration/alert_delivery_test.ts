import assert from "node:assert/strict";
import { dump, load } from "js-yaml";
import { until } from "../support/deadline.ts";
import { eventLine } from "../support/event_lines.ts";
import { type Program, startProgram } from "../support/program.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { createScratch } from "../support/scratch.ts";
import { listeningAddress, startService } from "../support/service.ts";
import { testWithTools } from "../support/tool.ts";

const ROOT = new URL("../../", import.meta.url);
const JOB_ID = "mapreduce-20261124_090000";
const ITEMS = 11;

interface Notification {
  readonly status: "firing" | "resolved";
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

testWithTools("an eleventh item in the dead letter queue reaches a webhook, and its end, too", [
  "prometheus",
  "prometheus-alertmanager",
], async () => {
  using home = createScratch();
  using directory = createScratch();
  const notifications: Notification[] = [];
  await using webhook = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    // Alertmanager's documented payload.
    notifications.push(await request.json() as Notification);
    return new Response();
  });
  await Deno.writeTextFile(
    `${directory.path}/alertmanager.yml`,
    await alertmanagerConfig(`http://127.0.0.1:${webhook.addr.port}/`),
  );
  await using alertmanager = await startService({
    program: "prometheus-alertmanager",
    args: [
      `--config.file=${directory.path}/alertmanager.yml`,
      `--storage.path=${directory.path}/alertmanager`,
      "--web.listen-address=127.0.0.1:0",
      "--cluster.listen-address=",
    ],
    addressIn: listeningAddress,
    readyPath: "/-/ready",
  });
  await using exporter = await startProgram({ home: home.path });
  await send(exporter, [
    { event_type: "job_started", job_id: JOB_ID, config: {}, total_items: 50 },
    ...itemEvents("dlq_item_added", ITEMS),
  ]);
  await writeFastRules(directory.path);
  await using _prometheus = await startPrometheus({
    directory: directory.path,
    config: JSON.stringify({
      global: { scrape_interval: "500ms", evaluation_interval: "500ms" },
      rule_files: ["*.rules.yml"],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager.url.replace("http://", "")] }] }] },
      scrape_configs: [{ job_name: "prodigy", static_configs: [{ targets: [`127.0.0.1:${exporter.port}`] }] }],
    }),
  });

  const firing = await until("the alert arrives", () => notifications.find(({ status }) => status === "firing"));
  assert.equal(firing.alerts[0]?.labels["alertname"], "ProdigyDeadLetterQueueHigh");
  assert.equal(firing.alerts[0]?.labels["job_id"], "20261124_090000");
  assert.equal(
    firing.alerts[0]?.annotations["summary"],
    `Job 20261124_090000 has ${ITEMS} items in its dead letter queue`,
  );

  await send(exporter, itemEvents("dlq_item_removed", 1));
  const resolved = await until("its end arrives", () => notifications.find(({ status }) => status === "resolved"));
  assert.equal(resolved.alerts[0]?.labels["alertname"], "ProdigyDeadLetterQueueHigh");
});

function itemEvents(type: string, count: number): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, index) => ({
    event_type: type,
    job_id: JOB_ID,
    item_id: `item_${index}`,
    error_signature: "s",
    failure_count: 1,
  }));
}

async function send(exporter: Program, events: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  using connection = await Deno.connect({ transport: "unix", path: exporter.socketPath });
  const bytes = new TextEncoder().encode(events.map((event) => eventLine(event)).join(""));
  let offset = 0;
  while (offset < bytes.length) offset += await connection.write(bytes.subarray(offset));
}

/** The shipped configuration, with a receiver and without its patience. */
async function alertmanagerConfig(url: string): Promise<string> {
  const config = load(await Deno.readTextFile(new URL("alertmanager.yml", ROOT))) as {
    readonly route: object;
    readonly receivers: readonly { readonly name: string }[];
  };
  return dump({
    ...config,
    route: { ...config.route, group_wait: "1s", group_interval: "1s" },
    receivers: config.receivers.map((receiver) => ({ ...receiver, webhook_configs: [{ url, send_resolved: true }] })),
  });
}

/** The shipped rules, which fire after a second instead of minutes. */
async function writeFastRules(directory: string): Promise<void> {
  for (const name of ["alerts", "recording"]) {
    const text = await Deno.readTextFile(new URL(`prometheus/rules/${name}.yml`, ROOT));
    await Deno.writeTextFile(`${directory}/${name}.rules.yml`, text.replaceAll(/\bfor: \d+m/g, "for: 1s"));
  }
}
