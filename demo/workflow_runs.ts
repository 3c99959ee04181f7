import type { SimulatedMessage } from "../tests/support/claude_documents.ts";
import { answer, between, happens, pick, type Stage } from "./stage.ts";

interface Step {
  readonly command: string;
  /** What it takes on the average. */
  readonly seconds: number;
}
interface Workflow {
  readonly name: string;
  readonly steps: readonly Step[];
  /** One run in so many fails at its last step. */
  readonly failsOneIn: number;
  readonly model: string;
}

const WORKFLOWS: readonly [Workflow, ...Workflow[]] = [
  {
    name: "fix-lint",
    steps: [
      { command: "claude: /lint", seconds: 45 },
      { command: "shell: cargo fmt", seconds: 2 },
      { command: "test: cargo test", seconds: 20 },
    ],
    failsOneIn: 6,
    model: "claude-sonnet-4-5-20250929",
  },
  {
    name: "nightly-build",
    steps: [
      { command: "shell: git pull", seconds: 4 },
      { command: "shell: cargo build --release", seconds: 60 },
      { command: "test: cargo test --workspace", seconds: 40 },
    ],
    failsOneIn: 3,
    model: "claude-haiku-4-5-20251001",
  },
  {
    name: "release-notes",
    steps: [
      { command: "shell: git log", seconds: 1 },
      { command: "claude: /changelog", seconds: 60 },
    ],
    failsOneIn: 12,
    model: "claude-opus-4-5-20251101",
  },
];
const REVIEW_SECONDS = 40;

/** Runs one workflow after the other, until `wait` rejects. */
export async function runWorkflows(stage: Stage): Promise<never> {
  for (;;) {
    await runWorkflow(stage, pick(stage, WORKFLOWS));
    await stage.wait(between(stage, 1, 30));
  }
}

async function runWorkflow(stage: Stage, workflow: Workflow): Promise<void> {
  const { prodigy } = stage;
  const run = prodigy.startWorkflow({ name: workflow.name, totalSteps: workflow.steps.length });
  const fails = happens(stage, workflow.failsOneIn);
  for (const [index, step] of workflow.steps.entries()) {
    if (happens(stage, 20)) {
      await stage.wait(between(stage, 1, 10));
      prodigy.interrupt(run);
      await stage.wait(between(stage, 30, 90));
      prodigy.resume(run);
    }
    const durationSeconds = await takeStep(stage, { run, step, model: workflow.model });
    if (fails && index === workflow.steps.length - 1) {
      prodigy.failStep(run, { command: step.command });
      return;
    }
    prodigy.completeStep(run, { command: step.command, durationSeconds });
  }
  await stage.wait(2);
  prodigy.finish(run);
  await stage.wait(5);
  prodigy.merge(run, { cleanup: true });
}

/** @returns what it took, in seconds as the exporter sees them. */
async function takeStep(
  stage: Stage,
  { run, step, model }: { readonly run: string; readonly step: Step; readonly model: string },
): Promise<number> {
  const startedMs = performance.now();
  const seconds = step.seconds * between(stage, 0.5, 1.5);
  if (step.command.startsWith("claude:")) {
    await askClaude(stage, { cwd: stage.prodigy.worktreeOf(run), seconds, model });
  } else await stage.wait(seconds);
  return (performance.now() - startedMs) / 1000;
}

/** Its transcript grows while it works; Prodigy saves the stream when it is done. */
async function askClaude(
  stage: Stage,
  call: { readonly cwd: string; readonly seconds: number; readonly model: string },
): Promise<void> {
  const { prodigy } = stage;
  const session = { cwd: call.cwd, sessionId: crypto.randomUUID() };
  const messages: SimulatedMessage[] = [];
  const count = 2 + Math.floor(stage.random() * 4);
  for (let turn = 0; turn < count; turn++) {
    await stage.wait(call.seconds / count);
    const message = answer(stage, call.model);
    messages.push(message);
    prodigy.transcriptLine({ ...session, message });
    if (happens(stage, 25)) prodigy.transcriptLine({ ...session, errorType: "overloaded" });
  }
  const isError = happens(stage, 10);
  const costUsd = Math.round(between(stage, 0.01, 0.04) * messages.length * 1e4) / 1e4;
  const result = { subtype: isError ? "error_max_turns" : "success", isError, costUsd };
  prodigy.claudeStream({ ...session, messages, result });
}

/**
 * A workflow that says by hooks what Prodigy's files do not tell: validations, and steps that failed, ran their
 * on_failure handler and went on.
 */
export async function runHookedWorkflows(stage: Stage): Promise<never> {
  for (let number = 1;; number++) {
    const workflow = { workflow_id: `hooked-${number}`, workflow_name: "review" };
    const startedMs = performance.now();
    stage.tell({ event_type: "workflow_started", ...workflow, total_steps: 1 });
    await stage.wait(REVIEW_SECONDS * between(stage, 0.5, 1.5));
    const duration = (performance.now() - startedMs) / 1000;
    stage.tell({
      event_type: "step_completed",
      ...workflow,
      step_index: 0,
      step_type: "test",
      status: "success",
      duration,
      on_failure_recovered: happens(stage, 3),
      validation: happens(stage, 4) ? "failed" : "passed",
    });
    stage.tell({ event_type: "workflow_completed", ...workflow, status: "success", duration, total_steps: 1 });
    await stage.wait(between(stage, 5, 30));
  }
}
