import { eventLine } from "./event_lines.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Job {
  readonly id: string;
  readonly startedMs: number;
  agents: number;
  finished: number;
}

const WORKFLOWS = ["fix-lint", "nightly-docs", "release", "triage"] as const;
const STEP_TYPES = ["claude", "shell", "test", "write_file", "goal_seek"] as const;
const ERROR_TYPES = ["timeout", "command_failed", "merge_conflict"] as const;
const TOOLS = ["Read", "Edit", "Bash", "Grep", "mcp__github__search"] as const;
/** Dear, cheap, and without a price. */
const MODELS = ["claude-opus-4-5", "claude-haiku-4-5", "local-model"] as const;
const ITEMS_OF_A_JOB = 1_000;
const AGENTS_AT_A_TIME = 4;

/**
 * Event lines of a busy Prodigy: each tick moves everything a metric is about. The same seed gives the same numbers,
 * whatever the clock.
 */
export class Workload {
  readonly #ticksOfAJob: number;
  #random: number;
  #tick = 0;
  #agent = 0;
  #runs: { readonly id: string; readonly name: string }[] = [];
  #job: Job | null = null;

  constructor(options: { readonly seed?: number; readonly ticksOfAJob: number }) {
    this.#random = options.seed ?? 1;
    this.#ticksOfAJob = options.ticksOfAJob;
  }

  /** What is written at this instant, each line with its newline. */
  tick(nowMs: number): readonly string[] {
    this.#tick++;
    const events = [
      ...this.#workflowEvents(nowMs),
      ...this.#jobEvents(nowMs),
      ...this.#claudeEvents(),
      ...this.#others(),
    ];
    return events.map((event) => eventLine(event, new Date(nowMs)));
  }

  *#workflowEvents(nowMs: number): Generator<Fields> {
    const name = this.#pick(WORKFLOWS);
    const id = `workflow-${nowMs}-${this.#tick}`;
    this.#runs.push({ id, name });
    yield { event_type: "workflow_started", workflow_id: id, workflow_name: name, total_steps: 3 };
    for (const [index, stepType] of [this.#pick(STEP_TYPES), this.#pick(STEP_TYPES), "claude"].entries()) {
      const status = this.#chance(0.05) ? "failed" : this.#chance(0.05) ? "skipped" : "success";
      yield {
        event_type: "step_completed",
        workflow_id: id,
        step_index: index,
        step_type: stepType,
        status,
        duration: stepType === "claude" ? 5 + 20 * this.#next() : 4 * this.#next(),
        on_failure_recovered: status === "success" && this.#chance(0.15),
        validation: this.#chance(0.9) ? "passed" : "failed",
      };
    }
    // Two more are always running.
    if (this.#runs.length <= 2) return;
    const ended = this.#runs.shift();
    if (ended === undefined) return;
    // A long tail: now and then a release takes many times as long.
    const slow = ended.name === "release" && this.#chance(0.1) ? 40 : 1;
    yield {
      event_type: "workflow_completed",
      workflow_id: ended.id,
      workflow_name: ended.name,
      status: this.#chance(0.08) ? "failed" : this.#chance(0.03) ? "cancelled" : "success",
      duration: slow * (10 + 40 * this.#next()),
    };
  }

  *#jobEvents(nowMs: number): Generator<Fields> {
    let job = this.#job;
    if (job !== null && this.#tick % this.#ticksOfAJob === 0) {
      yield {
        event_type: "job_completed",
        job_id: job.id,
        duration: (nowMs - job.startedMs) / 1000,
        success_count: job.finished,
        failure_count: 0,
      };
      job = null;
    }
    if (job === null) {
      const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, "").replace("T", "_").slice(0, 15);
      job = { id: `mapreduce-${stamp}`, startedMs: nowMs, agents: 0, finished: 0 };
      yield {
        event_type: "job_started",
        job_id: job.id,
        config: {},
        total_items: ITEMS_OF_A_JOB,
        timestamp: iso(nowMs),
      };
    }
    this.#job = job;
    while (job.agents < AGENTS_AT_A_TIME) {
      const agent = { job_id: job.id, agent_id: `${job.id}_agent_${this.#agent + job.agents++}` };
      yield { event_type: "worktree_created", ...agent, worktree_name: agent.agent_id, branch: "b" };
      yield { event_type: "agent_started", ...agent, item_id: "i", worktree: agent.agent_id, attempt: 1 };
    }
    yield* this.#endAgent(job);
    yield {
      event_type: "queue_depth_changed",
      job_id: job.id,
      pending: ITEMS_OF_A_JOB - job.finished - job.agents,
      active: job.agents,
      completed: job.finished,
    };
  }

  *#endAgent(job: Job): Generator<Fields> {
    const number = this.#agent++;
    const agent = { job_id: job.id, agent_id: `${job.id}_agent_${number}` };
    job.agents--;
    job.finished++;
    if (this.#chance(0.15)) {
      yield { event_type: "agent_retrying", ...agent, attempt: 2, backoff_ms: 1000 };
      yield {
        event_type: "agent_failed",
        ...agent,
        error: "e",
        retry_eligible: false,
        error_type: this.#pick(ERROR_TYPES),
      };
      yield {
        event_type: "dlq_item_added",
        job_id: job.id,
        item_id: `item_${number % 20}`,
        error_signature: "s",
        failure_count: 1,
      };
    } else {
      // Some are above the last bound.
      const seconds = this.#chance(0.1) ? 700 : 20 + 200 * this.#next();
      yield { event_type: "agent_completed", ...agent, duration: seconds, commits: [] };
    }
    yield { event_type: "worktree_cleaned", ...agent, worktree_name: agent.agent_id };
  }

  *#claudeEvents(): Generator<Fields> {
    const agentId = "agent-default";
    for (const model of MODELS) {
      yield {
        event_type: "claude_token_usage",
        agent_id: agentId,
        model,
        workflow_name: this.#pick(WORKFLOWS),
        input_tokens: 400 + Math.round(800 * this.#next()),
        output_tokens: 200 + Math.round(600 * this.#next()),
        cache_read_tokens: Math.round(900 * this.#next()),
        cache_creation_tokens: Math.round(400 * this.#next()),
      };
    }
    yield {
      event_type: "claude_tool_invoked",
      agent_id: agentId,
      tool_name: this.#pick(TOOLS),
      tool_id: `t${this.#tick}`,
      parameters: {},
    };
    yield {
      event_type: "claude_session_completed",
      session_id: `s${this.#tick}`,
      status: this.#chance(0.2) ? "error_max_turns" : "success",
    };
    if (this.#chance(0.2)) yield { event_type: "claude_error", error_type: this.#pick(["rate_limit", "overloaded"]) };
  }

  *#others(): Generator<Fields> {
    yield { event_type: "checkpoint_created", job_id: "job-1", version: this.#tick, agents_completed: 1 };
    yield { event_type: "worktree_pool_changed", available: 2 + (this.#tick % 5) };
  }

  #pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.#next() * values.length)] ?? values[0];
  }
  #chance(probability: number): boolean {
    return this.#next() < probability;
  }
  /** In [0, 1): a linear congruential generator (Numerical Recipes). */
  #next(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
    return this.#random / 2 ** 32;
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
