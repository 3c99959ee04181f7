import { createPrices } from "../lib/metrics/prices.ts";
import { createClaudeSource } from "../lib/prodigy/claude/claude_source.ts";
import { createStateSource } from "../lib/prodigy/state_source.ts";
import type { Source } from "../lib/source/source.ts";
import { answerText, runIdOf, transcriptPath, writeStateHome } from "./state_home.ts";

/*
 * What the readers of Prodigy's and Claude's files cost on a home that was used for long: the first scan, with its
 * memory, and later looks, when nothing moved and when one session and one transcript did.
 *
 *   deno run --allow-all bench/state_readers.ts [SESSIONS] [TRANSCRIPTS] [RUNNING]
 */

const SESSIONS = Number(Deno.args[0] ?? 5_000);
const TRANSCRIPTS = Number(Deno.args[1] ?? 2_000);
const RUNNING = Number(Deno.args[2] ?? 50);
const TRANSCRIPT_BYTES = 1_000_000;
const LOOKS = 200;
const POLL_MS = 1_000;

interface Scan {
  readonly seconds: number;
  readonly longestSliceMs: number;
  readonly records: number;
  readonly outputTokens: number;
  readonly endedRuns: number;
  readonly steps: number;
  /** Memory held at each eighth of the way, above what was held before: flat if the last is like the second. */
  readonly residentGrowthMb: readonly number[];
}

function scan(source: Source, nowMs: number): Scan {
  const before = Deno.memoryUsage().rss;
  const resident: number[] = [];
  const counts = { records: 0, outputTokens: 0, endedRuns: 0, steps: 0 };
  let longestSliceMs = 0;
  const startedMs = performance.now();
  let sliceMs = startedMs;
  for (const batch of source.look(nowMs)) {
    longestSliceMs = Math.max(longestSliceMs, performance.now() - sliceMs);
    for (const { event } of batch.kind === "records" ? batch.records : []) {
      counts.records++;
      if (event.type === "claude_token_usage") counts.outputTokens += event.outputTokens;
      if (event.type === "workflow_completed") counts.endedRuns++;
      if (event.type === "step_completed") counts.steps++;
    }
    resident.push(Deno.memoryUsage().rss);
    sliceMs = performance.now();
  }
  return {
    seconds: round((performance.now() - startedMs) / 1000),
    longestSliceMs: round(longestSliceMs),
    ...counts,
    residentGrowthMb: [1, 2, 3, 4, 5, 6, 7, 8].map((eighth) => {
      const sample = resident[Math.ceil(resident.length * eighth / 8) - 1] ?? before;
      return Math.round((sample - before) / 1e6);
    }),
  };
}

interface Looks {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longestMs: number;
  readonly bytesReadPerLook: number;
}

function looks(source: Source, fromMs: number, move: (look: number, nowMs: number) => void): Looks {
  const times: number[] = [];
  let bytes = 0;
  for (let look = 1; look <= LOOKS; look++) {
    const nowMs = fromMs + look * POLL_MS;
    move(look, nowMs);
    const bytesBefore = bytesRead();
    const startedMs = performance.now();
    for (const _ of source.look(nowMs));
    times.push(performance.now() - startedMs);
    bytes += bytesRead() - bytesBefore;
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { medianMs: at(0.5), p95Ms: at(0.95), longestMs: at(1), bytesReadPerLook: Math.round(bytes / LOOKS) };
}

/** Of this process so far, by Linux's account; reading the account is in it, with some hundred bytes. */
function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(Deno.readTextFileSync("/proc/self/io"))?.[1] ?? NaN);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function timeMs(work: () => unknown): number {
  const startedMs = performance.now();
  work();
  return round(performance.now() - startedMs);
}

function measure(home: string): unknown {
  const nowMs = Date.now();
  const expected = writeStateHome({
    directory: home,
    sessions: SESSIONS,
    running: RUNNING,
    transcripts: TRANSCRIPTS,
    transcriptBytes: TRANSCRIPT_BYTES,
    nowMs,
  });
  const state = createStateSource({
    prodigyHome: `${home}/.prodigy`,
    homeProdigy: `${home}/.prodigy`,
    settleMs: 2_000,
    idleLimitSeconds: 12 * 3600,
    ignoreOlderThanMs: null,
    pollIntervalMs: POLL_MS,
  });
  const claude = createClaudeSource({
    streamsDirectory: `${home}/.prodigy/logs/claude-streaming`,
    projectsDirectory: `${home}/.claude/projects`,
    transcripts: "prodigy",
    ignoreOlderThanMs: null,
    pollIntervalMs: POLL_MS,
    lineMaxBytes: 4 * 1024 * 1024,
    estimateUsd: createPrices([]).estimateUsd,
  });
  const rewriteSession = (look: number): void => {
    const path = `${home}/.prodigy/sessions/${runIdOf(look % RUNNING)}.json`;
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path));
  };
  const growTranscript = (look: number, atMs: number): void => {
    const index = look % TRANSCRIPTS;
    Deno.writeTextFileSync(transcriptPath(home, index), answerText(index, 1_000_000 + look, atMs), { append: true });
  };
  const stateScan = scan(state, nowMs);
  const claudeScan = scan(claude, nowMs);
  const laterMs = nowMs + LOOKS * POLL_MS;
  return {
    sessions: SESSIONS,
    running: RUNNING,
    transcripts: TRANSCRIPTS,
    transcriptBytes: TRANSCRIPT_BYTES,
    isRight: stateScan.endedRuns === expected.ended && stateScan.steps === expected.steps &&
      claudeScan.outputTokens === expected.outputTokens,
    state: {
      firstScan: stateScan,
      idleLooks: looks(state, nowMs, () => {}),
      looksWithOneChangedSession: looks(state, laterMs, rewriteSession),
      snapshotMs: timeMs(() => JSON.stringify(state.saveState())),
    },
    claude: {
      firstScan: claudeScan,
      idleLooks: looks(claude, nowMs, () => {}),
      looksWithOneGrownTranscript: looks(claude, laterMs, growTranscript),
      snapshotMs: timeMs(() => JSON.stringify(claude.saveState())),
    },
  };
}

const home = Deno.makeTempDirSync({ prefix: "prodigy-exporter-bench-" });
try {
  // deno-lint-ignore no-console -- what a bench is for
  console.log(JSON.stringify(measure(home), null, 2));
} finally {
  Deno.removeSync(home, { recursive: true });
}
