import assert from "node:assert/strict";
import {
  agentExecutionId,
  contentOf,
  jobKeyOf,
  madeEventId,
  ownEventId,
  stepExecutionId,
  workflowExecutionId,
} from "../../../lib/store/identity.ts";
import { isUuid } from "../../../lib/store/uuid5.ts";
import { agentCompleted, record } from "../../support/event_records.ts";

// Computed with Python's uuid.uuid5(): another implementation must come to the same ids, and so must every later version.
const KNOWN: readonly { readonly name: string; readonly id: string; readonly expected: string }[] = [
  {
    name: "a run",
    id: workflowExecutionId("workflow-1795478643740"),
    expected: "37a98da5-a08d-5269-90ea-2b9145ede02f",
  },
  {
    name: "a step",
    id: stepExecutionId("workflow-1795478643740", 3, 1),
    expected: "14f7da8a-81be-5269-92ac-a6785a47c5cf",
  },
  {
    name: "an agent",
    id: agentExecutionId("session-1/mapreduce-20261124_000454", "mapreduce-20261124_000454_agent_0"),
    expected: "5f6db6c7-7bec-5067-85db-66feed53019b",
  },
  {
    name: "an event with an id that is no UUID",
    id: ownEventId("e-1"),
    expected: "28f4b2f8-d5bc-5ce7-bb2a-91ac9669f9df",
  },
  { name: "a run with an umlaut", id: workflowExecutionId("ä"), expected: "5d0d8e3a-5ffc-5b56-85b8-a196d656e57e" },
];
for (const { name, id, expected } of KNOWN) {
  Deno.test(`the id of ${name} is the UUIDv5 it always was`, () => {
    assert.equal(id, expected);
    assert.ok(isUuid(id));
  });
}

Deno.test("ownEventId() keeps a UUID, in lower case", () => {
  assert.equal(ownEventId("708A76B1-2872-4883-A4D2-AAFB47803A55"), "708a76b1-2872-4883-a4d2-aafb47803a55");
});

Deno.test("jobKeyOf() tells jobs of the same id in two sessions apart", () => {
  assert.equal(jobKeyOf("session-1", "mapreduce-1"), "session-1/mapreduce-1");
  assert.equal(jobKeyOf(null, "mapreduce-1"), "mapreduce-1");
});

Deno.test("madeEventId() differs by instance, content and occurrence", () => {
  const ids = [madeEventId("a", "x", 0), madeEventId("b", "x", 0), madeEventId("a", "y", 0), madeEventId("a", "x", 1)];
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(madeEventId("a", "x", 0), ids[0]);
});

const ENVELOPE = { origin: "state", runId: "session-1", timestamp: "2026-11-24T09:00:00Z" } as const;

Deno.test("contentOf() leaves out the time of a look, and what was measured by it", () => {
  const first = record(agentCompleted("j", "a", 5), ENVELOPE);
  const later = record(agentCompleted("j", "a", 7), { ...ENVELOPE, timestamp: "2026-11-24T09:00:02Z" });
  const other = record(agentCompleted("j", "b", 5), ENVELOPE);
  assert.equal(contentOf(first, null), contentOf(later, null));
  assert.notEqual(contentOf(first, null), contentOf(other, null));
});

Deno.test("contentOf() holds the time that a file tells", () => {
  const event = { type: "job_paused", jobId: "j" } as const;
  const later = { ...ENVELOPE, timestamp: "2026-11-24T09:00:02Z" };
  assert.notEqual(contentOf(record(event, ENVELOPE), null), contentOf(record(event, later), null));
});

Deno.test("contentOf() of a fact that several files tell is its name", () => {
  const event = { type: "claude_tool_invoked", agentId: null, toolName: "Read", toolId: "toolu_1" } as const;
  const told = { ...record(event, ENVELOPE), factId: "tool toolu_1" };
  assert.equal(contentOf(told, null), contentOf({ ...told, runId: null, timestamp: "2026-11-24T09:00:02Z" }, null));
  assert.notEqual(contentOf(told, null), contentOf({ ...told, factId: "tool toolu_2" }, null));
});

Deno.test("contentOf() of a line is its text, and where it stood", () => {
  const event = record({ type: "claude_message", agentId: null }, { runId: "session-1" });
  assert.notEqual(contentOf(event, '{"a":1}'), contentOf(event, '{"a":2}'));
  assert.notEqual(contentOf(event, '{"a":1}'), contentOf({ ...event, runId: "session-2" }, '{"a":1}'));
});
