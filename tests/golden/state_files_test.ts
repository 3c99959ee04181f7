import assert from "node:assert/strict";
import { assertGolden, type GoldenTable } from "../support/golden_table.ts";
import { CAPTURED_RUN, NOTHING_TOLD } from "./captured_run.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { copySampleHome, createScratch } from "../support/scratch.ts";

/*
 * Every metric of the sample homes, made by reading their files, not by running the program. Workflow names in the
 * order of their runs: fix-lint (workflow-…7800000), nightly-build (…7900000), long-one (…8000000 and …8100000), and
 * the MapReduce run session-d413ffc6…, whose name no file holds.
 */

const SONNET = "claude-sonnet-4-5-20250929";
const SESSION = "session-d413ffc6-38f7-4030-be28-02d6e66a3733";

/** Sessions, checkpoints and worktrees of prodigy_home; no event line speaks of runs or steps. */
const RUNS = {
  values: {
    'prodigy_workflow_executions_total{workflow_name="fix-lint",status="success"}': 1,
    // Its name is the stem of the checkpoint's workflow_path: the session's is empty.
    'prodigy_workflow_executions_total{workflow_name="nightly-build",status="failed"}': 1,
    // Running in its session, interrupted in its worktree's metadata, 3.2 s after the session last moved.
    'prodigy_workflow_executions_total{workflow_name="long-one",status="cancelled"}': 1,
    'prodigy_workflow_executions_total{workflow_name="mapreduce",status="failed"}': 1,
    // workflow-1795508100000: Running, and nothing says otherwise.
    'prodigy_workflow_active{workflow_name="long-one"}': 1,
    // Steps in the checkpoints, and one that failed; the second long-one has no checkpoint.
    'prodigy_workflow_steps_total{workflow_name="fix-lint"}': 3,
    'prodigy_workflow_steps_total{workflow_name="nightly-build"}': 1 + 1,
    'prodigy_workflow_steps_total{workflow_name="long-one"}': 1,
    'prodigy_step_executions_total{step_type="claude",status="success"}': 1, // /lint
    'prodigy_step_executions_total{step_type="shell",status="success"}': 3, // cargo fmt, echo one, echo a
    'prodigy_step_executions_total{step_type="test",status="success"}': 1, // cargo test
    'prodigy_step_executions_total{step_type="shell",status="failed"}': 1, // cargo build
    // Metadata of four workflow runs and of the MapReduce session; agent_2's is an agent's.
    "prodigy_worktree_pool_size": 5,
  },
  observed: {
    // completed_at - started_at, and interrupted_at - started_at.
    'prodigy_workflow_duration_seconds{workflow_name="fix-lint"}': [42.258771683 - 0.791762184],
    'prodigy_workflow_duration_seconds{workflow_name="nightly-build"}': [55.987840599 - 40.135681615],
    'prodigy_workflow_duration_seconds{workflow_name="long-one"}': [29.09741163 - 20.259248108],
    'prodigy_workflow_duration_seconds{workflow_name="mapreduce"}': [31 * 60 + 10.481293373 - 0.090802841],
    'prodigy_step_duration_seconds{step_type="claude"}': [31.25],
    // The last is that of the failed step: from the end of the step before to the error's time.
    'prodigy_step_duration_seconds{step_type="shell"}': [0.75, 0.04, 0.02, 55.807648947 - 40.871439446],
    'prodigy_step_duration_seconds{step_type="test"}': [8.5],
  },
} as const;

/** Two saved streams, of fix-lint and nightly-build, with the same numbers, and the transcript of agent_2. */
const CLAUDE = {
  // Two messages each: 4+6 in, 87+294 out (the larger of what their lines say), 14000+15500 read, 1500+320 created.
  stream: { input: 10, output: 381, read: 29_500, creation: 1_820, usd: 0.0213 },
  // One message in two lines, of which the second has the full output; the last line is an error without usage.
  // No stream states the cost: 5 in at 3, 120 out at 15, 12000 read at 0.30, 900 created at 3.75 USD per million.
  agent: { input: 5, output: 120, read: 12_000, creation: 900, usd: (15 + 1_800 + 3_600 + 3_375) / 1e6 },
  // Event lines of job 080000: the model is that of the session started before by the same process; cache_tokens are
  // reads; 1200 in at 3, 340 out at 15, 15000 read at 0.30.
  lines: { input: 1_200, output: 340, read: 15_000, usd: (3_600 + 5_100 + 4_500) / 1e6 },
} as const;

const CLAUDE_OF_STATE_FILES = {
  // Stream of nightly-build: is_error with subtype error_during_execution. Of the agent no outcome is known.
  'prodigy_claude_sessions_total{status="success"}': 1,
  'prodigy_claude_sessions_total{status="error"}': 1,
  'prodigy_claude_errors_total{error_type="error_during_execution"}': 1,
  // "API Error: 529 …overloaded_error…" in the agent's transcript.
  'prodigy_claude_errors_total{error_type="overloaded"}': 1,
  'prodigy_claude_workflow_tokens_total{workflow_name="fix-lint",token_type="input"}': 10,
  'prodigy_claude_workflow_tokens_total{workflow_name="fix-lint",token_type="output"}': 381,
  'prodigy_claude_workflow_tokens_total{workflow_name="fix-lint",token_type="cache"}': 29_500 + 1_820,
  'prodigy_claude_workflow_tokens_total{workflow_name="nightly-build",token_type="input"}': 10,
  'prodigy_claude_workflow_tokens_total{workflow_name="nightly-build",token_type="output"}': 381,
  'prodigy_claude_workflow_tokens_total{workflow_name="nightly-build",token_type="cache"}': 29_500 + 1_820,
  'prodigy_claude_workflow_tokens_total{workflow_name="mapreduce",token_type="input"}': 5,
  'prodigy_claude_workflow_tokens_total{workflow_name="mapreduce",token_type="output"}': 120,
  'prodigy_claude_workflow_tokens_total{workflow_name="mapreduce",token_type="cache"}': 12_000 + 900,
  'prodigy_claude_workflow_cost_usd_total{workflow_name="fix-lint"}': CLAUDE.stream.usd,
  'prodigy_claude_workflow_cost_usd_total{workflow_name="nightly-build"}': CLAUDE.stream.usd,
  'prodigy_claude_workflow_cost_usd_total{workflow_name="mapreduce"}': CLAUDE.agent.usd,
} as const;

/** All of prodigy_home: event lines of both jobs, state files of the rest. */
const PRODIGY_HOME: GoldenTable = {
  values: {
    ...RUNS.values,
    // Job 080000 is told by one file of events, job 090000 by four; so its DLQ's and its session's files say nothing.
    // Job 080000: agents 0, 1, 2 complete.
    'prodigy_mapreduce_items_total{job_id="20261124_080000",status="success"}': 3,
    // Job 090000: agent 0, then in the resumed process 2 and 4; agent 1 fails twice, agent 3 once; 1 and 3 go to the DLQ.
    'prodigy_mapreduce_items_total{job_id="20261124_090000",status="success"}': 3,
    'prodigy_mapreduce_items_total{job_id="20261124_090000",status="failed"}': 3,
    'prodigy_mapreduce_items_total{job_id="20261124_090000",status="dlq"}': 2,
    // item_1 was taken out again.
    'prodigy_mapreduce_dlq_items{job_id="20261124_090000"}': 1,
    'prodigy_mapreduce_jobs_total{status="success"}': 1,
    'prodigy_mapreduce_jobs_total{status="failed"}': 1,
    'prodigy_mapreduce_job_items{job_id="20261124_080000"}': 3,
    'prodigy_mapreduce_job_items{job_id="20261124_090000"}': 5,
    // The first one's file lies under a repository's name, which tells no session.
    'prodigy_mapreduce_job_info{job_id="20261124_080000",job_full_id="mapreduce-20261124_080000",session_id="unknown"}':
      1,
    [`prodigy_mapreduce_job_info{job_id="20261124_090000",job_full_id="mapreduce-20261124_090000",session_id="${SESSION}"}`]:
      1,
    "prodigy_agent_retries_total": 1,

    ...CLAUDE_OF_STATE_FILES,
    'prodigy_claude_tokens_total{token_type="input"}': 2 * 10 + 5 + 1_200,
    'prodigy_claude_tokens_total{token_type="output"}': 2 * 381 + 120 + 340,
    'prodigy_claude_tokens_total{token_type="cache"}': 2 * (29_500 + 1_820) + (12_000 + 900) + 15_000,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="input"}`]: 2 * 10 + 5 + 1_200,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="output"}`]: 2 * 381 + 120 + 340,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="cache_read"}`]: 2 * 29_500 + 12_000 + 15_000,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="cache_creation"}`]: 2 * 1_820 + 900,
    // Event lines of Claude name no run.
    'prodigy_claude_workflow_tokens_total{workflow_name="unknown",token_type="input"}': 1_200,
    'prodigy_claude_workflow_tokens_total{workflow_name="unknown",token_type="output"}': 340,
    'prodigy_claude_workflow_tokens_total{workflow_name="unknown",token_type="cache"}': 15_000,
    'prodigy_claude_workflow_cost_usd_total{workflow_name="unknown"}': CLAUDE.lines.usd,
    [`prodigy_claude_cost_usd_total{model="${SONNET}"}`]: 2 * CLAUDE.stream.usd + CLAUDE.agent.usd + CLAUDE.lines.usd,
    // Lines: Read, Read, Edit, Bash. Streams: Read and Edit each. Transcript: Bash.
    'prodigy_claude_tool_invocations_total{tool_name="Read"}': 2 + 2,
    'prodigy_claude_tool_invocations_total{tool_name="Edit"}': 1 + 2,
    'prodigy_claude_tool_invocations_total{tool_name="Bash"}': 1 + 1,

    // 23 lines of job 080000; 8, 4, 13 and 1 of job 090000; the archive's one is old.
    "prodigy_storage_events_written_total": 49,
    // Lines: two and one. Workflow checkpoints: one per step, and one at the end of the two that ended.
    "prodigy_checkpoints_created_total": 2 + 1 + (3 + 1) + (1 + 1) + 1,
  },
  observed: {
    ...RUNS.observed,
    'prodigy_agent_duration_seconds{job_id="20261124_080000"}': [45.678, 79.25, 62],
    'prodigy_agent_duration_seconds{job_id="20261124_090000"}': [30.5, 31.75, 24.125],
    // Prodigy's job_failed has no duration.
    "prodigy_mapreduce_job_duration_seconds": [125.25],
  },
  nothing: [
    ...NOTHING_TOLD,
    // Both jobs have ended.
    "prodigy_mapreduce_jobs_active",
    "prodigy_mapreduce_agents_active",
    "prodigy_mapreduce_worktrees_active",
    "prodigy_mapreduce_items_pending",
    // Event lines tell no error type.
    "prodigy_mapreduce_item_failures_total",
  ],
};

/** What prodigy_home's state files alone tell, with `--no-events`: job 080000 has none. */
const STATE_FILES_ONLY: GoldenTable = {
  values: {
    ...RUNS.values,
    // files_changed_delta of the session: its successful agents. Which they were is not told.
    'prodigy_mapreduce_items_total{job_id="20261124_090000",status="success"}': 3,
    // item_3.json and item_7.json.
    'prodigy_mapreduce_items_total{job_id="20261124_090000",status="failed"}': 2,
    'prodigy_mapreduce_items_total{job_id="20261124_090000",status="dlq"}': 2,
    'prodigy_mapreduce_dlq_items{job_id="20261124_090000"}': 2,
    'prodigy_mapreduce_item_failures_total{error_type="merge_conflict"}': 1,
    'prodigy_mapreduce_item_failures_total{error_type="command_failed"}': 1,
    'prodigy_mapreduce_jobs_total{status="failed"}': 1,
    // total_items of checkpoint-v2.json.
    'prodigy_mapreduce_job_items{job_id="20261124_090000"}': 5,
    [`prodigy_mapreduce_job_info{job_id="20261124_090000",job_full_id="mapreduce-20261124_090000",session_id="${SESSION}"}`]:
      1,
    ...CLAUDE_OF_STATE_FILES,
    'prodigy_claude_tokens_total{token_type="input"}': 2 * 10 + 5,
    'prodigy_claude_tokens_total{token_type="output"}': 2 * 381 + 120,
    'prodigy_claude_tokens_total{token_type="cache"}': 2 * (29_500 + 1_820) + (12_000 + 900),
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="input"}`]: 2 * 10 + 5,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="output"}`]: 2 * 381 + 120,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="cache_read"}`]: 2 * 29_500 + 12_000,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="cache_creation"}`]: 2 * 1_820 + 900,
    [`prodigy_claude_cost_usd_total{model="${SONNET}"}`]: 2 * CLAUDE.stream.usd + CLAUDE.agent.usd,
    'prodigy_claude_tool_invocations_total{tool_name="Read"}': 2,
    'prodigy_claude_tool_invocations_total{tool_name="Edit"}': 2,
    'prodigy_claude_tool_invocations_total{tool_name="Bash"}': 1,
    "prodigy_checkpoints_created_total": (3 + 1) + (1 + 1) + 1,
  },
  observed: {
    ...RUNS.observed,
    // The session's, from start to end.
    "prodigy_mapreduce_job_duration_seconds": [31 * 60 + 10.481293373 - 0.090802841],
  },
  nothing: [
    ...NOTHING_TOLD,
    "prodigy_mapreduce_jobs_active",
    // agent_2's leftover worktree is that of a run that has ended.
    "prodigy_mapreduce_agents_active",
    "prodigy_mapreduce_worktrees_active",
    "prodigy_mapreduce_items_pending",
    "prodigy_agent_duration_seconds",
    "prodigy_agent_retries_total",
    "prodigy_storage_events_written_total",
  ],
};

const HOMES: readonly {
  readonly name: string;
  readonly sample: string;
  readonly args: readonly string[];
  readonly table: GoldenTable;
}[] = [
  { name: "prodigy_home", sample: "prodigy_home", args: [], table: PRODIGY_HOME },
  { name: "prodigy_home's state files", sample: "prodigy_home", args: ["--no-events"], table: STATE_FILES_ONLY },
  { name: "captured_run", sample: "captured_run", args: [], table: CAPTURED_RUN },
];

for (const { name, sample, args, table } of HOMES) {
  Deno.test(`once gives every metric of ${name} as the files have it`, async () => {
    using scratch = createScratch();
    copySampleHome(sample, scratch.path);
    const { code, stdout, stderr } = await runProgram({ home: scratch.path }, "once", ...args);
    assert.equal(code, 0, stderr);
    assertGolden(stdout, table);
  });

  Deno.test(`start gives every metric of ${name} with its first answer`, async () => {
    using scratch = createScratch();
    copySampleHome(sample, scratch.path);
    await using program = await startProgram({ home: scratch.path, args });
    assertGolden(await program.metrics(), table);
  });
}

Deno.test("once gives the same for a Prodigy home elsewhere, with worktrees and streams left in ~/.prodigy", async () => {
  using scratch = createScratch();
  copySampleHome("prodigy_home", scratch.path);
  const elsewhere = `${scratch.path}/elsewhere`;
  await Deno.mkdir(elsewhere);
  for (const part of ["sessions", "state", "events", "dlq", "resume_locks"]) {
    await Deno.rename(`${scratch.path}/.prodigy/${part}`, `${elsewhere}/${part}`);
  }
  const { stdout } = await runProgram({ home: scratch.path, env: { PRODIGY_HOME: elsewhere } }, "once");
  assertGolden(stdout, PRODIGY_HOME);
});

Deno.test("once gives the same for a copy of somebody's homes, given by flags", async () => {
  using scratch = createScratch();
  copySampleHome("prodigy_home", `${scratch.path}/copy`);
  const homes = ["--prodigy-home", "copy/.prodigy", "--claude-config-dir", "copy/.claude"];
  const { stdout } = await runProgram({ home: scratch.path }, "once", ...homes);
  assertGolden(stdout, PRODIGY_HOME);
});
