import type { ClaudeTokenUsage } from "../../event/event.ts";
import type { Emit, MetricRow } from "../metric.ts";
import {
  CLAUDE_ERROR_TYPE,
  CLAUDE_SESSION_STATUS,
  MODEL,
  TOKEN_TYPE,
  TOKEN_TYPE_DETAILED,
  TOOL_NAME,
  WORKFLOW_NAME,
} from "./labels.ts";

const USAGE = "Exact from events, of which Prodigy's own know no model; from streams and transcripts exact, " +
  "each message counted once.";

/** A cost of 0 makes no series: it is also what stands for a cost that nobody has told yet. */
function emitCost(costUsd: number | null, label: string, emit: Emit): void {
  if (costUsd !== null && costUsd > 0) emit(costUsd, label);
}

function totalTokens(event: ClaudeTokenUsage): number {
  return event.inputTokens + event.outputTokens + event.cacheReadTokens + event.cacheCreationTokens;
}

/** What Claude used and did. */
export const CLAUDE_ROWS: readonly MetricRow[] = [
  {
    name: "prodigy_claude_tokens_total",
    kind: "counter",
    help: "Claude tokens used; cache is cache reads and cache creations together.",
    labels: [TOKEN_TYPE],
    stability: "stable",
    maxOpenValues: 1,
    exactness: USAGE,
    from: {
      claude_token_usage: (event, _facts, emit) => {
        emit(event.inputTokens, "input");
        emit(event.outputTokens, "output");
        emit(event.cacheReadTokens + event.cacheCreationTokens, "cache");
      },
    },
  },
  {
    name: "prodigy_claude_tool_invocations_total",
    kind: "counter",
    help: "Tools Claude invoked.",
    labels: [TOOL_NAME],
    stability: "stable",
    maxOpenValues: 200,
    exactness: "Exact; each tool call counted once by its id.",
    from: {
      claude_tool_invoked: (event, _facts, emit) => emit(1, event.toolName),
    },
  },
  {
    name: "prodigy_claude_sessions_total",
    kind: "counter",
    help: "Claude sessions that ended, by outcome.",
    labels: [CLAUDE_SESSION_STATUS],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact from events and from streams of plain workflow steps; agents' transcripts tell no outcome.",
    from: {
      claude_session_completed: (event, _facts, emit) => emit(1, event.status),
    },
  },
  {
    name: "prodigy_claude_errors_total",
    kind: "counter",
    help: "Errors Claude or its API reported.",
    labels: [CLAUDE_ERROR_TYPE],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact from events; from streams and transcripts as far as Claude Code writes errors down.",
    from: {
      claude_error: (event, _facts, emit) => emit(1, event.errorType),
    },
  },
  {
    name: "prodigy_claude_model_tokens_total",
    kind: "counter",
    help: "Claude tokens by model, cache reads and creations apart.",
    labels: [MODEL, TOKEN_TYPE_DETAILED],
    stability: "experimental",
    maxOpenValues: 50,
    exactness: USAGE,
    from: {
      claude_token_usage: (event, { model }, emit) => {
        emit(event.inputTokens, model, "input");
        emit(event.outputTokens, model, "output");
        emit(event.cacheReadTokens, model, "cache_read");
        emit(event.cacheCreationTokens, model, "cache_creation");
      },
    },
  },
  {
    name: "prodigy_claude_workflow_tokens_total",
    kind: "counter",
    help: "Claude tokens by the workflow that used them.",
    labels: [WORKFLOW_NAME, TOKEN_TYPE],
    stability: "experimental",
    maxOpenValues: 200,
    exactness: 'Exact where the run is known; usage of no known run is under "unknown", and that of a run without a ' +
      'name under "unnamed" until its first checkpoint tells one.',
    from: {
      claude_token_usage: (event, { workflowName }, emit) => {
        emit(event.inputTokens, workflowName, "input");
        emit(event.outputTokens, workflowName, "output");
        emit(event.cacheReadTokens + event.cacheCreationTokens, workflowName, "cache");
      },
    },
  },
  {
    name: "prodigy_claude_cost_usd_total",
    kind: "counter",
    help: "Estimated cost in USD by model: the vendor's figure where stated, else by the price table.",
    labels: [MODEL],
    stability: "experimental",
    maxOpenValues: 50,
    exactness:
      "An estimate; the vendor's own figure where a stream states it. So the cost of a plain step counts when " +
      "Prodigy saves its stream at the command's end, or as an estimate when none has come 20 minutes after Claude " +
      "last spoke; that of an agent counts at once.",
    from: {
      claude_token_usage: (_event, { costUsd, model }, emit) => emitCost(costUsd, model, emit),
      claude_session_completed: (_event, { costUsd, model }, emit) => emitCost(costUsd, model, emit),
    },
  },
  {
    name: "prodigy_claude_workflow_cost_usd_total",
    kind: "counter",
    help: "Estimated cost in USD by workflow.",
    labels: [WORKFLOW_NAME],
    stability: "experimental",
    maxOpenValues: 200,
    exactness: "As prodigy_claude_cost_usd_total.",
    from: {
      claude_token_usage: (_event, { costUsd, workflowName }, emit) => emitCost(costUsd, workflowName, emit),
      claude_session_completed: (_event, { costUsd, workflowName }, emit) => emitCost(costUsd, workflowName, emit),
    },
  },
  {
    name: "prodigy_claude_unpriced_tokens_total",
    kind: "counter",
    help: "Tokens of models without a known price, which no cost includes.",
    labels: [MODEL],
    stability: "experimental",
    maxOpenValues: 50,
    exactness: "Exact; of a plain step only when no stream has come to state their cost (see the cost).",
    from: {
      claude_token_usage: (event, { costUsd, model }, emit) => {
        if (costUsd === null) emit(totalTokens(event), model);
      },
      claude_tokens_unpriced: (event, { model }, emit) => emit(event.tokens, model),
    },
  },
];
