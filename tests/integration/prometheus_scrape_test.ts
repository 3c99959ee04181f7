import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { append, eventLine } from "../support/event_lines.ts";
import { freePort, type Program, startProgram } from "../support/program.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { createScratch } from "../support/scratch.ts";
import { runTool, testWithTools } from "../support/tool.ts";

const ITEMS = 'prodigy_mapreduce_items_total{status="success"}';
/** What the samples add up to, without increase()'s extrapolation. */
const RISEN = `sum(max_over_time(${ITEMS}[10m]) - min_over_time(${ITEMS}[10m]))`;

function scrapeConfig(port: number, protocols: string): string {
  return [
    "global: { scrape_interval: 1s, scrape_timeout: 1s }",
    "scrape_configs:",
    `  - job_name: prodigy`,
    `    static_configs: [{ targets: ["127.0.0.1:${port}"] }]`,
    protocols,
  ].join("\n");
}

async function valueOf(prometheus: Prometheus, promql: string): Promise<number | undefined> {
  return (await prometheus.query(promql))[0]?.points[0]?.[1];
}

testWithTools(
  "a real Prometheus scrapes the running exporter, and promtool finds nothing to say",
  ["prometheus", "promtool"],
  async () => {
    using scratch = createScratch();
    await using program = await startProgram({ home: scratch.path });
    await Deno.mkdir(`${scratch.path}/prometheus`);
    await using prometheus = await startPrometheus({
      directory: `${scratch.path}/prometheus`,
      config: scrapeConfig(program.port, ""),
    });
    await until("up is 1", async () => await valueOf(prometheus, "up") === 1);
    assert.equal(await valueOf(prometheus, "count(prodigy_exporter_build_info)"), 1);
    for (const accept of ["text/plain", "application/openmetrics-text; version=1.0.0"]) {
      const { status, body } = await program.get("/metrics", { accept });
      assert.equal(status, 200);
      assert.equal(body.endsWith("# EOF\n"), accept.startsWith("application"));
    }
    const checked = await runTool("promtool", ["check", "metrics"], { stdin: await program.metrics() });
    assert.deepEqual(checked, { code: 0, stdout: "", stderr: "" });
  },
);

/** Ten agents of a job of their own, written in three bursts as a job of some seconds would. */
function writeJob(home: string, number: number): void {
  const jobId = `mapreduce-20261124_${String(100_000 + number)}`;
  const path = `${home}/.prodigy/events/app/${jobId}/events-20261124_100000.jsonl`;
  append(path, eventLine({ event_type: "job_started", job_id: jobId, config: {}, total_items: 10 }));
  for (let item = 0; item < 10; item++) {
    const agent_id = `${jobId}_agent_${item}`;
    append(
      path,
      eventLine({
        event_type: "agent_completed",
        job_id: jobId,
        agent_id,
        duration: [12, 500_000_000],
        commits: [],
        json_log_location: null,
      }),
    );
  }
  append(
    path,
    eventLine({
      event_type: "job_completed",
      job_id: jobId,
      duration: [30, 0],
      success_count: 10,
      failure_count: 0,
    }),
  );
}

testWithTools(
  "two Prometheus servers see 600 of 600 items of 60 short jobs, over a restart and a kill",
  ["prometheus"],
  async () => {
    using scratch = createScratch();
    const home = scratch.path;
    const port = freePort();
    const args = ["--state-snapshot-interval", "1s", "--events-rescan-interval", "200ms"];
    let program: Program = await startProgram({ home, port, args });
    await using servers = new AsyncDisposableStack();
    servers.defer(async () => await program[Symbol.asyncDispose]());
    const prometheuses: Prometheus[] = [];
    for (const name of ["one", "two"]) {
      await Deno.mkdir(`${home}/${name}`);
      prometheuses.push(
        servers.use(await startPrometheus({ directory: `${home}/${name}`, config: scrapeConfig(port, "") })),
      );
    }
    const eachUntil = async (what: string, promql: string, value: number): Promise<void> => {
      for (const prometheus of prometheuses) {
        await until(what, async () => await valueOf(prometheus, promql) === value, 60_000);
      }
    };
    await eachUntil("up is 1", "up", 1);
    for (let number = 0; number < 60; number++) {
      writeJob(home, number);
      // A few at a time, so that jobs are born before, between and after scrapes, the restart and the kill.
      if (number % 6 === 5) await eachUntil("the jobs are seen", `count(${ITEMS})`, number + 1);
      if (number === 23 || number === 41) {
        program.kill(number === 23 ? "SIGTERM" : "SIGKILL");
        assert.equal(await program.exited, number === 23 ? 0 : -1);
        writeJob(home, ++number);
        program = await startProgram({ home, port, args });
      }
    }
    await eachUntil("all 600 are seen", RISEN, 600);
    for (const prometheus of prometheuses) {
      // increase() extrapolates to the ends of its window: it may be somewhat more than what happened, never less.
      const increase = await valueOf(prometheus, `sum(increase(${ITEMS}[10m]))`) ?? 0;
      assert.ok(increase > 599.9 && increase < 720, `increase() is ${increase}`);
      // No scrape ever saw a counter lower than an earlier one.
      assert.equal(await valueOf(prometheus, `sum(resets(${ITEMS}[10m]))`), 0);
    }
    assert.equal(await program.value('prodigy_mapreduce_jobs_total{status="success"}'), 60);
  },
);
