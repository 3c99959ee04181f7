import assert from "node:assert/strict";
import { METRIC_TABLE } from "../../../lib/metrics/table/table.ts";

/** Names, kinds and labels that were ordered to the letter; dashboards in the wild depend on them. */
const ORDERED: readonly (readonly [string, string, string, (readonly number[])?])[] = [
  ["prodigy_workflow_executions_total", "counter", "workflow_name,status"],
  ["prodigy_workflow_duration_seconds", "histogram", "workflow_name", [1, 5, 10, 30, 60, 300, 600, 1800]],
  ["prodigy_workflow_steps_total", "counter", "workflow_name"],
  ["prodigy_workflow_active", "gauge", "workflow_name"],
  ["prodigy_step_executions_total", "counter", "step_type,status"],
  ["prodigy_step_duration_seconds", "histogram", "step_type", [0.1, 1, 5, 10, 30, 60]],
  ["prodigy_step_on_failure_recoveries_total", "counter", "step_type"],
  ["prodigy_step_validations_total", "counter", "step_type,result"],
  ["prodigy_mapreduce_jobs_active", "gauge", "job_id"],
  ["prodigy_mapreduce_agents_active", "gauge", "job_id"],
  ["prodigy_mapreduce_items_total", "counter", "job_id,status"],
  ["prodigy_mapreduce_dlq_items", "gauge", "job_id"],
  ["prodigy_agent_duration_seconds", "histogram", "job_id", [1, 10, 30, 60, 300, 600]],
  ["prodigy_mapreduce_worktrees_active", "gauge", "job_id"],
  ["prodigy_claude_tokens_total", "counter", "token_type"],
  ["prodigy_claude_tool_invocations_total", "counter", "tool_name"],
  ["prodigy_claude_sessions_total", "counter", "status"],
  ["prodigy_claude_errors_total", "counter", "error_type"],
  ["prodigy_worktree_pool_size", "gauge", ""],
  ["prodigy_storage_events_written_total", "counter", ""],
  ["prodigy_checkpoints_created_total", "counter", ""],
];

for (const [name, kind, labels, buckets] of ORDERED) {
  Deno.test(`the table has ${name} as ordered`, () => {
    const row = METRIC_TABLE.find((one) => one.name === name);
    assert.equal(row?.kind, kind);
    assert.equal(row?.labels.map((label) => label.name).join(","), labels);
    assert.deepEqual(row?.buckets, buckets);
    assert.equal(row?.stability, "stable");
  });
}

Deno.test("the table names each metric once", () => {
  const names = METRIC_TABLE.map(({ name }) => name);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
});

Deno.test("the table keeps to Prometheus's conventions", () => {
  const wrong = METRIC_TABLE.filter(({ name, kind, help, labels, buckets }) =>
    !/^(prodigy|process)(_[a-z]+)+$/.test(name) ||
    (kind === "counter") !== name.endsWith("_total") ||
    !help.endsWith(".") || help.includes("\n") ||
    labels.some((label) =>
      !/^[a-z_]+$/.test(label.name) || ["job", "instance", "quantile", "le"].includes(label.name)
    ) ||
    (kind === "histogram") !== (buckets !== undefined) ||
    (buckets ?? []).some((bound, index, all) => index > 0 && bound <= (all[index - 1] ?? 0)) ||
    /_(ms|milliseconds|percent)(_|$)/.test(name)
  );
  assert.deepEqual(wrong.map(({ name }) => name), []);
});

Deno.test("the table feeds every metric of its own by events, but for those a part of the program writes", () => {
  const writtenByParts = METRIC_TABLE.filter(({ from }) => Object.keys(from).length === 0).map(({ name }) => name);
  const expected = (name: string): boolean =>
    /^(prodigy_exporter|process)_/.test(name) ||
    ["prodigy_storage_events_written_total", "prodigy_mapreduce_job_info"].includes(name);
  assert.deepEqual(writtenByParts.filter((name) => !expected(name)), []);
});
