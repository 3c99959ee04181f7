import assert from "node:assert/strict";
import { buildEventLine, eventTypes, listEventFields } from "../../../lib/emit/event_line.ts";
import { decodeLine } from "../../../lib/event/decode.ts";

const DEPS = {
  uuid: () => "1b4e28ba-2fa1-4d2b-883f-0016d3cca427",
  nowMs: () => Date.parse("2026-11-24T09:00:00.500Z"),
};

Deno.test("buildEventLine() builds a line with an id and the time, and types as the decoder wants them", () => {
  const built = build("workflow_completed", {
    workflow_id: "42",
    workflow_name: "demo",
    status: "success",
    duration: "12.5",
    total_steps: "3",
  });
  assert.equal(
    "line" in built ? built.line : built.problem,
    '{"event_type":"workflow_completed","id":"1b4e28ba-2fa1-4d2b-883f-0016d3cca427",' +
      '"timestamp":"2026-11-24T09:00:00.500Z","workflow_id":"42","workflow_name":"demo","status":"success",' +
      '"duration":12.5,"total_steps":3}',
  );
});

Deno.test("buildEventLine() makes lines that decode", () => {
  const built = build("step_completed", {
    workflow_id: "7",
    step_index: "0",
    step_type: "shell",
    status: "failed",
    duration: "[3, 500000000]",
    on_failure_recovered: "true",
    validation: "passed",
    command: "make",
  });
  const decoded = decodeLine("line" in built ? built.line : "", null);
  assert.deepEqual("event" in decoded ? decoded.event : decoded, {
    type: "step_completed",
    workflowId: "7",
    workflowName: null,
    stepIndex: 0,
    stepType: "shell",
    status: "failed",
    durationSeconds: 3.5,
    onFailureRecovered: true,
    validation: "passed",
  });
});

Deno.test("buildEventLine() keeps an id, a time and a correlation that are given", () => {
  const given = { id: "a", timestamp: "2026-01-01T00:00:00Z", correlation_id: "run-1", available: "4" };
  const built = build("worktree_pool_changed", given);
  assert.deepEqual(JSON.parse("line" in built ? built.line : "null"), {
    event_type: "worktree_pool_changed",
    ...given,
    available: 4,
  });
});

Deno.test("buildEventLine() reads a flag that stands alone as true where that is what the decoder wants", () => {
  const step = { workflow_id: "7", step_index: "0", step_type: "shell", status: "failed", duration: "1" };
  const recovered = build("step_completed", { ...step, on_failure_recovered: null });
  assert.equal(JSON.parse("line" in recovered ? recovered.line : "{}").on_failure_recovered, true);
  const retry = build("agent_failed", { job_id: "j", agent_id: "a", retry_eligible: null });
  assert.equal(JSON.parse("line" in retry ? retry.line : "{}").retry_eligible, true);
});

Deno.test("buildEventLine() takes a text that is given as empty", () => {
  const built = build("workflow_started", { workflow_id: "w", workflow_name: "" });
  assert.equal(JSON.parse("line" in built ? built.line : "{}").workflow_name, "");
});

for (
  const [name, flag] of [
    ["workflow_id", "--workflow-id"],
    ["workflow_name", "--workflow-name"],
    ["status", "--status"],
    ["duration", "--duration"],
    ["total_steps", "--total-steps"],
    ["id", "--id"],
    ["timestamp", "--timestamp"],
    ["correlation_id", "--correlation-id"],
    ["command", "--command"],
  ] as const
) {
  Deno.test(`buildEventLine() refuses ${flag} without a value`, () => {
    const run = { workflow_id: "r1", workflow_name: "x", status: "success", duration: "1" };
    const built = build("workflow_completed", { ...run, [name]: null });
    assert.equal(
      "problem" in built ? built.problem : built.line,
      `Cannot emit workflow_completed as ${flag} has no value: write one after it, or leave the flag out`,
    );
  });
}

for (
  const { name, type, fields, problem } of [
    {
      name: "an unknown type",
      type: "workflow_done",
      fields: {},
      problem: /"workflow_done" as it is no event type: use job_/,
    },
    { name: "a missing field", type: "worktree_pool_changed", fields: {}, problem: /--available is missing/ },
    {
      name: "a word for a number",
      type: "worktree_pool_changed",
      fields: { available: "many" },
      problem: /--available has a value/,
    },
    {
      name: "a quoted number",
      type: "worktree_pool_changed",
      fields: { available: '"4"' },
      problem: /--available has a value/,
    },
    {
      name: "a negative count",
      type: "worktree_pool_changed",
      fields: { available: "-1" },
      problem: /--available has a value/,
    },
    {
      name: "a misspelt field",
      type: "workflow_started",
      fields: { workflow_nam: "x" },
      problem: /no field workflow_nam: use .*--workflow-name/,
    },
    {
      name: "a status out of the set",
      type: "workflow_completed",
      fields: { workflow_id: "1", workflow_name: "x", status: "ok", duration: "1" },
      problem: /--status has a value/,
    },
    {
      name: "a time that is none",
      type: "worktree_pool_changed",
      fields: { available: "1", timestamp: "today" },
      problem: /--timestamp has a value/,
    },
    { name: "a name of Object's", type: "toString", fields: {}, problem: /no event type/ },
  ]
) {
  Deno.test(`buildEventLine() refuses ${name}, without repeating values`, () => {
    const built = build(type, fields);
    assert.match("problem" in built ? built.problem : built.line, problem);
  });
}

Deno.test("listEventFields() asks the decoder", () => {
  assert.deepEqual(listEventFields("workflow_started"), ["workflow_id", "workflow_name", "total_steps"]);
  assert.ok(eventTypes().includes("claude_token_usage"));
});

function build(type: string, fields: Readonly<Record<string, string | null>>): ReturnType<typeof buildEventLine> {
  return buildEventLine(type, new Map(Object.entries(fields)), DEPS);
}
