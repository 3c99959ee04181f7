import assert from "node:assert/strict";
import { answerText, runIdOf, transcriptPath, writeStateHome } from "../../../bench/state_home.ts";
import { createPrices } from "../../../lib/metrics/prices.ts";
import { createClaudeSource } from "../../../lib/prodigy/claude/claude_source.ts";
import { createStateSource } from "../../../lib/prodigy/state_source.ts";
import type { Source } from "../../../lib/source/source.ts";
import { createScratch } from "../../support/scratch.ts";

const POLL_MS = 1_000;
const TRANSCRIPT_BYTES = 100_000;
/** What Linux counts for reading its own account. */
const ACCOUNT_BYTES = 300;

/** Bytes this process has read from files so far. */
function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(Deno.readTextFileSync("/proc/self/io"))?.[1]);
}

/** What a look reads, beyond the account itself. */
function look(source: Source, nowMs: number): { readonly bytes: number; readonly records: number } {
  const before = bytesRead();
  let records = 0;
  for (const batch of source.look(nowMs)) records += batch.kind === "records" ? batch.records.length : 0;
  return { bytes: bytesRead() - before - ACCOUNT_BYTES, records };
}

Deno.test("look() of both readers reads each file once, and later only what changed", () => {
  using scratch = createScratch();
  const directory = scratch.path;
  const nowMs = Date.now();
  const size = { sessions: 300, running: 10, transcripts: 40, transcriptBytes: TRANSCRIPT_BYTES };
  writeStateHome({ directory, ...size, nowMs });
  const state = createStateSource({
    prodigyHome: `${directory}/.prodigy`,
    homeProdigy: `${directory}/.prodigy`,
    settleMs: 2_000,
    idleLimitSeconds: 12 * 3600,
    ignoreOlderThanMs: null,
    pollIntervalMs: POLL_MS,
  });
  const claude = createClaudeSource({
    streamsDirectory: `${directory}/.prodigy/logs/claude-streaming`,
    projectsDirectory: `${directory}/.claude/projects`,
    transcripts: "prodigy",
    ignoreOlderThanMs: null,
    pollIntervalMs: POLL_MS,
    lineMaxBytes: 4 * 1024 * 1024,
    estimateUsd: createPrices([]).estimateUsd,
  });
  assert.ok(look(state, nowMs).bytes > 300 * 2_000, "the first look reads everything");
  assert.ok(look(claude, nowMs).bytes > 40 * TRANSCRIPT_BYTES, "the first look reads everything");
  for (let round = 1; round <= 3; round++) {
    for (const source of [state, claude]) {
      const { bytes, records } = look(source, nowMs + round * POLL_MS);
      assert.ok(bytes <= 0 && records === 0, `${source.name}: ${bytes} bytes of files that did not change`);
    }
  }

  const session = `${directory}/.prodigy/sessions/${runIdOf(3)}.json`;
  const text = Deno.readTextFileSync(session).replace('"Running"', '"Failed"');
  Deno.writeTextFileSync(session, text);
  const ended = look(state, nowMs + 10 * POLL_MS);
  assert.ok(ended.bytes > 0 && ended.bytes <= text.length + 10, `${ended.bytes} bytes for one of ${text.length}`);

  const answer = answerText(7, 1_000_000, nowMs);
  Deno.writeTextFileSync(transcriptPath(directory, 7), answer, { append: true });
  const grown = look(claude, nowMs + 10 * POLL_MS);
  assert.equal(grown.records, 2, "usage and a tool");
  assert.ok(grown.bytes > 0 && grown.bytes <= answer.length, `${grown.bytes} bytes for ${answer.length} appended`);
  state.close();
  claude.close();
});
