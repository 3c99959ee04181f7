import type { GoldenTable } from "../support/golden_table.ts";

const SONNET = "claude-sonnet-4-5-20250929";

/** What is empty in every home of an unmodified Prodigy with models that have a price. */
export const NOTHING_TOLD = [
  // Prodigy's files do not tell these.
  "prodigy_step_on_failure_recoveries_total",
  "prodigy_step_validations_total",
  // The model has a price.
  "prodigy_claude_unpriced_tokens_total",
];

/** A plain run and a MapReduce run of the real program, whose event files are empty. */
export const CAPTURED_RUN: GoldenTable = {
  values: {
    'prodigy_workflow_executions_total{workflow_name="fix-lint",status="success"}': 1,
    'prodigy_workflow_executions_total{workflow_name="mapreduce",status="success"}': 1,
    'prodigy_workflow_steps_total{workflow_name="fix-lint"}': 4,
    // /lint commit; echo hello, sleep 0.1 twice (one entry in the session's timings, two steps in the checkpoint).
    'prodigy_step_executions_total{step_type="claude",status="success"}': 1,
    'prodigy_step_executions_total{step_type="shell",status="success"}': 3,
    // files_changed_delta; the agents' worktrees are gone, and no item is in the DLQ.
    'prodigy_mapreduce_items_total{job_id="20261124_000454",status="success"}': 3,
    'prodigy_mapreduce_jobs_total{status="success"}': 1,
    'prodigy_mapreduce_job_info{job_id="20261124_000454",job_full_id="mapreduce-20261124_000454",session_id="session-adefebb4-8669-424e-b550-b34af108458f"}':
      1,
    // Two streams in fix-lint's worktree, of the step and of the merge: 8 in, 174 out, 28001 read, 3000 created each.
    'prodigy_claude_tokens_total{token_type="input"}': 2 * 8,
    'prodigy_claude_tokens_total{token_type="output"}': 2 * 174,
    'prodigy_claude_tokens_total{token_type="cache"}': 2 * (28_001 + 3_000),
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="input"}`]: 2 * 8,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="output"}`]: 2 * 174,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="cache_read"}`]: 2 * 28_001,
    [`prodigy_claude_model_tokens_total{model="${SONNET}",token_type="cache_creation"}`]: 2 * 3_000,
    'prodigy_claude_workflow_tokens_total{workflow_name="fix-lint",token_type="input"}': 2 * 8,
    'prodigy_claude_workflow_tokens_total{workflow_name="fix-lint",token_type="output"}': 2 * 174,
    'prodigy_claude_workflow_tokens_total{workflow_name="fix-lint",token_type="cache"}': 2 * (28_001 + 3_000),
    [`prodigy_claude_cost_usd_total{model="${SONNET}"}`]: 2 * 0.0123,
    'prodigy_claude_workflow_cost_usd_total{workflow_name="fix-lint"}': 2 * 0.0123,
    'prodigy_claude_tool_invocations_total{tool_name="Read"}': 2,
    'prodigy_claude_tool_invocations_total{tool_name="Bash"}': 2,
    'prodigy_claude_sessions_total{status="success"}': 2,
    // One per step and one at the end; MapReduce runs write none.
    "prodigy_checkpoints_created_total": 4 + 1,
    // That of fix-lint; the MapReduce session's was cleaned up.
    "prodigy_worktree_pool_size": 1,
  },
  observed: {
    'prodigy_workflow_duration_seconds{workflow_name="fix-lint"}': [4.880967224 - 3.740929656],
    'prodigy_workflow_duration_seconds{workflow_name="mapreduce"}': [56.180917708 - 54.896779307],
    'prodigy_step_duration_seconds{step_type="claude"}': [0.401120592],
    'prodigy_step_duration_seconds{step_type="shell"}': [0.32573494, 0.182550401, 0.153504734],
    "prodigy_mapreduce_job_duration_seconds": [56.180917708 - 54.896779307],
  },
  nothing: [
    ...NOTHING_TOLD,
    "prodigy_workflow_active",
    "prodigy_mapreduce_jobs_active",
    "prodigy_mapreduce_agents_active",
    "prodigy_mapreduce_worktrees_active",
    "prodigy_mapreduce_items_pending",
    "prodigy_mapreduce_dlq_items",
    // No job checkpoint.
    "prodigy_mapreduce_job_items",
    "prodigy_mapreduce_item_failures_total",
    // The agents came and went before anybody looked.
    "prodigy_agent_duration_seconds",
    "prodigy_agent_retries_total",
    "prodigy_claude_errors_total",
    "prodigy_storage_events_written_total",
  ],
};
