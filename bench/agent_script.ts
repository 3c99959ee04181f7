import type { Random } from "./random.ts";

/** One event object of a line, and what it must count. */
export interface ScriptedEvent {
  readonly type: string;
  /** Members after `event_type`, as JSON text. */
  readonly members: string;
  readonly tool?: string;
  readonly tokens?: { readonly input: number; readonly output: number; readonly cache: number };
  readonly agentSeconds?: number;
}

const TOOLS = ["Read", "Edit", "Bash", "Grep", "Glob", "Write", "Task", "mcp__github__get_issue"] as const;
/** Text of messages: some with escapes, some with characters outside ASCII, as people and models write. */
const MESSAGES = [
  "I will look at the module and its tests first.",
  'The test fails because "parse" returns None.\nI will fix the caller.',
  "Done: all 12 tests pass. The change keeps the old behaviour for callers that do not set the option.",
  "Let me check how the other handlers do this – there may be a helper already.",
] as const;

/**
 * The life of one MapReduce agent in the order Prodigy's event types tell it: its worktree, its Claude session with some
 * eight turns (a tool call and its usage each, a message now and then), its end, the clean-up.
 */
export function agentScript(random: Random, jobId: string, index: number): readonly ScriptedEvent[] {
  const agentId = `${jobId}_agent_${index}`;
  const worktree = `mapreduce-agent-${agentId}`;
  const ofAgent = `"job_id":"${jobId}","agent_id":"${agentId}"`;
  const fails = random.chance(6);
  return [
    { type: "worktree_created", members: `${ofAgent},"worktree_name":"${worktree}","branch":"prodigy-${worktree}"` },
    { type: "agent_started", members: `${ofAgent},"item_id":"item_${index}","worktree":"${worktree}","attempt":1` },
    {
      type: "claude_session_started",
      members:
        `"agent_id":"agent-default","session_id":"${random.uuid()}","model":"claude-sonnet-4-5","tools":["Read"]`,
    },
    ...claudeTurns(random, ofAgent),
    ...fails ? failure(random, ofAgent, jobId, index) : [success(random, ofAgent)],
    ...fails ? [] : [{ type: "worktree_merged", members: `${ofAgent},"target_branch":"main"` }],
    { type: "worktree_cleaned", members: `${ofAgent},"worktree_name":"${worktree}"` },
    { type: "checkpoint_created", members: `"job_id":"${jobId}","version":${index + 1},"agents_completed":${index}` },
    {
      type: "queue_depth_changed",
      members: `"job_id":"${jobId}","pending":${random.below(90)},"active":10,"completed":5`,
    },
  ];
}

function claudeTurns(random: Random, ofAgent: string): readonly ScriptedEvent[] {
  const events: ScriptedEvent[] = [];
  const turns = 5 + random.below(7);
  for (let turn = 0; turn < turns; turn++) {
    if (random.chance(35)) events.push(message(random));
    events.push(toolCall(random), usage(random));
    if (random.chance(25)) {
      const progress = (turn * 100 / turns).toFixed(3);
      events.push({ type: "agent_progress", members: `${ofAgent},"step":"claude: /fix","progress_pct":${progress}` });
    }
  }
  return events;
}

function message(random: Random): ScriptedEvent {
  const content = JSON.stringify(random.pick(MESSAGES));
  return {
    type: "claude_message",
    members: `"agent_id":"agent-default","content":${content},"message_type":"text","json_log_location":null`,
  };
}

function toolCall(random: Random): ScriptedEvent {
  const tool = random.pick(TOOLS);
  const parameters = `{"file_path":"src/module_${random.below(900)}.rs"}`;
  return {
    type: "claude_tool_invoked",
    tool,
    members: `"agent_id":"agent-default","tool_name":"${tool}","tool_id":"toolu_${random.hex(24)}",` +
      `"parameters":${parameters},"timestamp":"2026-11-24T00:07:00.495351759Z"`,
  };
}

function usage(random: Random): ScriptedEvent {
  const tokens = { input: random.below(4_000), output: random.below(2_000), cache: random.below(20_000) };
  return {
    type: "claude_token_usage",
    tokens,
    members: `"agent_id":"agent-default","input_tokens":${tokens.input},"output_tokens":${tokens.output},` +
      `"cache_tokens":${tokens.cache}`,
  };
}

function success(random: Random, ofAgent: string): ScriptedEvent {
  const seconds = random.below(700);
  const nanos = random.below(1_000) * 1_000_000;
  return {
    type: "agent_completed",
    agentSeconds: seconds + nanos / 1e9,
    members: `${ofAgent},"duration":[${seconds},${nanos}],"commits":["${random.hex(40)}"],` +
      `"json_log_location":"/home/dev/.prodigy/logs/claude-streaming/${random.hex(8)}.jsonl"`,
  };
}

function failure(random: Random, ofAgent: string, jobId: string, index: number): readonly ScriptedEvent[] {
  return [
    {
      type: "agent_failed",
      members: `${ofAgent},"error":"Command failed: cargo test exited with status 101","retry_eligible":false`,
    },
    {
      type: "d_l_q_item_added",
      members: `"job_id":"${jobId}","item_id":"item_${index}","error_signature":"${random.hex(16)}","failure_count":1`,
    },
  ];
}
