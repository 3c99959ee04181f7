import type { DlqErrorType } from "../tests/support/prodigy_documents.ts";
import { answer, between, happens, pick, type Stage } from "./stage.ts";

const MODEL = "claude-sonnet-4-5-20250929";
const AGENTS_AT_A_TIME = 4;
const AGENT_SECONDS = 50;
const FAILURES: readonly [DlqErrorType, ...DlqErrorType[]] = [
  "Timeout",
  { CommandFailed: { exit_code: 101 } },
  "MergeConflict",
  "CommitValidationFailed",
];

/** Runs one MapReduce job after the other, until `wait` rejects. */
export async function runMapReduceJobs(stage: Stage): Promise<never> {
  for (;;) {
    await runJob(stage);
    await stage.wait(between(stage, 10, 60));
  }
}

async function runJob(stage: Stage): Promise<void> {
  const { prodigy } = stage;
  const { runId } = prodigy.startMapReduce();
  const items = 6 + Math.floor(stage.random() * 10);
  const failed: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items) {
      const index = next++;
      if (!await runAgent(stage, runId, index)) failed.push(index);
    }
  };
  await Promise.all(Array.from({ length: AGENTS_AT_A_TIME }, work));
  await stage.wait(5);
  prodigy.finishMapReduce(runId, { failed: failed.length > items / 4 });
  // Somebody looks into the dead letter queue later and takes an item out.
  await stage.wait(20);
  const [first] = failed;
  if (first !== undefined) prodigy.removeDlqItem(runId, first);
}

/** @returns whether it succeeded. */
async function runAgent(stage: Stage, runId: string, index: number): Promise<boolean> {
  const { prodigy } = stage;
  prodigy.startAgent(runId, index);
  const session = { cwd: prodigy.agentWorktreeOf(runId, index), sessionId: crypto.randomUUID() };
  const turns = 2 + Math.floor(stage.random() * 5);
  for (let turn = 0; turn < turns; turn++) {
    await stage.wait(AGENT_SECONDS / turns * between(stage, 0.3, 1.7));
    prodigy.transcriptLine({ ...session, message: answer(stage, MODEL) });
    if (happens(stage, 30)) prodigy.transcriptLine({ ...session, errorType: "rate_limit" });
    if (happens(stage, 8)) {
      prodigy.transcriptLine({ ...session, subAgent: `${turn}`, message: answer(stage, "claude-haiku-4-5-20251001") });
    }
  }
  const fails = happens(stage, 6);
  if (fails) prodigy.agentFails(runId, index, { errorType: pick(stage, FAILURES) });
  else prodigy.agentSucceeds(runId, index);
  return !fails;
}
