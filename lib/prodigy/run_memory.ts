import type { CheckpointMemory } from "./checkpoints.ts";
import type { DlqMemory } from "./dlq.ts";
import { asFields } from "./json_fields.ts";
import type { JobMemory } from "./mapreduce_jobs.ts";
import { type LifeMemory, UNSEEN_LIFE } from "./run_life.ts";
import type { AgentMemory } from "./worktrees.ts";

/** Everything that was told of one run, as plain JSON: what a later look is compared with. */
export interface RunMemory {
  readonly life: LifeMemory;
  /** Set for a run that was too old when first met and moved later: what happened up to then is not told. */
  readonly baselineSeconds: number | null;
  /** The session file when the run was closed (size, time, inode): unchanged, it need not be read again. */
  readonly closedStamp: string | null;
  readonly checkpoints: Readonly<Record<string, CheckpointMemory>>;
  readonly agents: Readonly<Record<string, AgentMemory>>;
  readonly jobs: Readonly<Record<string, JobMemory>>;
  /** By job id. */
  readonly dlq: Readonly<Record<string, DlqMemory>>;
}

/** @param baselineSeconds what happened up to then (Unix seconds) is not told, `null` to tell everything. */
export function newRunMemory(baselineSeconds: number | null, life: LifeMemory = UNSEEN_LIFE): RunMemory {
  return {
    life,
    baselineSeconds,
    closedStamp: null,
    checkpoints: {},
    agents: {},
    jobs: {},
    dlq: {},
  };
}

/** Nothing more is expected of the run unless its session moves. One that was given up may go on in any of its files. */
export function isClosed(memory: RunMemory): boolean {
  return memory.life.phase === "ended";
}

/** Whether a closed run left something that may still go, agents' worktrees or DLQ items, or items not yet told. */
export function hasLeftovers(memory: RunMemory): boolean {
  for (const _ in memory.agents) return true;
  for (const _ in memory.dlq) return true;
  return false;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === "boolean";
const orAbsent = (check: Check): Check => (value) => value === undefined || check(value);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const oneOf = (...values: readonly string[]): Check => (value) => typeof value === "string" && values.includes(value);
const recordOf = (check: Check): Check => (value) => {
  const fields = asFields(value);
  return fields !== null && Object.values(fields).every(check);
};
const objectOf = (checks: Readonly<Record<string, Check>>): Check => (value) => {
  const fields = asFields(value);
  return fields !== null && Object.entries(checks).every(([key, check]) => check(fields[key]));
};

const isRun = objectOf(
  {
    life: objectOf(
      {
        phase: oneOf("unseen", "active", "ended", "abandoned"),
        name: orNull(isText),
        startedAt: orNull(isText),
        beganAt: orNull(isText),
        endStatus: orNull(oneOf("success", "failed", "cancelled")),
        endedAt: orNull(isText),
        activitySeconds: isNumber,
        filesChangedBefore: orNull(isNumber),
        failedSteps: orNull(isNumber),
      } satisfies Record<keyof LifeMemory, Check>,
    ),
    baselineSeconds: orNull(isNumber),
    closedStamp: orNull(isText),
    checkpoints: recordOf(objectOf(
      { steps: recordOf(isNumber), failedAtSeconds: orNull(isNumber), isFinal: isFlag } satisfies Record<
        keyof CheckpointMemory,
        Check
      >,
    )),
    agents: recordOf(objectOf(
      {
        jobId: isText,
        itemId: isText,
        createdAt: orNull(isText),
        goneAtMs: orNull(isNumber),
        isPast: isFlag,
      } satisfies Record<keyof AgentMemory, Check>,
    )),
    jobs: recordOf(objectOf(
      { isActive: isFlag, successes: isNumber, unseen: isNumber, pendingItems: orNull(isNumber) } satisfies Record<
        keyof JobMemory,
        Check
      >,
    )),
    dlq: recordOf(recordOf(isNumber)),
  } satisfies Record<keyof RunMemory, Check>,
);

/** A run that is not looked at until its session file changes: too old when first met, ended long ago, or gone. */
export interface PassedRun {
  /** Of its session file, Unix milliseconds. */
  readonly mtimeMs: number;
  /** Its success was told; a completed run is never resumed. */
  readonly isCompleted: boolean;
  /** What happened up to then was told, Unix milliseconds; absent when nothing was. */
  readonly toldMs?: number;
  /** Since when its session file is not there, Unix milliseconds. */
  readonly goneMs?: number;
}

/** What a state source remembers. */
export interface StateMemory {
  /** When it last looked; `null` before the first look. */
  readonly lookedAtMs: number | null;
  readonly poolSize: number | null;
  readonly runs: Readonly<Record<string, RunMemory>>;
  readonly passed: Readonly<Record<string, PassedRun>>;
  /** DLQ items outside of any run, by directory. */
  readonly looseDlq: Readonly<Record<string, DlqMemory>>;
}

const isStateMemory = objectOf(
  {
    lookedAtMs: orNull(isNumber),
    poolSize: orNull(isNumber),
    runs: recordOf(isRun),
    passed: recordOf(objectOf(
      {
        mtimeMs: isNumber,
        isCompleted: isFlag,
        toldMs: orAbsent(isNumber),
        goneMs: orAbsent(isNumber),
      } satisfies Record<keyof PassedRun, Check>,
    )),
    looseDlq: recordOf(recordOf(isNumber)),
  } satisfies Record<keyof StateMemory, Check>,
);

/** @throws {TypeError} when `state` is not the memory of a state source. */
export function decodeStateMemory(state: unknown): StateMemory {
  if (!isStateMemory(state)) throw new TypeError("Cannot load state as it is not the memory of a state source");
  return state as StateMemory; // checked field by field above
}
