import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createPrices } from "../../../../lib/metrics/prices.ts";
import { type ClaudeSource, createClaudeSource } from "../../../../lib/prodigy/claude/claude_source.ts";
import { AGENT_RUN, countOf, NOTHING, recordsOf, RUN } from "../../../support/claude_home.ts";

function sourceOf(home: string): ClaudeSource {
  const root = fileURLToPath(new URL(`../../../support/data/${home}`, import.meta.url));
  return createClaudeSource({
    streamsDirectory: `${root}/.prodigy/logs/claude-streaming`,
    projectsDirectory: `${root}/.claude/projects`,
    transcripts: "prodigy",
    ignoreOlderThanMs: null,
    pollIntervalMs: 1_000,
    lineMaxBytes: 1_000_000,
    estimateUsd: createPrices([]).estimateUsd,
  });
}

// The expectations below were made by reading the files.

Deno.test("createClaudeSource() counts the sample home", () => {
  const source = sourceOf("prodigy_home");
  const records = recordsOf(source.look(Date.now()));
  // Two streams of one step each, with the same numbers (messages 4/87/14000/1500 and 6/294/15500/320), and an agent's
  // transcript (5/120/12000/900; its first line says 40 for the output) that ends in an overloaded API.
  // Cost: 2 * 0.0213 as stated + (5 * 3 + 120 * 15 + 12000 * 0.30 + 900 * 3.75) / 1e6.
  assert.deepEqual(countOf(records), {
    ...NOTHING,
    input: 25,
    output: 882,
    read: 71_000,
    creation: 4_540,
    usd: 0.05139,
    tools: { Read: 2, Edit: 2, Bash: 1 },
    errors: { error_during_execution: 1, overloaded: 1 },
    started: 3,
    ended: { success: 1, error: 1 },
  });
  const agent = records.filter((record) => record.runId === AGENT_RUN);
  assert.deepEqual(
    agent.map(({ event }) => [event.type, "jobId" in event ? event.jobId : "-", "agentId" in event && event.agentId]),
    [
      ["claude_session_started", "-", "mapreduce-20261124_090000_agent_2"],
      ["claude_token_usage", "mapreduce-20261124_090000", "mapreduce-20261124_090000_agent_2"],
      ["claude_token_usage", "mapreduce-20261124_090000", "mapreduce-20261124_090000_agent_2"],
      ["claude_tool_invoked", "-", "mapreduce-20261124_090000_agent_2"],
      ["claude_error", "-", "mapreduce-20261124_090000_agent_2"],
    ],
  );
  const completed = records.find((record) => record.runId === RUN && record.event.type === "claude_session_completed");
  assert.equal(completed?.timestamp, "2026-11-24T08:10:01Z");
  assert.ok(completed?.event.type === "claude_session_completed" && completed.event.durationSeconds === 2.345);
  assert.deepEqual(recordsOf(source.look(Date.now() + 5_000)), []);
});

Deno.test("createClaudeSource() counts the captured run, written with spaces in its JSON", () => {
  assert.deepEqual(countOf(recordsOf(sourceOf("captured_run").look(Date.now()))), {
    ...NOTHING,
    input: 16,
    output: 348,
    read: 56_002,
    creation: 6_000,
    usd: 0.0246,
    tools: { Read: 2, Bash: 2 },
    started: 2,
    ended: { success: 2 },
  });
});
