/** From start to end of a run, job or agent, as far as events have told. */
export interface Life {
  startedMicros: number;
  /** Told by an event, not inferred from other events' times. */
  isStartKnown: boolean;
  completedMicros: number | null;
  status: string;
  durationMs: number | null;
  /** Time of the event that decided `status`; `null` while none did. */
  statusMicros: number | null;
}

/*
 * Events arrive in any order and more than once. Each change below is such that the order does not matter in the end:
 * the earliest told start wins, and the status of the latest event.
 */

/** @returns whether the life changed, as all of these. */
export function tellStart(life: Life, atMicros: number): boolean {
  if (life.isStartKnown && life.startedMicros <= atMicros) return false;
  life.startedMicros = atMicros;
  life.isStartKnown = true;
  return true;
}

/** Something happened then, so it began no later. */
export function inferStart(life: Life, atMicros: number): boolean {
  if (life.isStartKnown || life.startedMicros <= atMicros) return false;
  life.startedMicros = atMicros;
  return true;
}

/** It goes on: started, paused, resumed. */
export function tellStatus(life: Life, atMicros: number, status: string): boolean {
  if (!isLater(life, atMicros, false, null)) return false;
  decide(life, atMicros, status);
  return true;
}

/** Nothing more was heard of it from then on. A start of the same time came before, an end of the same time says better. */
export function tellAbandoned(life: Life, atMicros: number): boolean {
  if (!isLater(life, atMicros, true, null)) return false;
  decide(life, atMicros, "abandoned");
  return true;
}

/** @returns `decided`: this is the end now; `start_only`: another is, but it told of an earlier start. */
export function tellEnd(
  life: Life,
  atMicros: number,
  status: string,
  durationMs: number | null,
): "decided" | "start_only" | "ignored" {
  const isInferred = inferStart(life, atMicros - (durationMs ?? 0) * 1000);
  if (!isLater(life, atMicros, true, durationMs)) return isInferred ? "start_only" : "ignored";
  Object.assign(life, { status, statusMicros: atMicros, completedMicros: atMicros, durationMs });
  return "decided";
}

/** Without an end. */
function decide(life: Life, atMicros: number, status: string): void {
  Object.assign(life, { status, statusMicros: atMicros, completedMicros: null, durationMs: null });
}

/** Of two events at the same microsecond an end counts as the later one, of two ends the longer. */
function isLater(life: Life, atMicros: number, isEnd: boolean, durationMs: number | null): boolean {
  if (life.statusMicros === null || atMicros > life.statusMicros) return true;
  if (atMicros < life.statusMicros || !isEnd) return false;
  return life.completedMicros === null || (durationMs ?? -1) > (life.durationMs ?? -1);
}

/** Whole milliseconds, as the duration columns hold them. */
export function millis(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000);
}
