import { uuid5 } from "../lib/store/uuid5.ts";

export interface EventLine {
  readonly text: string;
  /** The session its file's path would tell. */
  readonly runId: string;
}

/** A run of eight steps, some dozens of agents, and what Claude did for them. */
const EVENTS_PER_RUN = 250;
const AGENTS_PER_JOB = 500;
const TOOLS = ["Read", "Edit", "Bash", "Grep", "Glob", "Write", "Task", "WebFetch"];
const MODELS = ["claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101", "claude-haiku-4-5-20251001"];
const SIGNATURES = ["5b90fa24107446f8", "0f3c2a9e77d1b640", "CommandFailed::cargo test"];
const DAYS = 180;

/** Deterministic events of all kinds, over half a year up to `nowMs`: the same for the same count. */
export function* eventLines(count: number, nowMs: number, eventsPerRun = EVENTS_PER_RUN): Iterable<EventLine> {
  const random = seeded(0x9e3779b9);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T; // within bounds
  const stepMs = DAYS * 86_400_000 / count;
  for (let index = 0; index < count; index++) {
    const atMs = nowMs - DAYS * 86_400_000 + index * stepMs;
    // Runs come one after the other, some at the same time.
    const run = Math.floor(index / eventsPerRun) + below(4);
    const workflowId = `session-${uuid5(`run ${run}`)}`;
    const jobId = `mapreduce-${run}`;
    const agentId = `${jobId}_agent_${below(AGENTS_PER_JOB)}`;
    const job = { job_id: jobId };
    const agent = { ...job, agent_id: agentId };
    const name = `workflow-${run % 12}`;
    const kind = random();
    const event = kind < 0.02
      ? { event_type: "workflow_started", workflow_id: workflowId, workflow_name: name, total_steps: 8 }
      : kind < 0.04
      ? {
        event_type: "workflow_completed",
        workflow_id: workflowId,
        workflow_name: name,
        status: below(10) < 8 ? "success" : "failed",
        duration: { secs: below(3600), nanos: 0 },
        total_steps: 8,
        failed_steps: below(2),
      }
      : kind < 0.12
      ? {
        event_type: "step_completed",
        workflow_id: workflowId,
        step_index: below(8),
        step_type: pick(["claude", "shell", "test"]),
        status: below(10) < 9 ? "success" : "failed",
        duration: { secs: below(20), nanos: 5_000_000 },
        command: "shell: cargo test --all",
      }
      : kind < 0.13
      ? { event_type: "job_started", ...job, total_items: AGENTS_PER_JOB, config: { input: "items.json" } }
      : kind < 0.14
      ? { event_type: "job_completed", ...job, duration: [below(3600), 0], success_count: 490, failure_count: 10 }
      : kind < 0.26
      ? { event_type: "agent_started", ...agent, item_id: `item_${below(500)}`, worktree: agentId, attempt: 1 }
      : kind < 0.38
      ? { event_type: "agent_completed", ...agent, duration: [below(600), 0], commits: ["abc123"] }
      : kind < 0.4
      ? { event_type: "agent_failed", ...agent, error: "cargo test exited with 101", retry_eligible: true }
      : kind < 0.42
      ? {
        event_type: "dlq_item_added",
        ...job,
        item_id: `item_${below(50)}`,
        error_signature: pick(SIGNATURES),
        failure_count: 1,
      }
      : kind < 0.62
      ? {
        event_type: "claude_token_usage",
        agent_id: "agent-default",
        model: pick(MODELS),
        input_tokens: below(4000),
        output_tokens: below(2000),
        cache_tokens: below(20_000),
      }
      : kind < 0.86
      ? {
        event_type: "claude_tool_invoked",
        agent_id: "agent-default",
        tool_name: pick(TOOLS),
        tool_id: `toolu_${index}`,
        parameters: { file_path: `/src/module_${below(900)}.rs` },
      }
      : kind < 0.94
      ? { event_type: "agent_progress", ...agent, step: "claude: /fix-issue", progress_pct: below(100) }
      : { event_type: "checkpoint_created", ...job, version: index, agents_completed: index % 500 };
    const text = JSON.stringify({
      id: uuid4(random),
      timestamp: `${new Date(atMs).toISOString().slice(0, -1)}123456Z`,
      correlation_id: workflowId.slice(8),
      event,
      metadata: { host: "localhost", pid: 123, thread: "tokio-rt-worker" },
    });
    yield { text, runId: workflowId };
  }
}

/** xorshift32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function uuid4(random: () => number): string {
  const hex = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
