import assert from "node:assert/strict";
import {
  type CheckpointChange,
  type CheckpointFacts,
  diffCheckpoint,
  failedStepTypeOf,
  NO_CHECKPOINT,
  parseCheckpoint,
  stepTypeOf,
} from "../../../lib/prodigy/checkpoints.ts";
import { parseDlqItem } from "../../../lib/prodigy/dlq.ts";
import { durationField } from "../../../lib/prodigy/json_fields.ts";
import { canonicalJobId } from "../../../lib/prodigy/mapreduce_jobs.ts";
import { parseSession, runState } from "../../../lib/prodigy/sessions.ts";
import { clampDuration } from "../../../lib/prodigy/state_record.ts";
import { isLater, secondsBetween, timeSeconds } from "../../../lib/prodigy/times.ts";
import { nameOfWorkflowPath, workflowNameOf } from "../../../lib/prodigy/workflow_name.ts";
import { parseAgentName, parseWorktree } from "../../../lib/prodigy/worktrees.ts";
import { checkpointJson } from "../../support/prodigy_documents.ts";

function table<In, Out>(of: (input: In) => Out, rows: readonly (readonly [In, Out])[]): void {
  for (const [input, output] of rows) assert.deepEqual(of(input), output, JSON.stringify(input));
}

Deno.test("stepTypeOf() reads the type off the command's prefix", () => {
  table(stepTypeOf, [
    ["claude: /lint", "claude"],
    ["/lint", "claude"],
    ["shell: ls", "shell"],
    ["test: cargo test", "test"],
    ["handler: x", "handler"],
    ["write_file: a", "write_file"],
    ["unnamed step", "foreach"],
    ["", "other"],
    ["cargo build", "other"],
  ]);
});

Deno.test("failedStepTypeOf() reads the type off Prodigy's messages", () => {
  table(failedStepTypeOf, [
    ["Step 'shell: exit 3' failed with exit code 3", "shell"],
    ["Step 'test: x\ny' failed", "test"],
    ["Error: Claude command '/do FAIL' failed: x", "claude"],
    ["Step '/do' failed", "claude"],
    ["No command specified", "other"],
    ["", "other"],
  ]);
});

Deno.test("nameOfWorkflowPath() gives the stem, and exec for temporary files only", () => {
  table(nameOfWorkflowPath, [
    [null, null],
    ["", null],
    ["/home/dev/wf/fix-lint.yml", "fix-lint"],
    ["wf.prod.yaml", "wf.prod"],
    ["C:\\wf\\lint.yml", "lint"],
    ["/tmp/project/wf/std.yml", "std"],
    ["/tmp/std.yml", "std"],
    ["/tmp/.tmpAb12Cd.yml", "exec"],
    ["/var/folders/xy/T/.tmpAb12Cd.yml", "exec"],
    ["/var/folders/xy/T/tmpAb12Cd.yml", "exec"],
    ["/home/dev/wf/tmpreaper.yml", "tmpreaper"],
  ]);
});

Deno.test("workflowNameOf() takes the name that says most and keeps a known one", () => {
  const told = { sessionName: "", pathNames: [], isMapReduce: false, known: null };
  table(workflowNameOf, [
    [told, "unnamed"],
    [{ ...told, isMapReduce: true }, "mapreduce"],
    [{ ...told, isMapReduce: true, pathNames: [null, "map-it"] }, "map-it"],
    [{ ...told, sessionName: "w", pathNames: ["stem"] }, "w"],
    [{ ...told, sessionName: "batch-0f6fb0a2-57d5-4c3a-9a53-4e0ee3b3d1f7" }, "batch"],
    [{ ...told, pathNames: ["exec"] }, "exec"],
    [{ ...told, known: "stem" }, "stem"],
    [{ ...told, known: "mapreduce", pathNames: ["stem"] }, "stem"],
    [{ ...told, known: "unnamed", isMapReduce: true }, "mapreduce"],
    [{ ...told, known: "stem", sessionName: "w" }, "stem"],
    [{ ...told, known: "unnamed", sessionName: "w" }, "w"],
  ]);
});

Deno.test("workflowNameOf() takes the session's name first, also one that stands for having none", () => {
  const told = { pathNames: ["deploy"], isMapReduce: false };
  table(
    workflowNameOf,
    ["exec", "mapreduce", "unnamed"].flatMap((name) =>
      [null, "unnamed", name].map((known) => [{ ...told, sessionName: name, known }, name] as const)
    ),
  );
});

Deno.test("runState() takes a Running session for cancelled while its interruption is the last that happened", () => {
  const session = (status: string, updatedAt: string) => {
    const facts = parseSession({ id: "x", status, started_at: "2026-11-24T08:00:00Z", updated_at: updatedAt });
    assert.ok(facts !== null);
    return facts;
  };
  const at = "2026-11-24T08:00:10.5Z";
  const before = "2026-11-24T08:00:10.123456789Z";
  const after = "2026-11-24T08:00:10.500000001Z";
  assert.deepEqual(runState(session("Running", before), null), { status: "active", endedAt: null });
  assert.deepEqual(runState(session("Running", before), at), { status: "cancelled", endedAt: at });
  assert.deepEqual(runState(session("Running", "2026-11-24T08:00:11Z"), at), { status: "active", endedAt: null });
  assert.deepEqual(runState(session("Paused", after), at), { status: "cancelled", endedAt: at });
  assert.deepEqual(runState(session("Paused", after), null), { status: "active", endedAt: null });
  assert.deepEqual(runState(session("Completed", after), at), { status: "success", endedAt: after });
  assert.deepEqual(runState(session("Failed", after), at), { status: "failed", endedAt: after });
});

Deno.test("parseSession() refuses what is no session", () => {
  for (
    const json of [null, 1, [], {}, { id: "x" }, { id: "x", status: "Dancing", started_at: "2026-11-24T08:00:00Z" }, {
      id: "x",
      status: "constructor",
      started_at: "2026-11-24T08:00:00Z",
    }]
  ) {
    assert.equal(parseSession(json), null);
  }
});

Deno.test("parseDlqItem() maps error types to a closed set", () => {
  const item = (errorType: unknown) =>
    parseDlqItem({ item_id: "item_1", failure_count: 2, failure_history: [{ error_type: errorType }] })?.errorType;
  table(item, [
    ["Timeout", "timeout"],
    [{ CommandFailed: { exit_code: 1 } }, "command_failed"],
    ["CommitValidationFailed", "commit_validation_failed"],
    ["WorktreeError", "worktree_error"],
    ["MergeConflict", "merge_conflict"],
    ["ValidationFailed", "validation_failed"],
    ["ResourceExhausted", "resource_exhausted"],
    ["Unknown", "unknown"],
    ["NewOne", "unknown"],
    [{ "secret text": 1 }, "unknown"],
    ["constructor", "unknown"],
    [{ toString: 1 }, "unknown"],
    [null, "unknown"],
  ]);
  assert.equal(parseDlqItem({}), null);
});

Deno.test("parseAgentName() finds job, agent and item in a worktree's name", () => {
  table(parseAgentName, [
    ["mapreduce-agent-mapreduce-20261124_090000_agent_12", {
      jobId: "mapreduce-20261124_090000",
      agentId: "mapreduce-20261124_090000_agent_12",
      itemId: "item_12",
    }],
    ["workflow-1795507800000", null],
    ["mapreduce-agent-x", null],
  ]);
});

Deno.test("parseWorktree() tells an interruption only of an interrupted one", () => {
  const interrupted_at = "2026-11-24T08:13:29Z";
  assert.equal(parseWorktree({ status: "interrupted", interrupted_at })?.interruptedAt, interrupted_at);
  assert.equal(parseWorktree({ status: "in_progress", interrupted_at })?.interruptedAt, null);
  assert.equal(parseWorktree({ status: "interrupted", updated_at: interrupted_at })?.interruptedAt, interrupted_at);
  assert.equal(parseWorktree({}), null);
});

Deno.test("canonicalJobId() takes ids one second apart for one job, across a minute too", () => {
  const known = ["mapreduce-20261124_085959", "mapreduce-20261124_100000"];
  table((id: string) => canonicalJobId(id, known), [
    ["mapreduce-20261124_085959", "mapreduce-20261124_085959"],
    ["mapreduce-20261124_090000", "mapreduce-20261124_085959"],
    ["mapreduce-20261124_090001", "mapreduce-20261124_090001"],
    ["custom", "custom"],
  ]);
});

Deno.test("durationField() reads all forms of Rust's durations", () => {
  table((value: unknown) => durationField({ value }, "value"), [
    [{ secs: 1, nanos: 500_000_000 }, 1.5],
    [[-2, 500_000_000], -1.5],
    [2.5, 2.5],
    ["1s", null],
    [{ secs: 1 }, 1],
    [{ secs: 1, nanos: null }, null],
    [{ secs: 1e18, nanos: 0 }, null],
    [[1e10, 0], null],
    [1e12, null],
    [null, null],
  ]);
});

Deno.test("clampDuration() gives 0 for a small step back and nothing for what cannot be", () => {
  table(clampDuration, [
    [null, { durationSeconds: null, durationClamped: false }],
    [5, { durationSeconds: 5, durationClamped: false }],
    [-5, { durationSeconds: 0, durationClamped: true }],
    [1e10, { durationSeconds: null, durationClamped: false }],
    [-1e10, { durationSeconds: null, durationClamped: false }],
  ]);
});

Deno.test("secondsBetween() is exact to the nanosecond and across zones", () => {
  assert.equal(secondsBetween("2026-11-24T08:00:00.000000001Z", "2026-11-24T08:00:01.000000002Z"), 1 + 1e-9);
  assert.equal(secondsBetween("2026-11-24T08:00:00Z", "2026-11-24T09:00:00.5+01:00"), 0.5);
  assert.equal(secondsBetween("2026-11-24T08:00:01Z", "2026-11-24T08:00:00Z"), -1);
  assert.equal(secondsBetween("2026-11-24", "2026-11-24T08:00:00Z"), null);
  assert.equal(timeSeconds("2026-13-45T08:00:00Z"), null);
  assert.equal(isLater("2026-11-24T08:00:00.5Z", "2026-11-24T08:00:00.4999Z"), true);
  assert.equal(isLater(null, null), false);
});

Deno.test("diffCheckpoint() counts a step again only when it was executed again", () => {
  const facts = (completedAt: string, durationSeconds: number) => {
    const step = { stepIndex: 0, command: "shell: x", durationSeconds, completedAt };
    const checkpoint = {
      workflowId: "w",
      workflowPath: "w.yml",
      totalSteps: 1,
      status: "Running",
      steps: [step],
    } as const;
    const parsed = parseCheckpoint(checkpointJson({ ...checkpoint, steps: [step], failure: null }, completedAt));
    assert.ok(parsed !== null);
    return parsed;
  };
  const context = { runId: "r", workflowName: "w", beganAt: null, baselineSeconds: null, told: {} };
  const first = diffCheckpoint(NO_CHECKPOINT, facts("2026-11-24T08:00:10Z", 5), context);
  assert.equal(first.records.length, 2);
  const touched = diffCheckpoint(first.memory, facts("2026-11-24T08:00:10.2Z", 5), context);
  assert.equal(touched.records.length, 0, "two executions of 5 s cannot end 0.2 s apart");
  const again = diffCheckpoint(first.memory, facts("2026-11-24T08:00:20Z", 5), context);
  assert.equal(again.records.length, 2);
  const copy = diffCheckpoint(NO_CHECKPOINT, facts("2026-11-24T08:00:10Z", 5), {
    ...context,
    told: { a: first.memory },
  });
  assert.equal(copy.records.length, 0, "a resumed run may copy its steps to a new file");
});

const CHECKPOINT_CONTEXT = { runId: "r", workflowName: "w", beganAt: null, baselineSeconds: null, told: {} };

/** What the steps of a checkpoint tell: index, type, status and time of each. */
function stepsTold(change: CheckpointChange): readonly string[] {
  return change.records.flatMap(({ event, timestamp }) =>
    event.type === "step_completed" ? [`${event.stepIndex} ${event.stepType} ${event.status} ${timestamp}`] : []
  );
}

function checkpointOf(status: string, steps: readonly unknown[], variables: object = {}): CheckpointFacts {
  const facts = parseCheckpoint({ execution_state: { status }, completed_steps: steps, variable_state: variables });
  assert.ok(facts !== null);
  return facts;
}

Deno.test("diffCheckpoint() tells a step without a place or a time once per file", () => {
  const at = "2026-11-24T08:00:10Z";
  const later = "2026-11-24T08:00:30Z";
  const steps = [
    { command: "shell: a", duration: { secs: 1, nanos: 0 }, completed_at: at },
    { step_index: 1, command: "claude: /b", completed_at: null },
    { command: "shell: c" },
    { success: true },
  ];
  const first = diffCheckpoint(NO_CHECKPOINT, checkpointOf("Running", steps), CHECKPOINT_CONTEXT);
  assert.deepEqual(stepsTold(first), [`0 shell success ${at}`, "1 claude success null", "2 shell success null"]);
  const again = diffCheckpoint(first.memory, checkpointOf("Running", steps), CHECKPOINT_CONTEXT);
  assert.deepEqual(again.records, []);
  const timed = checkpointOf("Running", steps.map((step) => ({ ...step, completed_at: later })));
  const executed = diffCheckpoint(first.memory, timed, CHECKPOINT_CONTEXT);
  assert.deepEqual(stepsTold(executed), [`0 shell success ${later}`], "the others only got their time");
});

Deno.test("diffCheckpoint() tells nothing without a time of a run that was too old when first met", () => {
  const facts = checkpointOf("Failed", [{ command: "shell: a" }]);
  const { records } = diffCheckpoint(NO_CHECKPOINT, facts, { ...CHECKPOINT_CONTEXT, baselineSeconds: 1 });
  assert.deepEqual(records, [], "it may have been told before");
});

Deno.test("diffCheckpoint() tells the failed step of a Failed checkpoint that does not say which it was", () => {
  const steps = [{ step_index: 4, command: "shell: a", completed_at: "2026-11-24T08:00:10Z" }];
  const message = { __error_message: "Step 'claude: /b' failed with exit code 3" };
  const told = diffCheckpoint(NO_CHECKPOINT, checkpointOf("Failed", steps, message), CHECKPOINT_CONTEXT);
  assert.deepEqual(stepsTold(told), ["4 shell success 2026-11-24T08:00:10Z", "5 claude failed null"]);
  assert.equal(told.failures, 1);
  assert.deepEqual(diffCheckpoint(told.memory, checkpointOf("Failed", steps, message), CHECKPOINT_CONTEXT).records, []);
  const bare = diffCheckpoint(NO_CHECKPOINT, checkpointOf("Failed", []), CHECKPOINT_CONTEXT);
  assert.deepEqual(stepsTold(bare), ["0 other failed null"]);
  for (const status of ["Running", "Interrupted", "Completed"]) {
    assert.equal(checkpointOf(status, steps, message).failed, null);
  }
});
