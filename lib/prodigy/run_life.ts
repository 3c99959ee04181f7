import type { WorkflowStatus } from "../event/event.ts";
import type { RunState, SessionFacts } from "./sessions.ts";
import { isLater, timeSeconds } from "./times.ts";

/** What was told of a run's own life. */
export interface LifeMemory {
  readonly phase: "unseen" | "active" | "ended" | "abandoned";
  readonly name: string | null;
  /** `started_at` of the session this life belongs to. */
  readonly startedAt: string | null;
  /** When the run was last started or resumed. */
  readonly beganAt: string | null;
  /** The last end told. */
  readonly endStatus: WorkflowStatus | null;
  readonly endedAt: string | null;
  /** Unix seconds of the newest activity told. */
  readonly activitySeconds: number;
  /** The session's `files_changed` when the run was last started; `null` when that is not known. */
  readonly filesChangedBefore: number | null;
  /** Failed steps since it was last started, `null` when no checkpoint tells. */
  readonly failedSteps: number | null;
}

export const UNSEEN_LIFE: LifeMemory = {
  phase: "unseen",
  name: null,
  startedAt: null,
  beganAt: null,
  endStatus: null,
  endedAt: null,
  activitySeconds: 0,
  filesChangedBefore: 0,
  failedSteps: null,
};

/** Of a run whose success was told long ago. */
export const COMPLETED_LIFE: LifeMemory = {
  ...UNSEEN_LIFE,
  phase: "ended",
  endStatus: "success",
  filesChangedBefore: null,
};

/**
 * A failed run's end is written several times within moments; one that moved by more was resumed and failed again
 * while nobody looked.
 */
const RESUMED_FAILURE_SECONDS = 30;

/** Whether the run is seen to start now: for the first time, or after it was resumed. */
export function beginsNow(
  life: LifeMemory,
  session: SessionFacts,
  state: RunState,
  activitySeconds: number,
): boolean {
  switch (life.phase) {
    case "unseen":
      return true;
    case "active":
      return false;
    case "abandoned":
      return state.status !== "active" || activitySeconds > life.activitySeconds;
    case "ended":
      return isResumed(life, session, state) || isOtherRun(life, session) || isNewEnd(life, state);
  }
}

/** What says that a run was interrupted goes with its worktree: its end holds until the session itself moves. */
function isResumed(life: LifeMemory, session: SessionFacts, state: RunState): boolean {
  if (state.status !== "active") return false;
  return life.endStatus !== "cancelled" || isLater(session.updatedAt, life.endedAt);
}

/** A file of the same id that began at another time. */
function isOtherRun(life: LifeMemory, session: SessionFacts): boolean {
  return life.startedAt !== null && session.startedAt !== life.startedAt;
}

/**
 * A resume that began and ended between two looks shows as another end. But a completed run is never resumed: Prodigy
 * writes its end again after merging, which may wait hours for a person's answer.
 */
function isNewEnd(life: LifeMemory, state: RunState): boolean {
  if (life.endStatus === "success" || !isLater(state.endedAt, life.endedAt)) return false;
  if (state.status !== "failed" || life.endStatus !== "failed") return true;
  return (timeSeconds(state.endedAt) ?? 0) - (timeSeconds(life.endedAt) ?? 0) > RESUMED_FAILURE_SECONDS;
}

/** The life of a run that begins now. */
export function beginLife(life: LifeMemory, session: SessionFacts, name: string, isPast: boolean): LifeMemory {
  const isFirst = life.phase === "unseen" || isOtherRun(life, session);
  const resumedAt = isLater(session.updatedAt, life.endedAt) ? session.updatedAt : null;
  return {
    ...life,
    phase: "active",
    name,
    startedAt: session.startedAt,
    beganAt: isFirst ? session.startedAt : resumedAt,
    filesChangedBefore: isPast ? null : life.filesChangedBefore,
    failedSteps: null,
  };
}

/**
 * Successful agents of a MapReduce run since it was last started; `null` when unknown. The last growth of
 * `files_changed` counts only if the total did grow: a resumed run that failed early still shows the growth of before.
 * Without a total that cannot be told apart after the run's first end, before which there is no growth of before.
 */
export function successfulAgents(life: LifeMemory, session: SessionFacts): number | null {
  const { filesChanged, filesChangedDelta } = session;
  if (filesChangedDelta === null || life.filesChangedBefore === null) return null;
  if (filesChanged === null) return life.endStatus === null ? filesChangedDelta : null;
  return filesChanged - life.filesChangedBefore >= filesChangedDelta ? filesChangedDelta : null;
}

export function endLife(life: LifeMemory, session: SessionFacts, state: RunState): LifeMemory {
  return {
    ...life,
    phase: "ended",
    startedAt: session.startedAt,
    endStatus: state.status === "active" ? null : state.status,
    endedAt: state.endedAt,
    filesChangedBefore: session.filesChanged ?? grown(life, successfulAgents(life, session)),
  };
}

/** What the total must be by now where the session does not tell it. */
function grown({ filesChangedBefore }: LifeMemory, growth: number | null): number | null {
  return filesChangedBefore === null ? null : filesChangedBefore + (growth ?? 0);
}
