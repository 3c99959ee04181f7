import assert from "node:assert/strict";
import { QUESTIONS } from "../../grafana/questions.ts";
import { until } from "../support/deadline.ts";
import { append, eventLine } from "../support/event_lines.ts";
import { parseMarkdown } from "../support/docs/markdown.ts";
import { type Program, startProgram } from "../support/program.ts";
import { type Prometheus, prometheusApi, startPrometheus } from "../support/prometheus.ts";
import { createScratch } from "../support/scratch.ts";
import { startService } from "../support/service.ts";
import { runTool, testWithTools } from "../support/tool.ts";

const DOCUMENT = new URL("../../docs/scaling.md", import.meta.url);
const blocks = parseMarkdown(await Deno.readTextFile(DOCUMENT)).blocks.filter(({ language }) => language === "yaml");

/** The one configuration of the document whose first line says this. */
function configAbout(what: string): string {
  const found = blocks.filter(({ text }) => text.split("\n")[0]?.includes(what));
  assert.equal(found.length, 1, what);
  return found[0]?.text ?? "";
}

/** Scrapes fast, so that the test does not wait. */
function hastened(config: string): string {
  const global = "scrape_interval: 500ms";
  return config.includes("\nglobal:\n")
    ? config.replace("\nglobal:\n", `\nglobal:\n  ${global}\n`)
    : `global:\n  ${global}\n${config}`;
}

testWithTools("promtool accepts every configuration in docs/scaling.md", ["promtool"], async () => {
  using scratch = createScratch();
  const configs = blocks.filter(({ text }) => text.startsWith("# prometheus.yml"));
  assert.equal(configs.length, 5);
  for (const { text } of configs) {
    await Deno.writeTextFile(`${scratch.path}/prometheus.yml`, text);
    const { code, stdout, stderr } = await runTool("promtool", ["check", "config", `${scratch.path}/prometheus.yml`]);
    assert.equal(code, 0, `${text}\n${stdout}${stderr}`);
  }
});

testWithTools("two exporters come by http_sd into one Prometheus, from there by federation into another", [
  "prometheus",
], async () => {
  using homes = createScratch();
  await using first = await startBusy(`${homes.path}/first`);
  await using second = await startBusy(`${homes.path}/second`);
  const targets = [first, second].map(({ port }) => `127.0.0.1:${port}`);
  await using inventory = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json([{ targets, labels: { team: "web" } }]),
  );

  using siteDirectory = createScratch();
  await using site = await startPrometheus({
    directory: siteDirectory.path,
    config: hastened(configAbout("http_sd").replace("inventory.example:8080", `127.0.0.1:${inventory.addr.port}`)),
  });
  await untilSum(site, 'sum(up{job="prodigy", team="web"})', 2);

  using allDirectory = createScratch();
  await using all = await startPrometheus({
    directory: allDirectory.path,
    config: hastened(
      configAbout("looks at all").replace('"site-a.example:9090", "site-b.example:9090"', `"${hostOf(site.url)}"`),
    ),
  });
  await untilSum(all, 'sum(prodigy_checkpoints_created_total{job="prodigy", team="web"})', 2);
  const instances = await all.query('count by (instance) (up{job="prodigy"})');
  assert.deepEqual(instances.map(({ labels }) => labels["instance"]).sort(), targets.sort());
});

testWithTools("Prometheus writes on to VictoriaMetrics, which answers the questions as Prometheus does", [
  "prometheus",
  "victoria-metrics",
], async () => {
  using home = createScratch();
  await using exporter = await startBusy(home.path);
  using storage = createScratch();
  const port = freePort();
  await using victoria = await startService({
    program: "victoria-metrics",
    args: [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${storage.path}/data`,
      // It holds fresh samples back otherwise, until all of a moment should have come.
      "-search.latencyOffset=0s",
    ],
    addressIn: () => `127.0.0.1:${port}`,
    readyPath: "/health",
  });
  using directory = createScratch();
  await using prometheus = await startPrometheus({
    directory: directory.path,
    config: hastened(configAbout("to VictoriaMetrics").replace("victoria-metrics.example:8428", hostOf(victoria.url))) +
      `scrape_configs:\n  - job_name: prodigy\n    static_configs:\n      - targets: ["127.0.0.1:${exporter.port}"]\n`,
  });
  const store = prometheusApi(victoria.url);
  await untilSum(prometheus, "sum(prodigy_checkpoints_created_total)", 1);
  await untilSum(store, 'sum(prodigy_checkpoints_created_total{site="a"})', 1);
  // Whether it can be asked, not what it says: these series have not moved.
  for (const { promql } of QUESTIONS) await store.query(promql);
});

async function untilSum(prometheus: Pick<Prometheus, "query">, promql: string, value: number): Promise<void> {
  await until(`${promql} is ${value}`, async () => (await prometheus.query(promql))[0]?.points[0]?.[1] === value);
}

/** An exporter that has counted one checkpoint. */
async function startBusy(home: string): Promise<Program> {
  append(
    `${home}/.prodigy/events/demo/session-1/events.jsonl`,
    eventLine({
      event_type: "checkpoint_created",
      job_id: "job-1",
      version: 1,
      agents_completed: 1,
    }),
  );
  return await startProgram({ home });
}

function hostOf(url: string): string {
  return url.replace("http://", "");
}

/** VictoriaMetrics does not say which port it was given, so one is chosen for it. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
