import assert from "node:assert/strict";
import { readDetails } from "../../../lib/store/payload.ts";
import { storedText } from "../../../lib/store/stored_text.ts";

function payloadOf(event: object, keepPayload = false): unknown {
  return JSON.parse(readDetails({ id: "i", event }, keepPayload).payload ?? "null");
}

/** As they occur in Prodigy's events; the values are what must not get out. */
const SENSITIVE = {
  content: "the prompt",
  parameters: { command: "curl -H 'x-api-key: 123'" },
  config: { input: "items.json" },
  error: "boom",
  error_message: "boom",
  command: "claude: /fix",
  output: "out",
  step: "claude: /fix-issue",
  tools: ["Read"],
  something_new: "x",
  commits: [{ message: "m" }],
};

Deno.test("readDetails() strips what may hold prompts and secrets, by default", () => {
  const event = { event_type: "claude_message", agent_id: "a", ...SENSITIVE };
  assert.deepEqual(payloadOf(event), { event_type: "claude_message", agent_id: "a" });
});

Deno.test("readDetails() strips a plain field that holds more than a name", () => {
  const event = { event_type: "agent_started", item_id: "x".repeat(257), worktree: { path: "p" }, branch: ["a", {}] };
  assert.deepEqual(payloadOf(event), { event_type: "agent_started" });
});

Deno.test("readDetails() keeps numbers, ids, closed sets, and both forms of durations", () => {
  const event = {
    event_type: "agent_completed",
    job_id: "j",
    duration: [45, 678000000],
    commits: ["abc123"],
    retry_eligible: true,
    progress_pct: 33.3,
    validation: null,
  };
  assert.deepEqual(payloadOf(event), event);
  assert.deepEqual(payloadOf({ event_type: "x", duration: { secs: 1, nanos: 2 } }), {
    event_type: "x",
    duration: { secs: 1, nanos: 2 },
  });
});

Deno.test("readDetails() keeps everything when told to", () => {
  const event = { event_type: "claude_message", ...SENSITIVE };
  assert.deepEqual(payloadOf(event, true), event);
});

Deno.test("readDetails() finds the event in all its forms", () => {
  const bare = { event_type: "job_paused", job_id: "j", id: "i" };
  assert.equal(readDetails(bare, false).payload, '{"event_type":"job_paused","job_id":"j"}');
  assert.equal(
    readDetails({ event: { AgentStarted: { agent_id: "a", prompt: "p" } } }, false).payload,
    '{"agent_id":"a"}',
  );
});

Deno.test("readDetails() finds command, message, signature and metadata", () => {
  const line = {
    event: {
      event_type: "step_completed",
      command: "x --token=abcdefgh",
      error_message: "no",
      error_signature: "5b90",
    },
    metadata: { host: "h", pid: 5, env: "SECRET" },
  };
  const details = readDetails(line, false);
  assert.equal(details.command, "x --token=[redacted]");
  assert.equal(details.errorMessage, "no");
  assert.equal(details.errorSignature, "5b90");
  assert.equal(details.metadata, '{"host":"h","pid":5}');
  assert.equal(readDetails(line, true).command, "x --token=abcdefgh");
});

Deno.test("readDetails() makes JSON that jsonb takes", () => {
  const odd = { event_type: "x\0y", agent_id: "\ud800", item_id: "\\u0000", branch: "😀" };
  const text = readDetails({ event: odd }, false).payload ?? "";
  assert.deepEqual(JSON.parse(text), { event_type: "xy", agent_id: "\ufffd", item_id: "\\u0000", branch: "😀" });
});

Deno.test("storedText() cuts, and leaves out what PostgreSQL cannot hold", () => {
  assert.equal(storedText("a\0b", 10), "ab");
  assert.equal(storedText("\ud83d\ude00", 2), "😀");
  assert.equal(storedText("abcdef", 4), "abc…");
  assert.equal(storedText("a\ud83d\ude00bc", 3), "a\ufffd…");
});
