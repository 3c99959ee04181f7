export interface SimulatedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens?: number;
  readonly cacheCreationTokens?: number;
}

export interface SimulatedTool {
  readonly id: string;
  readonly name: string;
}

export const SIMULATED_MODEL = "claude-sonnet-4-5-20250929";

function usageJson(usage: SimulatedUsage): unknown {
  const creation = usage.cacheCreationTokens ?? 0;
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: creation,
    cache_read_input_tokens: usage.cacheReadTokens ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: creation, ephemeral_1h_input_tokens: 0 },
    output_tokens: usage.outputTokens,
    service_tier: "standard",
  };
}

export interface SimulatedMessage {
  readonly id: string;
  readonly usage: SimulatedUsage;
  readonly tools?: readonly SimulatedTool[];
  readonly model?: string;
}

/** One API response: Claude writes a line per content block, each with the usage so far. */
function messageBodies(message: SimulatedMessage): readonly unknown[] {
  const blocks: readonly unknown[] = [
    { type: "text", text: "Working on it" },
    ...(message.tools ?? []).map((tool) => ({ type: "tool_use", id: tool.id, name: tool.name, input: {} })),
  ];
  return blocks.map((block) => ({
    model: message.model ?? SIMULATED_MODEL,
    id: message.id,
    type: "message",
    role: "assistant",
    content: [block],
    stop_reason: null,
    stop_sequence: null,
    usage: usageJson(message.usage),
  }));
}

/** Lines of Prodigy's saved stream of one Claude command. */
export function streamLines(stream: {
  readonly sessionId: string;
  readonly cwd: string;
  readonly messages: readonly SimulatedMessage[];
  readonly result: { readonly subtype: string; readonly isError: boolean; readonly costUsd: number } | null;
}): readonly unknown[] {
  const { sessionId, messages, result } = stream;
  const common = { parent_tool_use_id: null, session_id: sessionId };
  const sum = (of: (usage: SimulatedUsage) => number): number =>
    messages.reduce((total, message) => total + of(message.usage), 0);
  const totals: SimulatedUsage = {
    inputTokens: sum((usage) => usage.inputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    cacheReadTokens: sum((usage) => usage.cacheReadTokens ?? 0),
    cacheCreationTokens: sum((usage) => usage.cacheCreationTokens ?? 0),
  };
  return [
    {
      type: "system",
      subtype: "init",
      cwd: stream.cwd,
      session_id: sessionId,
      tools: ["Task", "Bash", "Read", "Edit"],
      mcp_servers: [],
      model: messages[0]?.model ?? SIMULATED_MODEL,
      permissionMode: "bypassPermissions",
      apiKeySource: "none",
    },
    ...messages.flatMap((message) =>
      messageBodies(message).map((body) => ({ type: "assistant", message: body, ...common }))
    ),
    ...(result === null ? [] : [{
      type: "result",
      subtype: result.subtype,
      is_error: result.isError,
      duration_ms: 2345,
      duration_api_ms: 2100,
      num_turns: messages.length,
      result: "Done.",
      session_id: sessionId,
      total_cost_usd: result.costUsd,
      usage: usageJson(totals),
      modelUsage: {
        [messages[0]?.model ?? SIMULATED_MODEL]: {
          inputTokens: totals.inputTokens,
          outputTokens: totals.outputTokens,
          cacheReadInputTokens: totals.cacheReadTokens,
          cacheCreationInputTokens: totals.cacheCreationTokens,
          webSearchRequests: 0,
          costUSD: result.costUsd,
          contextWindow: 200_000,
        },
      },
      permission_denials: [],
    }]),
  ];
}

/** Lines of Claude Code's own transcript for one API response. */
export function transcriptLines(transcript: {
  readonly sessionId: string;
  readonly cwd: string;
  readonly timestamp: string;
  readonly message: SimulatedMessage;
}): readonly unknown[] {
  return messageBodies(transcript.message).map((body) => ({
    parentUuid: null,
    isSidechain: false,
    userType: "external",
    cwd: transcript.cwd,
    sessionId: transcript.sessionId,
    version: "1.0.128",
    gitBranch: "prodigy",
    type: "assistant",
    message: body,
    requestId: `req_${transcript.message.id}`,
    timestamp: transcript.timestamp,
  }));
}

/** A failed API call as a transcript has it. */
export function transcriptErrorLine(transcript: {
  readonly sessionId: string;
  readonly cwd: string;
  readonly timestamp: string;
  readonly errorType: string;
  readonly id: string;
}): unknown {
  return {
    cwd: transcript.cwd,
    sessionId: transcript.sessionId,
    version: "1.0.128",
    type: "assistant",
    message: {
      model: "<synthetic>",
      id: transcript.id,
      type: "message",
      role: "assistant",
      content: [{ type: "text", text: "API Error" }],
      usage: usageJson({ inputTokens: 0, outputTokens: 0 }),
    },
    isApiErrorMessage: true,
    error: transcript.errorType,
    timestamp: transcript.timestamp,
  };
}
