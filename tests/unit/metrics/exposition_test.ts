import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { agentCompleted, jobStarted, record } from "../../support/event_records.ts";
import { createTestMetrics, type TestMetrics } from "../../support/metrics.ts";
import { expositionJson } from "../../../lib/metrics/exposition_json.ts";

const JOB = "mapreduce-20261124_090000";

function family(text: string, name: string): readonly string[] {
  return text.split("\n").filter((line) => line.includes(name));
}

Deno.test("Exposition.render() writes the text format", async () => {
  const { metrics } = createTestMetrics();
  metrics.fold.fold(record(jobStarted(JOB)));
  metrics.fold.fold(record(agentCompleted(JOB, "a", 45.5)));
  const text = await metrics.exposition.render("text", "person");
  assert.deepEqual(family(text, "prodigy_agent_duration_seconds"), [
    "# HELP prodigy_agent_duration_seconds Duration of agents that succeeded.",
    "# TYPE prodigy_agent_duration_seconds histogram",
    'prodigy_agent_duration_seconds_bucket{le="1",job_id="20261124_090000"} 0',
    'prodigy_agent_duration_seconds_bucket{le="10",job_id="20261124_090000"} 0',
    'prodigy_agent_duration_seconds_bucket{le="30",job_id="20261124_090000"} 0',
    'prodigy_agent_duration_seconds_bucket{le="60",job_id="20261124_090000"} 1',
    'prodigy_agent_duration_seconds_bucket{le="300",job_id="20261124_090000"} 1',
    'prodigy_agent_duration_seconds_bucket{le="600",job_id="20261124_090000"} 1',
    'prodigy_agent_duration_seconds_bucket{le="+Inf",job_id="20261124_090000"} 1',
    'prodigy_agent_duration_seconds_sum{job_id="20261124_090000"} 45.5',
    'prodigy_agent_duration_seconds_count{job_id="20261124_090000"} 1',
  ]);
  assert.ok(text.endsWith("\n") && !text.endsWith("\n\n"));
});

Deno.test("Exposition.render() writes OpenMetrics, whose counters are families without _total", async () => {
  const { metrics } = createTestMetrics();
  const text = await metrics.exposition.render("openmetrics", "person");
  assert.deepEqual(family(text, "prodigy_agent_retries"), [
    "# HELP prodigy_agent_retries Agents started again after a failure.",
    "# TYPE prodigy_agent_retries counter",
    "prodigy_agent_retries_total 0",
  ]);
  assert.ok(text.endsWith("\n# EOF\n"));
});

Deno.test("Exposition.render() escapes what a label value holds", async () => {
  const { metrics } = createTestMetrics();
  metrics.fold.fold(
    record({ type: "claude_tool_invoked", agentId: null, toolName: 'a"b\\c,d', toolId: null }),
  );
  const text = await metrics.exposition.render("text", "person");
  assert.ok(text.includes('prodigy_claude_tool_invocations_total{tool_name="a\\"b\\\\c,d"} 1'));
});

Deno.test("Exposition.render() sorts families and series, whatever came first", async () => {
  const renderedAfter = async (jobs: readonly string[]): Promise<string> => {
    const { metrics } = createTestMetrics();
    for (const job of jobs) metrics.fold.fold(record(jobStarted(job)));
    return await metrics.exposition.render("text", "person");
  };
  const text = await renderedAfter(["b", "a", "c"]);
  assert.equal(await renderedAfter(["c", "b", "a"]), text);
  const names = text.split("\n").filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2]);
  assert.deepEqual(names, names.toSorted());
});

Deno.test("Exposition.render() shows what changed since it was kept, and what became thawed", async () => {
  const { metrics } = createTestMetrics();
  metrics.goLive();
  const items = async (viewer: "scraper" | "person"): Promise<string | undefined> =>
    (await metrics.exposition.render("text", viewer)).split("\n").find((line) => /items_total.*success/.test(line))
      ?.split(" ")[1];
  metrics.fold.fold(record(agentCompleted(JOB, "a")));
  assert.deepEqual([await items("scraper"), await items("person")], ["0", "1"]);
  metrics.fold.fold(record(agentCompleted(JOB, "b")));
  assert.deepEqual([await items("scraper"), await items("person")], ["0", "2"]);
  metrics.noteScrape("prometheus", 0, metrics.beginRendering());
  metrics.ledger.thaw(metrics.thawable(0));
  assert.deepEqual([await items("scraper"), await items("person")], ["2", "2"]);
});

/** Many workflows, each with a histogram. */
function withWorkflows(count: number): TestMetrics {
  const test = createTestMetrics({ maxWorkflowNames: count, maxSeries: 1_000_000 });
  for (let number = 0; number < count; number++) endWorkflow(test, number);
  return test;
}

function endWorkflow({ metrics }: TestMetrics, number: number): void {
  metrics.fold.fold(record({
    type: "workflow_completed",
    workflowId: `workflow-${number}`,
    workflowName: `name ${number}`,
    status: "success",
    durationSeconds: 10,
    totalSteps: null,
    failedSteps: null,
  }));
}

Deno.test("Exposition.render() renders a large family in pieces, with one head, and shows what changed in one", async () => {
  const test = withWorkflows(400);
  const { exposition } = test.metrics;
  const before = await exposition.render("text", "person");
  const head = "# TYPE prodigy_workflow_duration_seconds histogram";
  assert.equal(before.split("\n").filter((line) => line === head).length, 1);
  assert.equal(family(before, "prodigy_workflow_duration_seconds_count").length, 400);
  endWorkflow(test, 7);
  const after = await exposition.render("text", "person");
  const count = (text: string): string | undefined =>
    family(text, 'prodigy_workflow_duration_seconds_count{workflow_name="name 7"}')[0];
  assert.match(count(before) ?? "", / 1$/);
  assert.match(count(after) ?? "", / 2$/);
  const others = (text: string): readonly string[] => text.split("\n").filter((line) => !line.includes('"name 7"'));
  assert.deepEqual(others(after), others(before));
});

Deno.test("Exposition.render() lets other work run in between, and tears no series apart", async () => {
  const test = withWorkflows(3_000);
  const rendering = test.metrics.exposition.render("text", "person");
  let isOver = false;
  let turns = 0;
  const working = (async () => {
    for (; !isOver; turns++) {
      for (let number = 0; number < 3_000; number += 50) endWorkflow(test, number);
      await setImmediate();
    }
  })();
  const text = await rendering;
  isOver = true;
  await working;
  assert.ok(turns > 2, `${turns} turns`);
  for (const name of ["name 0", "name 1500", "name 2950"]) {
    const value = (sample: string): number =>
      Number(family(text, `prodigy_workflow_duration_seconds_${sample}workflow_name="${name}"}`)[0]?.split(" ").at(-1));
    assert.equal(value('bucket{le="+Inf",'), value("count{"));
    assert.equal(value("sum{"), value("count{") * 10);
  }
});

Deno.test("expositionJson() has the documented shape", () => {
  const { metrics } = createTestMetrics();
  metrics.fold.fold(record(agentCompleted(JOB, "a", 45.5)));
  const { families } = expositionJson(metrics.ledger);
  const found = (name: string): unknown => families.find((one) => one.name === name);
  assert.deepEqual(found("prodigy_agent_retries_total"), {
    name: "prodigy_agent_retries_total",
    type: "counter",
    help: "Agents started again after a failure.",
    samples: [{ labels: {}, value: 0 }],
  });
  assert.deepEqual(found("prodigy_agent_duration_seconds"), {
    name: "prodigy_agent_duration_seconds",
    type: "histogram",
    help: "Duration of agents that succeeded.",
    samples: [{
      labels: { job_id: "20261124_090000" },
      count: 1,
      sum: 45.5,
      buckets: [
        { le: "1", count: 0 },
        { le: "10", count: 0 },
        { le: "30", count: 0 },
        { le: "60", count: 1 },
        { le: "300", count: 1 },
        { le: "600", count: 1 },
        { le: "+Inf", count: 1 },
      ],
    }],
  });
});

Deno.test("Exposition.render() tells the last event of each bucket in OpenMetrics, when asked to", async () => {
  const { metrics } = createTestMetrics({ exemplars: true });
  const timestamp = "2026-11-24T00:08:15.5Z";
  const correlationId = "c0ffee";
  const stepCompleted = {
    type: "step_completed",
    workflowId: "w",
    workflowName: null,
    stepIndex: 0,
    stepType: "shell",
    status: "success",
    durationSeconds: 3,
    onFailureRecovered: false,
    validation: null,
  } as const;
  metrics.fold.fold(record(agentCompleted(JOB, "first", 45.5), { timestamp, correlationId }));
  metrics.fold.fold(record(agentCompleted(JOB, 'a"gent', 46.5), { timestamp, correlationId }));
  metrics.fold.fold(record(agentCompleted(JOB, "x".repeat(200), 5), { timestamp }));
  metrics.fold.fold(record(stepCompleted, { timestamp, correlationId }));
  const openMetrics = await metrics.exposition.render("openmetrics", "person");
  assert.deepEqual(openMetrics.split("\n").filter((line) => line.includes(" # ")), [
    'prodigy_agent_duration_seconds_bucket{le="10",job_id="20261124_090000"} 1 # ' +
    `{agent_id="${"x".repeat(119)}…"} 5 1795478895.5`,
    'prodigy_agent_duration_seconds_bucket{le="60",job_id="20261124_090000"} 3 # ' +
    '{agent_id="a\\"gent"} 46.5 1795478895.5',
    'prodigy_step_duration_seconds_bucket{le="5",step_type="shell"} 1 # {correlation_id="c0ffee"} 3 1795478895.5',
  ]);
  assert.ok(!(await metrics.exposition.render("text", "person")).includes(" # "));
});

Deno.test("Exposition.render() shows no exemplar with an amount that is not its own", async () => {
  const { metrics } = createTestMetrics({ exemplars: true });
  metrics.goLive();
  metrics.fold.fold(record(agentCompleted(JOB, "a", 45.5)));
  assert.ok((await metrics.exposition.render("openmetrics", "person")).includes(" # "));
  assert.ok(!(await metrics.exposition.render("openmetrics", "scraper")).includes(" # "));
});
