import assert from "node:assert/strict";
import { chronoTime } from "../support/prodigy_writer.ts";
import { dlqItemJson } from "../support/prodigy_documents.ts";
import { runProgram, startProgram, valueIn } from "../support/program.ts";
import { RunSimulator } from "../support/run_simulator.ts";
import { createScratch } from "../support/scratch.ts";

/** Shapes of homes that the samples do not have. Each is made by hand below, and read after the fact. */
interface Shape {
  readonly name: string;
  readonly make: (prodigy: RunSimulator, clock: { nowMs: number }) => void;
  readonly expected: Readonly<Record<string, number>>;
}

const START_MS = Date.parse("2026-11-24T06:00:00Z");
const ended = (name: string, status: string): string =>
  `prodigy_workflow_executions_total{workflow_name="${name}",status="${status}"}`;
const seconds = (name: string): string => `prodigy_workflow_duration_seconds_sum{workflow_name="${name}"}`;
const active = (name: string): string => `prodigy_workflow_active{workflow_name="${name}"}`;
const steps = (name: string): string => `prodigy_workflow_steps_total{workflow_name="${name}"}`;
const CHECKPOINTS = "prodigy_checkpoints_created_total";
const SHELL = { command: "shell: x", durationSeconds: 2 };

const SHAPES: readonly Shape[] = [
  {
    name: "a run that was interrupted, resumed and completed: its worktree still says interrupted",
    make: (prodigy, clock) => {
      const run = prodigy.startWorkflow({ name: "w" });
      prodigy.completeStep(run, SHELL);
      clock.nowMs += 10_000;
      prodigy.interrupt(run);
      clock.nowMs += 60_000;
      prodigy.resume(run);
      clock.nowMs += 5_000;
      prodigy.completeStep(run, SHELL);
      prodigy.finish(run);
    },
    // The steps a resume runs are in no checkpoint, and its file stays as it was.
    expected: {
      [ended("w", "success")]: 1,
      [ended("w", "cancelled")]: 0,
      [seconds("w")]: 75,
      [steps("w")]: 1,
      [active("w")]: 0,
      [CHECKPOINTS]: 1,
    },
  },
  {
    name: "a run that was interrupted after it had been resumed",
    make: (prodigy, clock) => {
      const run = prodigy.startWorkflow({ name: "w" });
      prodigy.interrupt(run);
      clock.nowMs += 60_000;
      prodigy.resume(run);
    },
    expected: { [active("w")]: 1, [ended("w", "cancelled")]: 0 },
  },
  {
    name: "three iterations, with a checkpoint file each, the last of which fails",
    make: (prodigy, clock) => {
      const run = prodigy.startWorkflow({ name: "w" });
      for (let iteration = 0; iteration < 2; iteration++) {
        clock.nowMs += 10_000;
        prodigy.completeStep(run, SHELL);
        prodigy.nextIteration(run);
      }
      clock.nowMs += 10_000;
      prodigy.failStep(run, { command: "claude: /do", message: "Error: Claude command '/do' failed: exit 1" });
    },
    expected: {
      [steps("w")]: 3,
      'prodigy_step_executions_total{step_type="claude",status="failed"}': 1,
      'prodigy_step_executions_total{step_type="shell",status="success"}': 2,
      [CHECKPOINTS]: 2 + 2 + 1,
      [ended("w", "failed")]: 1,
      [seconds("w")]: 30,
    },
  },
  {
    name: "workflows without a name: array format, prodigy exec, prodigy batch",
    make: (prodigy) => {
      for (
        const [name, workflowPath] of [
          ["", "/home/dev/app/wf/array-style.yml"],
          ["", "/tmp/.tmpAbC123.yml"],
          ["batch-00000000-0000-4000-8000-000000000000", "/tmp/.tmpXyZ789.yml"],
        ] as const
      ) {
        const run = prodigy.startWorkflow({ name, workflowPath });
        prodigy.completeStep(run, SHELL);
        prodigy.finish(run);
      }
    },
    expected: {
      [ended("array-style", "success")]: 1,
      [ended("exec", "success")]: 1,
      [ended("batch", "success")]: 1,
    },
  },
  {
    name: "a paused session, and one that was cancelled",
    make: (prodigy) => {
      editSession(prodigy, prodigy.startWorkflow({ name: "p" }), { status: "Paused" });
      const cancelled = prodigy.startWorkflow({ name: "c" });
      editSession(prodigy, cancelled, { status: "Cancelled", completed_at: chronoTime(START_MS + 7_000) });
    },
    expected: { [active("p")]: 1, [active("c")]: 0, [ended("c", "cancelled")]: 1, [seconds("c")]: 7 },
  },
  {
    name: "a MapReduce session that fills mapreduce_data, without any directory for its job",
    make: (prodigy) => {
      const run = prodigy.startWorkflow({ name: "reviews" });
      const job = { job_id: "mapreduce-20261124_060000", total_items: 12, processed_items: 3, failed_items: 0 };
      editSession(prodigy, run, {
        session_type: "MapReduce",
        mapreduce_data: { ...job, agent_count: 2, phase: "Map", reduce_results: null },
      });
    },
    expected: {
      [active("reviews")]: 1,
      'prodigy_mapreduce_jobs_active{job_id="20261124_060000"}': 1,
      'prodigy_mapreduce_job_items{job_id="20261124_060000"}': 12,
    },
  },
  {
    name: "a MapReduce run that was killed: leftover agents, one of them in the DLQ",
    make: (prodigy) => {
      const { runId } = prodigy.startMapReduce();
      for (const index of [0, 1, 2]) prodigy.startAgent(runId, index);
      prodigy.agentFails(runId, 1, { errorType: { CommandFailed: { exit_code: 1 } } });
    },
    expected: {
      [active("mapreduce")]: 1,
      'prodigy_mapreduce_jobs_active{job_id="20261124_060000"}': 1,
      'prodigy_mapreduce_agents_active{job_id="20261124_060000"}': 2,
      'prodigy_mapreduce_worktrees_active{job_id="20261124_060000"}': 3,
      'prodigy_mapreduce_items_total{job_id="20261124_060000",status="failed"}': 1,
      'prodigy_mapreduce_dlq_items{job_id="20261124_060000"}': 1,
      'prodigy_mapreduce_item_failures_total{error_type="command_failed"}': 1,
    },
  },
  {
    name: "a MapReduce run that was interrupted",
    make: (prodigy, clock) => {
      const { runId } = prodigy.startMapReduce();
      prodigy.startAgent(runId, 0);
      clock.nowMs += 20_000;
      prodigy.interrupt(runId);
    },
    expected: {
      [ended("mapreduce", "cancelled")]: 1,
      [seconds("mapreduce")]: 20,
      'prodigy_mapreduce_jobs_total{status="failed"}': 1,
      'prodigy_mapreduce_jobs_active{job_id="20261124_060000"}': 0,
      'prodigy_mapreduce_agents_active{job_id="20261124_060000"}': 0,
      'prodigy_mapreduce_items_total{job_id="20261124_060000",status="success"}': 0,
    },
  },
  {
    name: "dead letter queues under repositories' names, in both layouts",
    make: (prodigy) => {
      const item = (path: string, id: string): void => {
        Deno.mkdirSync(`${prodigy.prodigyHome}/dlq/${path}`, { recursive: true });
        const json = JSON.stringify(dlqItemJson(id, "Timeout", 1, chronoTime(START_MS)));
        Deno.writeTextFileSync(`${prodigy.prodigyHome}/dlq/${path}/${id}.json`, json);
      };
      item("my-repo/job-flat/items", "item_0");
      item("my-repo/job-flat/items", "item_1");
      item("my-repo/job-nest/mapreduce/dlq/job-nest/items", "item_0");
      // Began in the same second as the first, in another repository.
      item("other-repo/job-flat/items", "item_0");
    },
    expected: {
      'prodigy_mapreduce_dlq_items{job_id="flat"}': 2,
      'prodigy_mapreduce_dlq_items{job_id="flat-5773"}': 1,
      'prodigy_mapreduce_items_total{job_id="flat",status="dlq"}': 2,
      'prodigy_mapreduce_dlq_items{job_id="nest"}': 1,
    },
  },
  {
    name: "streams without a result, and a transcript with sub-agents beside its stream",
    make: (prodigy) => {
      const run = prodigy.startWorkflow({ name: "w" });
      const cwd = prodigy.worktreeOf(run);
      const message = (id: string) => ({ id, usage: { inputTokens: 1_000, outputTokens: 100 } });
      prodigy.claudeStream({ cwd, messages: [message("m1")], result: null });
      const session = { cwd, sessionId: "s2" };
      prodigy.transcriptLine({ ...session, message: message("m2") });
      prodigy.transcriptLine({ ...session, subAgent: "1", message: message("m3") });
      // Its total covers the sub-agent, whose message the stream shows, too.
      const result = { subtype: "success", isError: false, costUsd: 0.05 };
      prodigy.claudeStream({ ...session, messages: [message("m2"), message("m3")], result });
      prodigy.finish(run);
    },
    expected: {
      'prodigy_claude_tokens_total{token_type="input"}': 3_000,
      'prodigy_claude_tokens_total{token_type="output"}': 300,
      // 1000 in at 3 and 100 out at 15 USD per million for the one without a result.
      'prodigy_claude_workflow_cost_usd_total{workflow_name="w"}': 0.0045 + 0.05,
      'prodigy_claude_sessions_total{status="success"}': 1,
    },
  },
  {
    name: "directories in sessions, as later Prodigys may make them, and checkpoints in another encoding",
    make: (prodigy) => {
      const run = prodigy.startWorkflow({ name: "w" });
      prodigy.completeStep(run, SHELL);
      prodigy.finish(run);
      const later = `${prodigy.prodigyHome}/sessions/${run}/history`;
      Deno.mkdirSync(later, { recursive: true });
      Deno.writeTextFileSync(`${prodigy.prodigyHome}/sessions/${run}/checkpoint.json`, '{"workflow_id":"w"}');
      Deno.writeTextFileSync(`${later}/checkpoint-20261124.json`, "{}");
      const checkpoints = `${prodigy.prodigyHome}/state/${run}/checkpoints`;
      Deno.writeFileSync(`${checkpoints}/w.checkpoint.json.zst`, new Uint8Array([0x28, 0xb5, 0x2f, 0xfd]));
    },
    expected: { [ended("w", "success")]: 1, [steps("w")]: 1, [CHECKPOINTS]: 2 },
  },
];

function editSession(prodigy: RunSimulator, run: string, fields: Readonly<Record<string, unknown>>): void {
  const path = `${prodigy.prodigyHome}/sessions/${run}.json`;
  const session = JSON.parse(Deno.readTextFileSync(path));
  Deno.writeTextFileSync(path, JSON.stringify({ ...session, ...fields }, null, 2));
}

function assertValues(exposition: string, expected: Readonly<Record<string, number>>): void {
  const seen = Object.fromEntries(
    Object.keys(expected).map((series) => [series, Math.round((valueIn(exposition, series) ?? NaN) * 1e9) / 1e9]),
  );
  assert.deepEqual(seen, expected);
}

for (const { name, make, expected } of SHAPES) {
  Deno.test(`once and start read ${name}`, async () => {
    using scratch = createScratch();
    const clock = { nowMs: START_MS };
    make(new RunSimulator({ homeDirectory: scratch.path, clock, stampsFiles: false }), clock);
    const { code, stdout, stderr } = await runProgram({ home: scratch.path }, "once");
    assert.equal(code, 0, stderr);
    assertValues(stdout, expected);
    await using program = await startProgram({ home: scratch.path });
    assertValues(await program.metrics(), expected);
  });
}
