import { stepExecutionId } from "./identity.ts";

export interface StepRow {
  readonly id: string;
  readonly workflowExecutionId: string;
  readonly stepIndex: number;
  readonly executionNumber: number;
  readonly stepType: string;
  readonly command: string | null;
  readonly startedMicros: number;
  readonly isStartKnown: boolean;
  readonly completedMicros: number | null;
  readonly status: string;
  readonly durationMs: number | null;
  readonly isRecovered: boolean | null;
  readonly errorMessage: string | null;
  readonly instance: string;
}

/** What one event says of one execution of a step. */
export interface StepNews {
  readonly atMicros: number;
  readonly stepType: string;
  readonly command: string | null;
  /** `null` when it starts. */
  readonly end: StepEnd | null;
}
export type StepEnd = Pick<StepRow, "status" | "durationMs" | "isRecovered" | "errorMessage">;

export interface StepPlace {
  readonly workflowId: string;
  readonly workflowExecutionId: string;
  readonly stepIndex: number;
  readonly instance: string;
}

/** Start and end of one execution, as far as they are told. */
interface Execution {
  readonly stepType: string;
  readonly startedMicros: number;
  readonly start: StepNews | null;
  readonly end: StepNews | null;
}

/** Clocks are rounded: a start may be told this much after the end of a short execution. */
const SLACK_MICROS = 50_000;

/**
 * All executions of a step in the order they began, from the rows there are and from `news`. A row that stays as it is
 * is the same object in the same place.
 *
 * Events do not number executions (iterations and resumes run a step again), so time tells which end belongs to which
 * start: of those that began before and have no earlier end, the one that its duration fits. All of it is found anew
 * whenever something is told, so the order in which it is told makes no difference, nor does hearing it twice. Only the
 * command and type of a start are no longer known once its row has those of an end; they go with the row.
 */
export function placeSteps(known: readonly StepRow[], news: readonly StepNews[], place: StepPlace): readonly StepRow[] {
  const rows = known.toSorted((a, b) => a.executionNumber - b.executionNumber);
  const starts = new Map<string, StepNews>();
  const ends = new Map<string, StepNews>();
  for (const told of [...rows.flatMap(newsOf), ...news]) {
    const facts = told.end === null ? starts : ends;
    const key = contentOf(told);
    if (!facts.has(key)) facts.set(key, told);
  }
  return executionsOf(inOrder(starts), inOrder(ends))
    .toSorted((a, b) => a.startedMicros - b.startedMicros || endOf(a) - endOf(b))
    .map((execution, index) => {
      const row = rows[index];
      const next = rowOf(execution, index + 1, place, row);
      return row !== undefined && isSame(row, next) ? row : next;
    });
}

/** What was told to make the row what it is. */
function newsOf(row: StepRow): readonly StepNews[] {
  const { stepType, command, startedMicros, isStartKnown, completedMicros } = row;
  return [
    ...isStartKnown ? [{ atMicros: startedMicros, stepType, command, end: null }] : [],
    ...completedMicros === null ? [] : [{ atMicros: completedMicros, stepType, command, end: row }],
  ];
}

/** Equal when it is told again. Of several executions that end at the same moment each is one, if they differ in this. */
function contentOf({ atMicros, end }: StepNews): string {
  return JSON.stringify([atMicros, end?.durationMs, end?.status, end?.isRecovered, end?.errorMessage]);
}

function inOrder(facts: ReadonlyMap<string, StepNews>): readonly StepNews[] {
  return [...facts]
    .toSorted(([key, a], [otherKey, b]) => a.atMicros - b.atMicros || (key < otherKey ? -1 : 1))
    .map(([, told]) => told);
}

function executionsOf(starts: readonly StepNews[], ends: readonly StepNews[]): readonly Execution[] {
  const executions: Execution[] = [];
  const open: StepNews[] = [];
  let begun = 0;
  for (const end of ends) {
    for (; begun < starts.length; begun++) {
      const start = starts[begun];
      if (start === undefined || start.atMicros > end.atMicros + SLACK_MICROS) break;
      open.push(start);
    }
    const start = startOf(end, open);
    if (start !== null) open.splice(open.indexOf(start), 1);
    const { stepType } = end;
    executions.push({ stepType, startedMicros: start?.atMicros ?? beganMicros(end), start, end });
  }
  for (const start of [...open, ...starts.slice(begun)]) {
    const { stepType, atMicros } = start;
    executions.push({ stepType, startedMicros: atMicros, start, end: null });
  }
  return executions;
}

/** By its duration; without one it began just now, so that the latest start is the nearest. */
function beganMicros({ atMicros, end }: StepNews): number {
  return atMicros - (end?.durationMs ?? 0) * 1000;
}

/** Of those that began before the end, or else by their clock a little after it, the one that its duration fits. */
function startOf(end: StepNews, open: readonly StepNews[]): StepNews | null {
  const began = beganMicros(end);
  const apartMicros = ({ atMicros }: StepNews): number => Math.abs(atMicros - began);
  const nearest = (starts: readonly StepNews[]): StepNews | null =>
    starts.reduce<StepNews | null>(
      (best, start) => best === null || apartMicros(start) < apartMicros(best) ? start : best,
      null,
    );
  const after = open.findIndex(({ atMicros }) => atMicros > end.atMicros);
  if (after === -1) return nearest(open);
  return nearest(open.slice(0, after)) ??
    nearest(open.slice(after).filter((start) => apartMicros(start) <= SLACK_MICROS));
}

function endOf({ end }: Execution): number {
  return end?.atMicros ?? Infinity;
}

/** @param known the row of that number, if there is one: making its id anew would cost more than all else */
function rowOf(
  { stepType, startedMicros, start, end }: Execution,
  executionNumber: number,
  { workflowId, workflowExecutionId, stepIndex, instance }: StepPlace,
  known: StepRow | undefined,
): StepRow {
  return {
    id: known?.id ?? stepExecutionId(workflowId, stepIndex, executionNumber),
    workflowExecutionId,
    stepIndex,
    executionNumber,
    stepType,
    command: end?.command ?? start?.command ?? null,
    startedMicros,
    isStartKnown: start !== null,
    completedMicros: end?.atMicros ?? null,
    status: end?.end?.status ?? "running",
    durationMs: end?.end?.durationMs ?? null,
    isRecovered: end?.end?.isRecovered ?? null,
    errorMessage: end?.end?.errorMessage ?? null,
    instance: known?.instance ?? instance,
  };
}

function isSame(row: StepRow, other: StepRow): boolean {
  return (Object.keys(other) as (keyof StepRow)[]).every((name) => row[name] === other[name]);
}
