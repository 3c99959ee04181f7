import { stepExecutionId } from "./identity.ts";
import type { StepRow } from "./rows.ts";

/** What one event says of one execution of a step. */
export interface StepNews {
  readonly atMicros: number;
  readonly stepType: string;
  readonly command: string | null;
  /** `null` when it starts. */
  readonly end: StepEnd | null;
}
export interface StepEnd {
  readonly status: string;
  readonly durationMs: number | null;
  readonly isRecovered: boolean;
  readonly errorMessage: string | null;
}
export interface StepPlace {
  readonly workflowId: string;
  readonly workflowExecutionId: string;
  readonly stepIndex: number;
  readonly instance: string;
}

/** Clocks are rounded: a start may be told this much before or after what the end and its duration say. */
const SLACK_MICROS = 50_000;

/**
 * Finds the execution that `news` is about among all executions of the step, or adds one, and changes it.
 *
 * Events do not number executions (iterations and resumes run a step again), so time tells which is meant: an end
 * belongs to the execution that had begun and not ended, of several to the one whose start fits its duration; a start to the execution that ended without a known
 * start and lasted over that time; and what is told twice changes nothing.
 *
 * @returns the changed row, `null` when there was nothing new
 */
export function placeStep(steps: StepRow[], news: StepNews, place: StepPlace): StepRow | null {
  return news.end === null ? placeStart(steps, news, place) : placeEnd(steps, news, news.end, place);
}

function placeStart(steps: StepRow[], news: StepNews, place: StepPlace): StepRow | null {
  const { atMicros } = news;
  if (steps.some((step) => step.isStartKnown && step.startedMicros === atMicros)) return null;
  const ended = steps.find((step) =>
    !step.isStartKnown && step.completedMicros !== null && atMicros <= step.completedMicros &&
    atMicros >= step.startedMicros - SLACK_MICROS
  );
  if (ended === undefined) return add(steps, news, place, { startedMicros: atMicros, isStartKnown: true });
  ended.startedMicros = atMicros;
  ended.isStartKnown = true;
  ended.command ??= news.command;
  return ended;
}

function placeEnd(steps: StepRow[], news: StepNews, end: StepEnd, place: StepPlace): StepRow | null {
  const { atMicros } = news;
  if (steps.some((step) => step.completedMicros === atMicros)) return null;
  const beganMicros = end.durationMs === null ? Infinity : atMicros - end.durationMs * 1000;
  const open = steps
    .filter((step) => step.completedMicros === null && step.startedMicros <= atMicros + SLACK_MICROS)
    .reduce<StepRow | null>((best, step) => best === null || isNearer(step, best, beganMicros) ? step : best, null);
  const step = open ?? add(steps, news, place, {
    startedMicros: atMicros - (end.durationMs ?? 0) * 1000,
    isStartKnown: false,
  });
  step.stepType = news.stepType;
  step.command = news.command ?? step.command;
  step.completedMicros = atMicros;
  step.status = end.status;
  step.durationMs = end.durationMs;
  step.isRecovered = end.isRecovered;
  step.errorMessage = end.errorMessage;
  return step;
}

/** Whether the step began nearer to what the duration says; without a duration the latest is the nearest. */
function isNearer(step: StepRow, other: StepRow, beganMicros: number): boolean {
  if (beganMicros === Infinity) return step.startedMicros > other.startedMicros;
  return Math.abs(step.startedMicros - beganMicros) < Math.abs(other.startedMicros - beganMicros);
}

function add(
  steps: StepRow[],
  { stepType, command }: StepNews,
  { workflowId, workflowExecutionId, stepIndex, instance }: StepPlace,
  start: Pick<StepRow, "startedMicros" | "isStartKnown">,
): StepRow {
  const executionNumber = steps.reduce((most, step) => Math.max(most, step.executionNumber), 0) + 1;
  const step: StepRow = {
    id: stepExecutionId(workflowId, stepIndex, executionNumber),
    workflowExecutionId,
    stepIndex,
    executionNumber,
    stepType,
    command,
    ...start,
    completedMicros: null,
    status: "running",
    durationMs: null,
    isRecovered: null,
    errorMessage: null,
    instance,
  };
  steps.push(step);
  return step;
}
