import type { ClaudeTokenUsage } from "./event.ts";
import type { EventDecoders } from "./event_decoder.ts";
import type { FieldReader } from "./fields.ts";
import type { WireFields } from "./wire.ts";

/**
 * Claude events, Prodigy's and ours. `agent_id` is never required: Prodigy always writes the same literal
 * ("agent-default"), so it tells nothing, and hooks do not know one.
 */
export const CLAUDE_DECODERS = {
  claude_tool_invoked: (fields, read) => ({
    type: "claude_tool_invoked",
    agentId: read.optionalText(fields.agent_id, "agent_id"),
    toolName: read.text(fields.tool_name, "tool_name"),
    toolId: read.optionalId(fields.tool_id, "tool_id"),
  }),
  claude_token_usage: decodeTokenUsage,
  claude_session_started: (fields, read) => ({
    type: "claude_session_started",
    agentId: read.optionalText(fields.agent_id, "agent_id"),
    sessionId: read.text(fields.session_id, "session_id"),
    model: read.optionalText(fields.model, "model"),
  }),
  claude_message: (fields, read) => ({
    type: "claude_message",
    agentId: read.optionalText(fields.agent_id, "agent_id"),
  }),
  claude_session_completed: (fields, read) => ({
    type: "claude_session_completed",
    sessionId: read.text(fields.session_id, "session_id"),
    agentId: read.optionalText(fields.agent_id, "agent_id"),
    status: read.text(fields.status, "status"),
    model: read.optionalText(fields.model, "model"),
    costUsd: read.optionalAmount(fields.cost_usd, "cost_usd"),
    durationSeconds: read.optionalDuration(fields.duration, "duration"),
  }),
  claude_error: (fields, read) => ({
    type: "claude_error",
    errorType: read.text(fields.error_type, "error_type"),
    sessionId: read.optionalText(fields.session_id, "session_id"),
    agentId: read.optionalText(fields.agent_id, "agent_id"),
  }),
} satisfies EventDecoders;

function decodeTokenUsage(fields: WireFields, read: FieldReader): ClaudeTokenUsage {
  // Prodigy's `cache_tokens` are cache reads only (its claude_processor.rs); our own name for them says so, and wins.
  const cacheTokens = read.optionalTokens(fields.cache_tokens, "cache_tokens") ?? 0;
  const cacheCreation1hTokens = read.optionalTokens(fields.cache_creation_1h_tokens, "cache_creation_1h_tokens") ?? 0;
  const cacheCreationTokens = read.optionalTokens(fields.cache_creation_tokens, "cache_creation_tokens") ?? 0;
  return {
    type: "claude_token_usage",
    agentId: read.optionalText(fields.agent_id, "agent_id"),
    inputTokens: read.tokens(fields.input_tokens, "input_tokens"),
    outputTokens: read.tokens(fields.output_tokens, "output_tokens"),
    cacheReadTokens: read.optionalTokens(fields.cache_read_tokens, "cache_read_tokens") ?? cacheTokens,
    // A producer may state only the one-hour part; the whole is never less.
    cacheCreationTokens: Math.max(cacheCreationTokens, cacheCreation1hTokens),
    cacheCreation1hTokens,
    model: read.optionalText(fields.model, "model"),
    workflowName: read.optionalText(fields.workflow_name, "workflow_name"),
    jobId: read.optionalText(fields.job_id, "job_id"),
    costUsd: read.optionalAmount(fields.cost_usd, "cost_usd"),
  };
}
