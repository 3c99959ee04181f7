import assert from "node:assert/strict";
import { decodeLine, decodeValue } from "../../../lib/event/decode.ts";
import type { EventRecord } from "../../../lib/event/record.ts";
import type { Rejected } from "../../../lib/event/rejected.ts";
import { bareEvent, SAMPLE_LIST, WIRE_SAMPLES } from "../../support/wire_events.ts";

const ENVELOPE = {
  id: "d496107c-18e8-49c8-a0d7-6b424b8837dd",
  timestamp: "2026-11-24T00:08:15.191966573Z",
  correlation_id: "794d3986-e7ef-4097-98af-e080c97ffbb4",
};
const PAUSED = { event_type: "job_paused", job_id: "j" };
const TAGGED_AGENT = { AgentCompleted: { agent_id: "mapreduce-20261124_000454_agent_12", duration: [5, 0] } };

function accepted(value: unknown, runId: string | null = null): EventRecord {
  const result = decodeLine(JSON.stringify(value), runId);
  assert.ok(!("rejected" in result), JSON.stringify(result));
  return result;
}

for (const [type, { wire, event }] of SAMPLE_LIST) {
  Deno.test(`decodeLine() reads ${type}`, () => {
    const line = { ...ENVELOPE, event: { event_type: type, ...wire }, metadata: { pid: 1 } };
    assert.deepEqual(accepted(line, "session-1"), {
      id: ENVELOPE.id,
      timestamp: ENVELOPE.timestamp,
      correlationId: ENVELOPE.correlation_id,
      runId: "session-1",
      repository: null,
      origin: "line",
      event,
      durationClamped: false,
    });
  });
}

const RECORDS: readonly { readonly name: string; readonly line: unknown; readonly out: Partial<EventRecord> }[] = [
  { name: "a bare event", line: { ...PAUSED, id: "i", timestamp: "2026-11-24T00:08:15Z" }, out: { id: "i" } },
  { name: "a bare event's time", line: bareEvent("job_started"), out: { timestamp: "2026-11-24T00:04:54Z" } },
  { name: "no id", line: { event: PAUSED }, out: { id: null, timestamp: null, correlationId: null } },
  { name: "null in the envelope", line: { id: null, timestamp: null, event: PAUSED }, out: { id: null } },
  { name: "an empty id as none", line: { id: "", event: PAUSED }, out: { id: null } },
  {
    name: "the event's own time when the envelope has none",
    line: { event: bareEvent("claude_tool_invoked") },
    out: { timestamp: "2026-11-24T00:04:54Z" },
  },
  {
    name: "the envelope's time rather than the event's",
    line: { ...ENVELOPE, event: bareEvent("claude_tool_invoked") },
    out: { timestamp: ENVELOPE.timestamp },
  },
  {
    name: "no time when the event's own is none",
    line: { event: { ...PAUSED, timestamp: "noon" } },
    out: { timestamp: null },
  },
  { name: "an offset", line: { timestamp: "2026-11-24T00:08:15+01:00", event: PAUSED }, out: {} },
  { name: "the session of the metadata", line: { event: PAUSED, metadata: { session_id: "s" } }, out: { runId: "s" } },
  {
    name: "the session of the envelope first",
    line: { event: PAUSED, session_id: "e", metadata: { session_id: "m" } },
    out: { runId: "e" },
  },
  { name: "no session but a string", line: { event: PAUSED, session_id: 5, metadata: 5 }, out: { runId: null } },
  {
    name: "a bare event's session_id as Claude's, not Prodigy's",
    line: bareEvent("claude_session_started"),
    out: { runId: null },
  },
  {
    name: "an envelope that also has an event_type",
    line: { event: PAUSED, event_type: "x" },
    out: { event: { type: "job_paused", jobId: "j" } },
  },
  {
    name: "the DLQ's spelling on disk",
    line: { event_type: "d_l_q_item_removed", job_id: "j", item_id: "i" },
    out: { event: { type: "dlq_item_removed", jobId: "j", itemId: "i" } },
  },
  {
    name: "keys that JavaScript knows",
    line: JSON.parse('{"event_type":"job_paused","job_id":"j","__proto__":{"id":"x"},"constructor":1}'),
    out: { id: null },
  },
  {
    name: "Prodigy's cache_tokens as cache reads",
    line: { event_type: "claude_token_usage", input_tokens: 1, output_tokens: 2, cache_tokens: 3 },
    out: {
      event: {
        type: "claude_token_usage",
        agentId: null,
        inputTokens: 1,
        outputTokens: 2,
        cacheReadTokens: 3,
        cacheCreationTokens: 0,
        cacheCreation1hTokens: 0,
        model: null,
        workflowName: null,
        jobId: null,
        costUsd: null,
      },
    },
  },
  {
    name: "a tagged event, its job from its agent",
    line: TAGGED_AGENT,
    out: {
      event: {
        type: "agent_completed",
        jobId: "mapreduce-20261124_000454",
        agentId: "mapreduce-20261124_000454_agent_12",
        durationSeconds: 5,
      },
    },
  },
  {
    name: "a tagged event in an envelope, its job from that",
    line: { ...ENVELOPE, job_id: "j", event: { AgentStarted: { agent_id: "a", item_id: "i" } } },
    out: { id: ENVELOPE.id, event: { type: "agent_started", jobId: "j", agentId: "a", attempt: 1 } },
  },
  {
    name: "a tagged event that says all itself",
    line: { AgentFailed: { job_id: "j", agent_id: "a", retry_eligible: true, timestamp: "2026-11-24T00:00:00Z" } },
    out: {
      timestamp: "2026-11-24T00:00:00Z",
      event: { type: "agent_failed", jobId: "j", agentId: "a", retryEligible: true, errorType: null },
    },
  },
  {
    name: "a tagged event of the DLQ",
    line: { DLQItemAdded: { job_id: "j", item_id: "i" } },
    out: { event: { type: "dlq_item_added", jobId: "j", itemId: "i" } },
  },
  {
    name: "a tagged event of ours",
    line: { WorktreePoolChanged: { available: 2 } },
    out: { event: { type: "worktree_pool_changed", available: 2 } },
  },
];
for (const { name, line, out } of RECORDS) {
  Deno.test(`decodeLine() takes ${name}`, () => {
    const record = accepted(line);
    assert.deepEqual({ ...record, ...out }, record);
  });
}

Deno.test("decodeLine() prefers the session its caller knows", () => {
  assert.equal(accepted({ event: PAUSED, session_id: "e" }, "path").runId, "path");
});

Deno.test("decodeLine() reads a negative duration as 0 and says so", () => {
  const record = accepted({ ...bareEvent("agent_completed"), duration: [-2, 500000000] });
  assert.deepEqual(record.event, { ...WIRE_SAMPLES.agent_completed.event, durationSeconds: 0 });
  assert.equal(record.durationClamped, true);
});

const REJECTIONS: readonly { readonly name: string; readonly line: string; readonly out: Rejected }[] = [
  { name: "no JSON", line: "{not json}", out: { rejected: "bad_json", detail: "" } },
  { name: "nothing", line: "", out: { rejected: "bad_json", detail: "" } },
  { name: "a cut line", line: '{"event":{"event_type":"job_pau', out: { rejected: "bad_json", detail: "" } },
  { name: "two values", line: `${JSON.stringify(PAUSED)},{}`, out: { rejected: "bad_json", detail: "" } },
  { name: "a list", line: "[{}]", out: { rejected: "not_an_event", detail: "" } },
  { name: "null", line: "null", out: { rejected: "not_an_event", detail: "" } },
  { name: "a text", line: '"job_paused"', out: { rejected: "not_an_event", detail: "" } },
  { name: "an object without event", line: '{"id":"x"}', out: { rejected: "not_an_event", detail: "" } },
  { name: "an event that is a word", line: '{"event":"tool_use"}', out: { rejected: "not_an_event", detail: "" } },
  { name: "a tag over no object", line: '{"JobPaused":5}', out: { rejected: "not_an_event", detail: "" } },
  { name: "an untyped event", line: '{"event":{}}', out: { rejected: "missing_field", detail: "event_type" } },
  {
    name: "a type that is a number",
    line: '{"event":{"event_type":7}}',
    out: { rejected: "wrong_field_type", detail: "event_type" },
  },
  {
    name: "a new type",
    line: '{"event_type":"agent_teleported"}',
    out: { rejected: "unknown_event_type", detail: "agent_teleported" },
  },
  {
    name: "a new tag",
    line: '{"MapPhaseStarted":{"total_items":3}}',
    out: { rejected: "unknown_event_type", detail: "MapPhaseStarted" },
  },
  {
    name: "a type that only JavaScript knows",
    line: '{"event_type":"constructor"}',
    out: { rejected: "unknown_event_type", detail: "constructor" },
  },
  {
    name: "an event only the state readers may make",
    line: '{"event_type":"work_seen","at_seconds":1}',
    out: { rejected: "unknown_event_type", detail: "work_seen" },
  },
  {
    name: "a type that is a text, without repeating it",
    line: '{"event_type":"my password is 123"}',
    out: { rejected: "unknown_event_type", detail: "unprintable" },
  },
  {
    name: "an id that is a number",
    line: '{"id":5,"event":{"event_type":"job_paused","job_id":"j"}}',
    out: { rejected: "wrong_field_type", detail: "id" },
  },
  {
    name: "a time that is a number",
    line: '{"timestamp":5,"event":{"event_type":"job_paused","job_id":"j"}}',
    out: { rejected: "wrong_field_type", detail: "timestamp" },
  },
  {
    name: "a time that is none",
    line: '{"timestamp":"yesterday","event":{"event_type":"job_paused","job_id":"j"}}',
    out: { rejected: "wrong_field_type", detail: "timestamp" },
  },
  {
    name: "a tagged event without a job",
    line: '{"AgentStarted":{"agent_id":"a"}}',
    out: { rejected: "missing_field", detail: "job_id" },
  },
  {
    name: "an infinite duration",
    line: '{"event_type":"agent_completed","job_id":"j","agent_id":"a","duration":1e999}',
    out: { rejected: "wrong_field_type", detail: "duration" },
  },
  {
    name: "a count beyond what a number holds",
    line: '{"event_type":"worktree_pool_changed","available":99999999999999999999}',
    out: { rejected: "wrong_field_type", detail: "available" },
  },
];
for (const { name, line, out } of REJECTIONS) {
  Deno.test(`decodeLine() rejects ${name}`, () => assert.deepEqual(decodeLine(line, null), out));
}

Deno.test("decodeLine() survives a million levels of nesting", () => {
  const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  assert.ok(!("rejected" in decodeLine(`{"event_type":"claude_message","content":${deep}}`, null)));
  assert.deepEqual(decodeLine("[".repeat(1_000_000), null), { rejected: "bad_json", detail: "" });
});

Deno.test("decodeValue() takes what is parsed already", () => {
  assert.deepEqual(decodeValue({ event: PAUSED }, "r"), decodeLine(JSON.stringify({ event: PAUSED }), "r"));
});
