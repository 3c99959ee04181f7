import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { startProgram } from "../support/program.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { createScratch } from "../support/scratch.ts";
import { runTool, testWithTools } from "../support/tool.ts";

testWithTools("promtool check metrics has nothing to say about what the exporter serves", ["promtool"], async () => {
  using scratch = createScratch();
  await using exporter = await startProgram({ home: scratch.path });
  const { code, stdout, stderr } = await runTool("promtool", ["check", "metrics"], {
    stdin: await exporter.metrics(),
  });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

testWithTools("Prometheus scrapes the exporter and answers queries about it", ["prometheus"], async () => {
  using scratch = createScratch();
  using directory = createScratch();
  await using exporter = await startProgram({ home: scratch.path });
  await using prometheus = await startPrometheus({
    directory: directory.path,
    config: JSON.stringify({
      global: { scrape_interval: "200ms" },
      scrape_configs: [{
        job_name: "prodigy",
        static_configs: [{ targets: [`127.0.0.1:${exporter.port}`] }],
      }],
    }),
  });
  const info = await until("the exporter is scraped", async () => {
    const series = await prometheus.query("prodigy_exporter_build_info");
    return series.length > 0 ? series : null;
  });
  assert.equal(info[0]?.labels["instance"], `127.0.0.1:${exporter.port}`);
  assert.equal(info[0]?.points[0]?.[1], 1);
});
