import assert from "node:assert/strict";
import { runProgram, valueIn } from "../support/program.ts";
import { copySampleHome, createScratch } from "../support/scratch.ts";

/**
 * Made by reading the event lines of the sample home, not by running the program. Job 080000 is one file; job 090000 is
 * a rotated plain-text .jsonl.gz, the file after it, that of a resumed process, and one under state/. The real gzip
 * under archive/ holds an old agent_failed, which must not count.
 */
const FROM_EVENT_LINES: Readonly<Record<string, number>> = {
  'prodigy_mapreduce_items_total{job_id="20261124_080000",status="success"}': 3,
  'prodigy_mapreduce_items_total{job_id="20261124_080000",status="failed"}': 0,
  'prodigy_mapreduce_items_total{job_id="20261124_080000",status="dlq"}': 0,
  'prodigy_agent_duration_seconds_sum{job_id="20261124_080000"}': 45.678 + 79.25 + 62,
  'prodigy_agent_duration_seconds_count{job_id="20261124_080000"}': 3,
  'prodigy_agent_duration_seconds_bucket{le="30",job_id="20261124_080000"}': 0,
  'prodigy_agent_duration_seconds_bucket{le="60",job_id="20261124_080000"}': 1,
  'prodigy_agent_duration_seconds_bucket{le="300",job_id="20261124_080000"}': 3,
  'prodigy_mapreduce_items_total{job_id="20261124_090000",status="success"}': 3,
  'prodigy_mapreduce_items_total{job_id="20261124_090000",status="failed"}': 3,
  'prodigy_mapreduce_items_total{job_id="20261124_090000",status="dlq"}': 2,
  'prodigy_agent_duration_seconds_sum{job_id="20261124_090000"}': 30.5 + 31.75 + 24.125,
  'prodigy_agent_duration_seconds_count{job_id="20261124_090000"}': 3,
  'prodigy_mapreduce_dlq_items{job_id="20261124_090000"}': 1,
  'prodigy_mapreduce_jobs_active{job_id="20261124_080000"}': 0,
  'prodigy_mapreduce_jobs_active{job_id="20261124_090000"}': 0,
  'prodigy_mapreduce_agents_active{job_id="20261124_080000"}': 0,
  'prodigy_mapreduce_agents_active{job_id="20261124_090000"}': 0,
  'prodigy_mapreduce_jobs_total{status="success"}': 1,
  'prodigy_mapreduce_jobs_total{status="failed"}': 1,
  "prodigy_mapreduce_job_duration_seconds_sum": 125.25,
  'prodigy_mapreduce_job_items{job_id="20261124_080000"}': 3,
  'prodigy_mapreduce_job_items{job_id="20261124_090000"}': 5,
  "prodigy_agent_retries_total": 1,
  'prodigy_claude_tokens_total{token_type="input"}': 1200,
  'prodigy_claude_tokens_total{token_type="output"}': 340,
  'prodigy_claude_tokens_total{token_type="cache"}': 15_000,
  'prodigy_claude_tool_invocations_total{tool_name="Read"}': 2,
  'prodigy_claude_tool_invocations_total{tool_name="Edit"}': 1,
  'prodigy_claude_tool_invocations_total{tool_name="Bash"}': 1,
  // 23 lines of the one job; 8, 4, 13 and 1 of the other.
  "prodigy_storage_events_written_total": 49,
  'prodigy_exporter_lines_read_total{source="files"}': 49,
};

/** The event lines alone: the state readers are off, so nothing else can add to them. */
Deno.test("once counts every event line of the sample home exactly once", async () => {
  using scratch = createScratch();
  copySampleHome("prodigy_home", scratch.path);
  const { code, stdout, stderr } = await runProgram({ home: scratch.path }, "once", "--no-readers");
  assert.equal(code, 0, stderr);
  const seen = Object.fromEntries(Object.keys(FROM_EVENT_LINES).map((series) => [series, valueIn(stdout, series)]));
  assert.deepEqual(seen, FROM_EVENT_LINES);
});

Deno.test("once gives every rejection of the edge files its reason and counts the rest", async () => {
  using scratch = createScratch();
  copySampleHome("prodigy_home/edge", scratch.path);
  const { code, stdout, stderr } = await runProgram(
    { home: scratch.path, env: { PRODIGY_HOME: scratch.path } },
    "once",
  );
  assert.equal(code, 0, stderr);
  const rejected = (reason: string): number | undefined =>
    valueIn(stdout, `prodigy_exporter_lines_rejected_total{source="files",reason="${reason}"}`);
  // One unknown type (agent_teleported), one line that is no JSON; the torn last line is kept back.
  assert.deepEqual(
    ["unknown_event_type", "bad_json", "missing_field", "wrong_field_type", "not_an_event"].map(rejected),
    [1, 1, 0, 0, 0],
  );
  const edge = { success: 'status="success"', dlq: 'status="dlq"' };
  const items = (status: string): number | undefined =>
    valueIn(stdout, `prodigy_mapreduce_items_total{job_id="20261124_120000",${status}}`);
  assert.equal(items(edge.success), 3);
  assert.equal(items(edge.dlq), 1);
  // 12 s, 4.5 s in the other notation, and -1.5 s taken for 0.
  assert.equal(valueIn(stdout, 'prodigy_agent_duration_seconds_sum{job_id="20261124_120000"}'), 16.5);
  assert.equal(valueIn(stdout, "prodigy_exporter_durations_clamped_total"), 1);
  assert.equal(valueIn(stdout, 'prodigy_exporter_duplicates_total{source="files"}'), 1);
});

Deno.test("once --format json gives the same numbers as the text", async () => {
  using scratch = createScratch();
  copySampleHome("prodigy_home", scratch.path);
  const { stdout } = await runProgram({ home: scratch.path }, "once", "--format", "json");
  const { families } = JSON.parse(stdout);
  const items = families.find((family: { readonly name: string }) => family.name === "prodigy_mapreduce_items_total");
  assert.deepEqual(items.samples.map((sample: { readonly value: number }) => sample.value), [0, 0, 3, 2, 3, 3]);
  assert.equal(items.type, "counter");
});
