import type { EventRecord } from "../event/record.ts";
import type { ChangedFiles } from "./changed_files.ts";
import { asFields, countField, durationField, listField, stringField } from "./json_fields.ts";
import { clampDuration, stateRecord } from "./state_record.ts";
import { isLater, secondsBetween, timeSeconds } from "./times.ts";
import { nameOfWorkflowPath } from "./workflow_name.ts";

export interface CompletedStep {
  readonly stepIndex: number;
  readonly stepType: string;
  readonly durationSeconds: number | null;
  /** `null` when the file does not tell. */
  readonly completedAt: string | null;
}
export interface FailedStep {
  readonly stepIndex: number;
  readonly stepType: string;
  readonly failedAt: string | null;
}
/**
 * What a checkpoint file tells. Nothing else of it is kept: it holds outputs, messages and the whole environment.
 */
export interface CheckpointFacts {
  readonly workflowName: string | null;
  readonly isFinal: boolean;
  readonly completed: readonly CompletedStep[];
  readonly failed: FailedStep | null;
}

/** What was told of one checkpoint file. */
export interface CheckpointMemory {
  /** Unix seconds of the last completion told, by step index; `UNTIMED` for one told without its time. */
  readonly steps: Readonly<Record<string, number>>;
  readonly failedAtSeconds: number | null;
  readonly isFinal: boolean;
}

export const NO_CHECKPOINT: CheckpointMemory = { steps: {}, failedAtSeconds: null, isFinal: false };

const UNTIMED = 0;

/** Rust's clock and float rounding; executions of one step cannot overlap by more. */
const OVERLAP_SECONDS = 0.01;

const PREFIX_TYPES: readonly (readonly [prefix: string, stepType: string])[] = [
  ["claude:", "claude"],
  ["shell:", "shell"],
  ["test:", "test"],
  ["handler:", "handler"],
  ["write_file:", "write_file"],
  ["foreach:", "foreach"],
  ["unnamed step", "foreach"],
  // The oldest form of a step, a bare slash command, is Claude's.
  ["/", "claude"],
];

/** The closed set of step types, from how Prodigy displays the command. */
export function stepTypeOf(command: string): string {
  return PREFIX_TYPES.find(([prefix]) => command.startsWith(prefix))?.[1] ?? "other";
}

/** `Step 'shell: exit 3' failed with …` or `Error: Claude command '/do' failed: …`. */
export function failedStepTypeOf(message: string): string {
  const step = /^(?:Error: )*Step '(.{0,16})/s.exec(message)?.[1];
  if (step !== undefined) return stepTypeOf(step);
  return /^(?:Error: )*Claude command '/.test(message) ? "claude" : "other";
}

/** `null` when it is not a checkpoint as Prodigy writes them. */
export function parseCheckpoint(json: unknown): CheckpointFacts | null {
  const checkpoint = asFields(json);
  const execution = checkpoint === null ? null : asFields(checkpoint["execution_state"]);
  if (checkpoint === null || execution === null) return null;
  const status = stringField(execution, "status");
  const variables = asFields(checkpoint["variable_state"]) ?? {};
  const completed = parseCompletedSteps(listField(checkpoint, "completed_steps"));
  return {
    workflowName: nameOfWorkflowPath(stringField(checkpoint, "workflow_path")),
    isFinal: status !== "Running" && status !== "Paused",
    completed,
    // The variables of a failure stay in the file when a resumed run goes on.
    failed: status === "Failed" ? parseFailedStep(variables, indexAfter(completed)) : null,
  };
}

function parseCompletedSteps(list: readonly unknown[]): readonly CompletedStep[] {
  const steps: CompletedStep[] = [];
  for (const json of list) {
    const step = parseCompletedStep(json, indexAfter(steps));
    if (step !== null) steps.push(step);
  }
  return steps;
}

/** Steps are listed in their order. */
function indexAfter(steps: readonly CompletedStep[]): number {
  return (steps.at(-1)?.stepIndex ?? -1) + 1;
}

/** `null` for an entry that tells neither its command nor both its place and its time: that is no step. */
function parseCompletedStep(json: unknown, nextIndex: number): CompletedStep | null {
  const step = asFields(json);
  if (step === null) return null;
  const stepIndex = countField(step, "step_index");
  const written = stringField(step, "completed_at");
  const completedAt = timeSeconds(written) === null ? null : written;
  const command = stringField(step, "command");
  if (command === null && (stepIndex === null || completedAt === null)) return null;
  return {
    stepIndex: stepIndex ?? nextIndex,
    stepType: stepTypeOf(command ?? ""),
    durationSeconds: durationField(step, "duration"),
    completedAt,
  };
}

/** The status says that a step failed; it is the one after those that did not, unless the variables say which. */
function parseFailedStep(variables: Readonly<Record<string, unknown>>, nextIndex: number): FailedStep {
  const written = variables["__failed_step_index"];
  // Variables of some versions are strings.
  const stepIndex = typeof written === "string" && /^\d{1,6}$/.test(written)
    ? Number(written)
    : countField(variables, "__failed_step_index");
  const failedAt = stringField(variables, "__error_timestamp");
  return {
    stepIndex: stepIndex ?? nextIndex,
    stepType: failedStepTypeOf(stringField(variables, "__error_message") ?? ""),
    failedAt,
  };
}

export interface CheckpointContext {
  readonly runId: string;
  readonly workflowName: string;
  /** When this execution of the run began; a failed first step took from then on. */
  readonly beganAt: string | null;
  /** What happened up to then is not told (Unix seconds). */
  readonly baselineSeconds: number | null;
  /** All checkpoint files of the run as told so far. */
  readonly told: Readonly<Record<string, CheckpointMemory>>;
}

export interface CheckpointChange {
  readonly memory: CheckpointMemory;
  readonly records: readonly EventRecord[];
  readonly failures: number;
}

/** What the file tells that `memory` did not. */
export function diffCheckpoint(
  memory: CheckpointMemory,
  facts: CheckpointFacts,
  context: CheckpointContext,
): CheckpointChange {
  const records: EventRecord[] = [];
  const steps: Record<string, number> = { ...memory.steps };
  const envelope = (timestamp: string | null, durationClamped = false) => ({
    runId: context.runId,
    timestamp,
    durationClamped,
  });
  // Of a run with a past, what has no time may have been told then: not twice.
  const isPast = (seconds: number | null): boolean =>
    context.baselineSeconds !== null && (seconds === null || seconds <= context.baselineSeconds);

  for (const step of facts.completed) {
    const seconds = timeSeconds(step.completedAt);
    const told = steps[step.stepIndex];
    if (told === UNTIMED && seconds !== null) steps[step.stepIndex] = seconds;
    if (!isNewExecution(step, seconds, told)) continue;
    const isCopy = seconds !== null &&
      Object.values(context.told).some((other) => other.steps[step.stepIndex] === seconds);
    steps[step.stepIndex] = seconds ?? UNTIMED;
    if (isCopy || isPast(seconds)) continue;
    const { durationSeconds, durationClamped } = clampDuration(step.durationSeconds);
    records.push(
      stateRecord({
        type: "step_completed",
        workflowId: context.runId,
        workflowName: context.workflowName,
        stepIndex: step.stepIndex,
        stepType: step.stepType,
        status: "success",
        durationSeconds,
        onFailureRecovered: false,
        validation: null,
      }, envelope(step.completedAt, durationClamped)),
      stateRecord({ type: "checkpoint_created", jobId: null }, envelope(step.completedAt)),
    );
  }

  let { failedAtSeconds } = memory;
  let failures = 0;
  const failed = facts.failed;
  // A failure without a time is told once per file.
  const seconds = failed === null ? null : timeSeconds(failed.failedAt) ?? 0;
  if (failed !== null && seconds !== failedAtSeconds) {
    failedAtSeconds = seconds;
    if (!isPast(timeSeconds(failed.failedAt))) {
      failures = 1;
      const startedAt = failedStepStart(facts.completed, failed, context);
      const { durationSeconds, durationClamped } = clampDuration(secondsBetween(startedAt, failed.failedAt));
      records.push(
        stateRecord({
          type: "step_completed",
          workflowId: context.runId,
          workflowName: context.workflowName,
          stepIndex: failed.stepIndex,
          stepType: failed.stepType,
          status: "failed",
          durationSeconds,
          onFailureRecovered: false,
          validation: null,
        }, envelope(failed.failedAt, durationClamped)),
      );
    }
  }

  const last = facts.completed.at(-1)?.completedAt ?? null;
  const isPastFinal = isPast(timeSeconds(failed?.failedAt ?? last));
  // News in a file that was final before: a resumed run that went on and ended between two looks.
  if (facts.isFinal && (!memory.isFinal || records.length > 0) && !isPastFinal) {
    records.push(stateRecord({ type: "checkpoint_created", jobId: null }, envelope(failed?.failedAt ?? last)));
  }
  return { memory: { steps, failedAtSeconds, isFinal: facts.isFinal }, records, failures };
}

/**
 * A file that is written again with a step's time touched up is no new execution: two of them cannot overlap. A step
 * without a time is told once per file.
 */
function isNewExecution(step: CompletedStep, seconds: number | null, toldSeconds: number | undefined): boolean {
  if (toldSeconds === undefined) return true;
  if (seconds === null || toldSeconds === UNTIMED) return false;
  return seconds > toldSeconds && seconds - (step.durationSeconds ?? 0) >= toldSeconds - OVERLAP_SECONDS;
}

/** The step before it ended then, be it in this file or (a new iteration) in another; else the run began then. */
function failedStepStart(
  completed: readonly CompletedStep[],
  failed: FailedStep,
  context: CheckpointContext,
): string | null {
  const failedSeconds = timeSeconds(failed.failedAt) ?? Infinity;
  const others = Object.values(context.told).flatMap((other) => Object.values(other.steps))
    .filter((seconds) => seconds !== UNTIMED && seconds <= failedSeconds)
    .map((seconds) => new Date(seconds * 1000).toISOString());
  let start = context.beganAt;
  for (const at of [...completed.map((step) => step.completedAt), ...others]) {
    if (isLater(at, start) && !isLater(at, failed.failedAt)) start = at;
  }
  return start;
}

const SUFFIX = ".checkpoint.json";

/**
 * Reads the run's changed checkpoint files into `known`.
 *
 * @param directory `state/<session>/checkpoints`
 * @returns Unix milliseconds of the newest write, 0 when there is none.
 */
export function readCheckpoints(
  files: ChangedFiles,
  directory: string,
  known: Map<string, CheckpointFacts>,
  nowMs: number,
): number {
  const listing = files.list(directory);
  if (typeof listing === "string") return 0;
  let newestMs = 0;
  for (const name of listing.files) {
    if (!name.endsWith(SUFFIX)) continue;
    const reading = files.read(`${directory}/${name}`, nowMs, { force: !known.has(name) });
    if (reading.kind === "same" || reading.kind === "torn" || reading.kind === "read") {
      newestMs = Math.max(newestMs, reading.mtimeMs);
    }
    if (reading.kind !== "read") continue;
    const facts = parseCheckpoint(reading.json);
    if (facts !== null) known.set(name, facts);
  }
  return newestMs;
}
