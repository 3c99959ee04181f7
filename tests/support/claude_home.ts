import type { EventRecord } from "../../lib/event/record.ts";
import { createPrices } from "../../lib/metrics/prices.ts";
import {
  type ClaudeSource,
  type ClaudeSourceOptions,
  createClaudeSource,
} from "../../lib/prodigy/claude/claude_source.ts";
import type { Batch } from "../../lib/source/source.ts";

/** A scratch home with a stream directory and a projects directory, and a source that looks at them. */
export class ClaudeHome implements Disposable {
  readonly root = Deno.makeTempDirSync({ prefix: "claude-home-" });
  readonly streams = `${this.root}/streams`;
  readonly projects = `${this.root}/projects`;
  /** Moves with every look, so that each look is due; stays near the file system's time until a test moves it. */
  nowMs = Date.now();

  constructor() {
    Deno.mkdirSync(this.streams);
    Deno.mkdirSync(this.projects);
  }

  source(options: Partial<ClaudeSourceOptions> = {}): ClaudeSource {
    return createClaudeSource({
      streamsDirectory: this.streams,
      projectsDirectory: this.projects,
      transcripts: "prodigy",
      ignoreOlderThanMs: null,
      pollIntervalMs: 1,
      lineMaxBytes: 1_000_000,
      estimateUsd: createPrices([]).estimateUsd,
      ...options,
    });
  }

  /** Appends to a file below the home, making its directories. */
  append(path: string, ...lines: readonly unknown[]): void {
    this.appendText(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  appendText(path: string, text: string): void {
    const full = `${this.root}/${path}`;
    Deno.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(full, text, { append: true });
  }

  /** Writes a stream as Prodigy does: at once, the last line without its newline. */
  stream(name: string, ...lines: readonly unknown[]): void {
    this.appendText(`streams/${name}`, lines.map((line) => JSON.stringify(line)).join("\n"));
  }

  look(source: ClaudeSource): readonly EventRecord[] {
    return recordsOf(this.batches(source));
  }

  batches(source: ClaudeSource): readonly Batch[] {
    this.nowMs = Math.max(this.nowMs + 1, Date.now());
    return [...source.look(this.nowMs)];
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

export function recordsOf(batches: Iterable<Batch>): readonly EventRecord[] {
  return [...batches].flatMap((batch) => batch.kind === "records" ? batch.records : []);
}

/** What a fold would count. */
export interface Counted {
  readonly input: number;
  readonly output: number;
  readonly read: number;
  readonly creation: number;
  readonly creation1h: number;
  /** Rounded to 10 digits, as sums of fractions are not exact. */
  readonly usd: number;
  readonly unpriced: number;
  readonly tools: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly started: number;
  readonly ended: Readonly<Record<string, number>>;
}

export const NOTHING: Counted = {
  input: 0,
  output: 0,
  read: 0,
  creation: 0,
  creation1h: 0,
  usd: 0,
  unpriced: 0,
  tools: {},
  errors: {},
  started: 0,
  ended: {},
};

export function countOf(records: readonly EventRecord[]): Counted {
  const sum = { ...NOTHING, tools: {}, errors: {}, ended: {} };
  const tally = (into: Record<string, number>, key: string): number => into[key] = (into[key] ?? 0) + 1;
  for (const { event } of records) {
    if (event.type === "claude_tool_invoked") tally(sum.tools, event.toolName);
    if (event.type === "claude_error") tally(sum.errors, event.errorType);
    if (event.type === "claude_session_completed") tally(sum.ended, event.status);
    if (event.type === "claude_session_started") sum.started++;
    if (event.type === "claude_tokens_unpriced") sum.unpriced += event.tokens;
    if (event.type !== "claude_token_usage") continue;
    sum.input += event.inputTokens;
    sum.output += event.outputTokens;
    sum.read += event.cacheReadTokens;
    sum.creation += event.cacheCreationTokens;
    sum.creation1h += event.cacheCreation1hTokens;
    sum.usd += event.costUsd ?? 0;
    if (event.costUsd !== null) continue;
    sum.unpriced += event.inputTokens + event.outputTokens + event.cacheReadTokens + event.cacheCreationTokens;
  }
  return { ...sum, usd: Math.round(sum.usd * 1e10) / 1e10 };
}

// --- Lines as Claude Code writes them -----------------------------------------------------------------------------

export const RUN = "workflow-1795507800000";
export const RUN_CWD = `/home/dev/.prodigy/worktrees/demo-app/${RUN}`;
export const AGENT_RUN = "session-d413ffc6-38f7-4030-be28-02d6e66a3733";
export const AGENT_CWD = `/home/dev/.prodigy/worktrees/${AGENT_RUN}/mapreduce-agent-mapreduce-20261124_090000_agent_2`;
export const SONNET = "claude-sonnet-4-5-20250929";

export interface MessageParts {
  readonly id: string;
  readonly session?: string;
  readonly model?: string;
  readonly cwd?: string | null;
  readonly input?: number;
  readonly output?: number;
  readonly read?: number;
  readonly creation?: number;
  readonly creation1h?: number;
  readonly tool?: { readonly id: string; readonly name: string };
  readonly timestamp?: string;
}

function message(parts: MessageParts): unknown {
  const creation = parts.creation ?? 0;
  const creation1h = parts.creation1h ?? 0;
  return {
    model: parts.model ?? SONNET,
    id: parts.id,
    type: "message",
    role: "assistant",
    content: [
      parts.tool === undefined
        ? { type: "text", text: "PRIVATE-ANSWER" }
        : { type: "tool_use", ...parts.tool, input: { command: "PRIVATE-COMMAND" } },
    ],
    usage: {
      input_tokens: parts.input ?? 0,
      cache_creation_input_tokens: creation,
      cache_read_input_tokens: parts.read ?? 0,
      cache_creation: {
        ephemeral_5m_input_tokens: creation - creation1h,
        ephemeral_1h_input_tokens: creation1h,
      },
      output_tokens: parts.output ?? 0,
    },
  };
}

/** A line of a transcript. */
export function transcriptLine(parts: MessageParts): unknown {
  const cwd = parts.cwd === undefined ? RUN_CWD : parts.cwd;
  return {
    parentUuid: null,
    isSidechain: false,
    ...(cwd === null ? {} : { cwd }),
    sessionId: parts.session ?? "s1",
    type: "assistant",
    message: message(parts),
    uuid: crypto.randomUUID(),
    timestamp: parts.timestamp ?? "2026-11-24T09:00:44.666Z",
  };
}

export function promptLine(cwd: string): unknown {
  return { cwd, sessionId: "s1", type: "user", message: { role: "user", content: "PRIVATE-PROMPT" } };
}

/** A line of a stream. */
export function streamLine(parts: MessageParts): unknown {
  return { type: "assistant", message: message(parts), parent_tool_use_id: null, session_id: parts.session ?? "s1" };
}

export function initLine(session = "s1", cwd = RUN_CWD): unknown {
  return { type: "system", subtype: "init", cwd, session_id: session, tools: ["Read"], model: SONNET };
}

export interface ResultParts {
  readonly session?: string;
  readonly uuid?: string;
  readonly subtype?: string;
  readonly isError?: boolean;
  readonly text?: string;
  readonly durationMs?: number;
  readonly usd?: number | null;
  /** By model: input, output, read, creation, USD. */
  readonly models?: Readonly<Record<string, readonly [number, number, number, number, number | null]>>;
  /** The total of older versions, which list no models: input, output. */
  readonly usage?: readonly [number, number];
}

export function resultLine(parts: ResultParts): unknown {
  const [input, output] = parts.usage ?? [0, 0];
  return {
    type: "result",
    subtype: parts.subtype ?? "success",
    is_error: parts.isError ?? false,
    duration_ms: parts.durationMs ?? 2345,
    result: parts.text ?? "PRIVATE-RESULT",
    session_id: parts.session ?? "s1",
    ...(parts.uuid === undefined ? {} : { uuid: parts.uuid }),
    ...(parts.usd === null ? {} : { total_cost_usd: parts.usd ?? 0 }),
    usage: { input_tokens: input, output_tokens: output },
    ...(parts.models === undefined ? {} : {
      modelUsage: Object.fromEntries(
        Object.entries(parts.models).map(([model, [input, output, read, creation, usd]]) => [model, {
          inputTokens: input,
          outputTokens: output,
          cacheReadInputTokens: read,
          cacheCreationInputTokens: creation,
          ...(usd === null ? {} : { costUSD: usd }),
        }]),
      ),
    }),
  };
}
