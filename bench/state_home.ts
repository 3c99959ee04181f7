import { transcriptLines } from "../tests/support/claude_documents.ts";
import { checkpointJson, sessionJson, worktreeJson } from "../tests/support/prodigy_documents.ts";
import { chronoTime } from "../tests/support/prodigy_writer.ts";

export interface StateHomeOptions {
  /** Holds `.prodigy` and `.claude`. */
  readonly directory: string;
  readonly sessions: number;
  /** Of these, so many are still running; the rest has ended, one in five with a failure. */
  readonly running: number;
  readonly transcripts: number;
  readonly transcriptBytes: number;
  readonly nowMs: number;
}

/** What a reader must make of a home. */
export interface StateHomeExpected {
  readonly ended: number;
  readonly steps: number;
  readonly outputTokens: number;
}

const STEPS = ["claude: /lint", "shell: cargo fmt", "test: cargo test"] as const;
const OUTPUT_TOKENS = 87;
/** A tool's result of some kilobytes stands between two answers, as in real transcripts. */
const FILLER_BYTES = 4_000;
/** Everything was last written so long before `nowMs`. */
const AGE_MS = 3_600_000;

/** Writes a home as a long use of Prodigy leaves it: sessions with checkpoints and worktrees, and agents' transcripts. */
export function writeStateHome(options: StateHomeOptions): StateHomeExpected {
  const { sessions, running } = options;
  let steps = 0;
  for (let index = 0; index < sessions; index++) steps += writeRun(options, index);
  let outputTokens = 0;
  for (let index = 0; index < options.transcripts; index++) outputTokens += writeTranscript(options, index);
  return { ended: sessions - running, steps, outputTokens };
}

export function runIdOf(index: number): string {
  return `workflow-${1_795_000_000_000 + index}`;
}

export function transcriptPath(directory: string, index: number): string {
  return `${directory}/.claude/projects/${agentCwd(index).replace(/[^A-Za-z0-9]/g, "-")}/${sessionIdOf(index)}.jsonl`;
}

/** Lines of one more answer of a transcript. */
export function answerText(index: number, answer: number, nowMs: number): string {
  const lines = transcriptLines({
    sessionId: sessionIdOf(index),
    cwd: agentCwd(index),
    timestamp: new Date(nowMs).toISOString(),
    message: {
      id: `msg_${index}_${answer}`,
      usage: { inputTokens: 4, outputTokens: OUTPUT_TOKENS, cacheReadTokens: 14_000, cacheCreationTokens: 1_500 },
      tools: [{ id: `toolu_${index}_${answer}`, name: "Read" }],
    },
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** @returns the number of its steps. */
function writeRun(options: StateHomeOptions, index: number): number {
  const id = runIdOf(index);
  const root = `${options.directory}/.prodigy`;
  const startedMs = options.nowMs - AGE_MS - 60_000;
  const endedMs = startedMs + 60_000;
  const status = index < options.running ? "Running" : index % 5 === 0 ? "Failed" : "Completed";
  const session = sessionJson({
    id,
    status,
    startedAt: chronoTime(startedMs),
    updatedAt: chronoTime(endedMs),
    completedAt: status === "Running" ? null : chronoTime(endedMs),
    metadata: { total_steps: STEPS.length },
    timings: Object.fromEntries(STEPS.map((command) => [command, { secs: 10, nanos: 0 }])),
    error: null,
    workflowName: `workflow-${index % 20}`,
    iterationsCompleted: 1,
    filesChanged: 1,
  });
  const checkpoint = checkpointJson({
    workflowId: id,
    workflowPath: "/home/dev/demo-app/wf/w.yml",
    totalSteps: STEPS.length,
    status,
    steps: STEPS.map((command, step) => ({
      stepIndex: step,
      command,
      durationSeconds: 10,
      completedAt: chronoTime(startedMs + (step + 1) * 10_000),
    })),
    failure: status === "Failed"
      ? { stepIndex: STEPS.length, message: "Step 'shell: x' failed with exit code 1", at: chronoTime(endedMs) }
      : null,
  }, chronoTime(endedMs));
  const worktree = worktreeJson({
    name: id,
    originalBranch: "main",
    createdAt: chronoTime(startedMs),
    updatedAt: chronoTime(startedMs),
    status: "in_progress",
    interruptedAt: null,
  });
  writeText(`${root}/sessions/${id}.json`, JSON.stringify(session, null, 2), endedMs);
  writeText(`${root}/state/${id}/checkpoints/${id}.checkpoint.json`, JSON.stringify(checkpoint, null, 2), endedMs);
  writeText(`${root}/worktrees/demo-app/.metadata/${id}.json`, JSON.stringify(worktree, null, 2), startedMs);
  return STEPS.length + (status === "Failed" ? 1 : 0);
}

/** @returns its output tokens. */
function writeTranscript(options: StateHomeOptions, index: number): number {
  const result = {
    cwd: agentCwd(index),
    sessionId: sessionIdOf(index),
    type: "user",
    message: { role: "user", content: [{ type: "tool_result", content: "x".repeat(FILLER_BYTES) }] },
  };
  const filler = `${JSON.stringify(result)}\n`;
  const parts: string[] = [];
  let sizeBytes = 0;
  let answers = 0;
  while (sizeBytes < options.transcriptBytes) {
    const text = answerText(index, answers++, options.nowMs - AGE_MS) + filler;
    parts.push(text);
    sizeBytes += text.length;
  }
  writeText(transcriptPath(options.directory, index), parts.join(""), options.nowMs - AGE_MS);
  return answers * OUTPUT_TOKENS;
}

function agentCwd(index: number): string {
  const run = `session-00000000-0000-4000-8000-${String(index % 50).padStart(12, "0")}`;
  return `/home/dev/.prodigy/worktrees/${run}/mapreduce-agent-mapreduce-20261124_090000_agent_${index}`;
}

function sessionIdOf(index: number): string {
  return `${String(index).padStart(8, "0")}-0000-4000-8000-000000000000`;
}

function writeText(path: string, text: string, writtenMs: number): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text);
  Deno.utimeSync(path, new Date(writtenMs), new Date(writtenMs));
}
