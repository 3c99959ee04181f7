import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { append, eventLine } from "../support/event_lines.ts";
import { freePort, runProgram, startProgram } from "../support/program.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { RunSimulator } from "../support/run_simulator.ts";
import { createScratch } from "../support/scratch.ts";
import { runTool, testWithTools } from "../support/tool.ts";

const HOUR_MS = 3_600_000;
const RUNS = 72;
const JOBS = 6;

/** Six days of work until now: a run every two hours of which every fourth fails, and a job a day told by lines. */
function writePast(home: string, nowMs: number): void {
  const clock = { nowMs: 0 };
  const simulator = new RunSimulator({ homeDirectory: home, clock });
  for (let number = 0; number < RUNS; number++) {
    clock.nowMs = nowMs - 2 * HOUR_MS * (RUNS - number);
    const run = simulator.startWorkflow();
    clock.nowMs += 40_100;
    simulator.completeStep(run, { command: "shell: make", durationSeconds: 40.1 });
    clock.nowMs += 20_300;
    if (number % 4 === 3) simulator.failStep(run, { command: "shell: make test" });
    else simulator.finish(run);
  }
  for (let day = JOBS; day > 0; day--) writeJob(home, nowMs - (24 * day - 1) * HOUR_MS);
}

/** Ten agents, with durations whose sum depends on the order of adding. */
function writeJob(home: string, startMs: number): void {
  const stamp = new Date(startMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
  const job_id = `mapreduce-${stamp}`;
  const path = `${home}/.prodigy/events/demo-app/${job_id}/events-${stamp}.jsonl`;
  const write = (atSeconds: number, event: Readonly<Record<string, unknown>>): void =>
    append(path, eventLine({ job_id, ...event }, new Date(startMs + atSeconds * 1000)));
  write(0, { event_type: "job_started", config: {}, total_items: 10 });
  // Written in another order than they happened, as agents' ends may be.
  for (const item of [9, 3, 1, 7, 5, 0, 2, 8, 4, 6]) {
    write(10 + 30 * item, {
      event_type: "agent_completed",
      agent_id: `${job_id}_agent_${item}`,
      duration: { secs: 3 * item, nanos: 100_000_000 + item },
      commits: [],
    });
  }
  write(400, { event_type: "job_completed", duration: { secs: 400, nanos: 0 }, success_count: 10, failure_count: 0 });
}

async function valueOf(prometheus: Prometheus, promql: string): Promise<number | undefined> {
  return (await prometheus.query(promql))[0]?.points[0]?.[1];
}

async function importFiles(files: readonly string[], home: string): Promise<void> {
  for (const file of files) {
    const args = ["tsdb", "create-blocks-from", "openmetrics", `${home}/past/${file}`, `${home}/data`];
    const { code, stderr } = await runTool("promtool", args);
    assert.equal(code, 0, `${file}: ${stderr}`);
  }
}

const COUNTERS = '{__name__=~"prodigy_.*(_total|_bucket|_sum|_count)",__name__!~"prodigy_exporter_.*"}';

testWithTools(
  "backfill gives a fresh Prometheus the past, and live data goes on from it without a jump",
  ["prometheus", "promtool"],
  async () => {
    using scratch = createScratch();
    const home = scratch.path;
    writePast(home, Date.now());
    const port = freePort();
    const labels = ["--job", "prodigy", "--instance", `127.0.0.1:${port}`];
    const { code, stderr } = await runProgram({ home }, "backfill", "--out", `${home}/past`, ...labels);
    assert.equal(code, 0, stderr);

    const files = (await Array.fromAsync(Deno.readDir(`${home}/past`), ({ name }) => name)).sort();
    assert.ok(files.length >= RUNS && files.every((name) => /^prodigy-\d{8}T\d{2}00Z\.om$/.test(name)), `${files}`);
    await Promise.all([0, 1].map((half) => importFiles(files.filter((_, index) => index % 2 === half), home)));

    await using program = await startProgram({ home, port });
    await program.metrics();
    await using prometheus = await startPrometheus({
      directory: home,
      config: `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs: [{ job_name: prodigy, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }]`,
    });
    // Two live samples of everything that goes on.
    await until(
      "it has been scraped twice",
      async () => (await valueOf(prometheus, "sum_over_time(up[1m])") ?? 0) >= 2,
    );

    const ended = (status: string): string => `sum(increase(prodigy_workflow_executions_total${status}[7d]))`;
    const successRate = await valueOf(prometheus, `${ended('{status="success"}')} / ${ended("")}`);
    assert.ok(Math.abs((successRate ?? 0) - 0.75) < 1e-9, `the success rate of 7 days is ${successRate}`);
    const total = await valueOf(prometheus, ended(""));
    assert.ok(total !== undefined && total >= RUNS && total < RUNS * 1.2, `${total} runs of ${RUNS}`);

    for (const { labels } of await prometheus.query(`count by (__name__) (${COUNTERS})`)) {
      const name = String(labels["__name__"]);
      assert.deepEqual(await prometheus.query(`resets(${name}[7d]) > 0`), [], "counters that fell");
      // Nothing ended in the last hour: what rises between the last of the past and live data is made up.
      // Sums of seconds and dollars are added up in another order there: so much is no jump.
      assert.deepEqual(await prometheus.query(`increase(${name}[30m]) > 1e-9`), [], "counters that jumped");
    }
    const series = 'prodigy_workflow_executions_total{workflow_name="fix-lint",status="success"}';
    assert.equal(await valueOf(prometheus, `count(last_over_time(${series}[7d]))`), 1);
    assert.equal(await valueOf(prometheus, series), RUNS * 3 / 4);
    // A job of days ago has its own times: nothing before, ten afterwards, nothing to see much later.
    const jobs = await prometheus.query('max_over_time(prodigy_mapreduce_items_total{status="success"}[7d])');
    assert.deepEqual(jobs.map(({ points }) => points[0]?.[1]), Array(JOBS).fill(10));
    const items = 'sum(increase(prodigy_mapreduce_items_total{status="success"}[1d] offset 12h))';
    const aDay = await valueOf(prometheus, items);
    assert.ok(aDay !== undefined && Math.abs(aDay - 10) < 0.5, `${aDay} items in a day, of 10`);
  },
);
