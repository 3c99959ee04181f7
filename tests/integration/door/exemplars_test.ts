import { until } from "../../support/deadline.ts";
import { append, eventLine } from "../../support/event_lines.ts";
import { startProgram } from "../../support/program.ts";
import { startPrometheus } from "../../support/prometheus.ts";
import { createScratch } from "../../support/scratch.ts";
import { testWithTools } from "../../support/tool.ts";

testWithTools("a Prometheus takes the exemplars, and they name the agent", ["prometheus"], async () => {
  using scratch = createScratch();
  const args = ["--metrics-exemplars", "--events-rescan-interval", "100ms"];
  await using program = await startProgram({ home: scratch.path, args });
  await Deno.mkdir(`${scratch.path}/prometheus`);
  await using prometheus = await startPrometheus({
    directory: `${scratch.path}/prometheus`,
    config: [
      "global: { scrape_interval: 1s, scrape_timeout: 1s }",
      "scrape_configs:",
      `  - { job_name: prodigy, static_configs: [{ targets: ["127.0.0.1:${program.port}"] }] }`,
    ].join("\n"),
    args: ["--enable-feature=exemplar-storage"],
  });
  append(
    `${scratch.path}/.prodigy/events/app/job-1/events.jsonl`,
    eventLine({
      event_type: "agent_completed",
      job_id: "job-1",
      agent_id: "job-1_agent_7",
      duration: [12, 500_000_000],
      commits: [],
      json_log_location: null,
    }),
  );
  const nowSeconds = Math.floor(Date.now() / 1000);
  const query = new URLSearchParams({
    query: "prodigy_agent_duration_seconds_bucket",
    start: String(nowSeconds - 600),
    end: String(nowSeconds + 600),
  });
  await until("the exemplar is found", async () => {
    const response = await fetch(`${prometheus.url}/api/v1/query_exemplars?${query}`);
    const text = await response.text();
    return text.includes('"agent_id":"job-1_agent_7"') && text.includes('"value":"12.5"');
  });
});
