import type { EventRecord } from "../event/record.ts";
import { append } from "./append.ts";
import { type CheckpointFacts, diffCheckpoint, NO_CHECKPOINT } from "./checkpoints.ts";
import { diffDlq, type DlqSeen } from "./dlq.ts";
import { ownValue } from "./json_fields.ts";
import { canonicalJobId, endJobs, type JobFacts, NO_JOB_FACTS, noteSuccesses, startJobs } from "./mapreduce_jobs.ts";
import { beginLife, beginsNow, endLife, type LifeMemory, successfulAgents } from "./run_life.ts";
import type { RunMemory } from "./run_memory.ts";
import { type RunState, runState, type SessionFacts } from "./sessions.ts";
import { clampDuration, stateRecord } from "./state_record.ts";
import { secondsBetween, timeSeconds } from "./times.ts";
import { workflowNameOf } from "./workflow_name.ts";
import { type AgentsSeen, diffAgents } from "./worktrees.ts";

/** Everything one look found of one run. */
export interface RunSeen {
  readonly id: string;
  readonly session: SessionFacts;
  readonly interruptedAt: string | null;
  /** Its end, if it has one, has stopped moving. */
  readonly isSettled: boolean;
  /** Unix seconds of its newest file. */
  readonly activitySeconds: number;
  readonly checkpoints: ReadonlyMap<string, CheckpointFacts>;
  readonly agents: AgentsSeen;
  /** By job id as the directories have it. */
  readonly dlq: ReadonlyMap<string, DlqSeen>;
  readonly jobs: ReadonlyMap<string, JobFacts>;
}

export interface RunLook {
  readonly memory: RunMemory;
  readonly records: readonly EventRecord[];
  /** What the session tells that cannot be, for a person; `null` when there is nothing of it. */
  readonly doubt: string | null;
}

/**
 * What a look at a run tells that was not told before, in an order in which it can be counted: the run starts, its
 * jobs start, steps and agents move, jobs end, the run ends.
 */
export function lookAtRun(
  memory: RunMemory,
  seen: RunSeen,
  options: { readonly nowMs: number; readonly idleLimitSeconds: number },
): RunLook {
  const { id: runId, session } = seen;
  const state = runState(session, seen.interruptedAt);
  if (isPastEnd(memory, state)) {
    return { memory: absorb(memory, seen, state), records: [], doubt: null };
  }
  const records: EventRecord[] = [];

  let life = memory.life;
  const name = workflowNameOf({
    sessionName: session.workflowName,
    pathNames: Array.from(seen.checkpoints.values(), (facts) => facts.workflowName),
    isMapReduce: session.isMapReduce || runId.startsWith("session-") || seen.jobs.size > 0,
    known: life.phase === "unseen" ? null : life.name,
  });
  const begins = beginsNow(life, session, state, seen.activitySeconds);
  if (begins) life = beginLife(life, session, name, memory.baselineSeconds !== null);
  // A run whose name became known later is told to start again under it.
  if (begins || (life.phase === "active" && name !== life.name)) {
    life = { ...life, name };
    records.push(stateRecord({
      type: "workflow_started",
      workflowId: runId,
      workflowName: name,
      totalSteps: session.totalSteps,
    }, { runId, timestamp: life.beganAt }));
  }

  const ends = life.phase === "active" && state.status !== "active" && seen.isSettled;
  const mapReduce = lookAtJobs(memory, seen, { life, ends, nowMs: options.nowMs });
  append(records, mapReduce.records);

  const steps = lookAtCheckpoints(memory, seen, life, name);
  append(records, steps.records);
  if (steps.failures !== null) life = { ...life, failedSteps: (life.failedSteps ?? 0) + steps.failures };

  let { jobs } = mapReduce;
  let doubt: string | null = null;
  if (ends) {
    const durationSeconds = secondsBetween(session.startedAt, state.endedAt);
    const ended = endJobs(jobs, {
      runId,
      status: state.status,
      endedAt: state.endedAt,
      durationSeconds,
      successes: successfulAgents(life, session),
      failuresOf: (jobId) => Object.keys(ownValue(mapReduce.dlq, jobId) ?? {}).length,
    });
    jobs = ended.memory;
    if (ended.refusedSuccesses !== null) {
      doubt = `${ended.refusedSuccesses} successful agents by its files_changed_delta, more than a job can have`;
    }
    const clamped = clampDuration(durationSeconds);
    append(records, ended.records);
    records.push(stateRecord({
      type: "workflow_completed",
      workflowId: runId,
      workflowName: life.name ?? name,
      status: state.status,
      durationSeconds: clamped.durationSeconds,
      totalSteps: session.totalSteps,
      failedSteps: life.failedSteps,
    }, { runId, timestamp: state.endedAt, durationClamped: clamped.durationClamped }));
    life = endLife(life, session, state);
  }

  const moved = tellActivity(life, state, seen, options);
  for (const event of moved) {
    records.push(stateRecord({ ...event, jobId: null }, { runId, timestamp: null }));
    for (const [jobId, job] of Object.entries(jobs)) {
      if (job.isActive) records.push(stateRecord({ ...event, jobId }, { runId, timestamp: null }));
    }
  }
  // Its jobs stay active in memory: if it goes on after all, so do they.
  if (moved.some((event) => event.type === "work_abandoned")) life = { ...life, phase: "abandoned" };
  life = { ...life, activitySeconds: Math.max(life.activitySeconds, seen.activitySeconds) };
  return {
    memory: {
      ...memory,
      life,
      checkpoints: steps.checkpoints,
      agents: mapReduce.agents,
      dlq: mapReduce.dlq,
      jobs,
    },
    records,
    doubt,
  };
}

/** Of a run that was too old to be looked at, what had ended by then is not told. */
function isPastEnd(memory: RunMemory, state: RunState): boolean {
  const endedSeconds = timeSeconds(state.endedAt);
  return memory.life.phase === "unseen" && memory.baselineSeconds !== null && endedSeconds !== null &&
    endedSeconds <= memory.baselineSeconds;
}

/** Takes everything for told. */
function absorb(memory: RunMemory, seen: RunSeen, state: RunState): RunMemory {
  const life = endLife({ ...memory.life, name: null, activitySeconds: seen.activitySeconds }, seen.session, state);
  return { ...memory, life };
}

function lookAtCheckpoints(
  memory: RunMemory,
  seen: RunSeen,
  life: LifeMemory,
  workflowName: string,
): {
  readonly checkpoints: RunMemory["checkpoints"];
  readonly records: readonly EventRecord[];
  readonly failures: number | null;
} {
  const records: EventRecord[] = [];
  const checkpoints = { ...memory.checkpoints };
  let failures: number | null = null;
  for (const [file, facts] of [...seen.checkpoints].sort(([a], [b]) => a < b ? -1 : 1)) {
    const change = diffCheckpoint(checkpoints[file] ?? NO_CHECKPOINT, facts, {
      runId: seen.id,
      workflowName: life.name ?? workflowName,
      beganAt: life.beganAt,
      baselineSeconds: memory.baselineSeconds,
      told: checkpoints,
    });
    checkpoints[file] = change.memory;
    append(records, change.records);
    failures = (failures ?? 0) + change.failures;
  }
  return { checkpoints, records, failures };
}

function lookAtJobs(
  memory: RunMemory,
  seen: RunSeen,
  options: { readonly life: LifeMemory; readonly ends: boolean; readonly nowMs: number },
): Pick<RunMemory, "jobs" | "agents" | "dlq"> & { readonly records: readonly EventRecord[] } {
  const runId = seen.id;
  const jobsSeen = canonicalJobs(memory, seen);
  const jobIdOf = (jobId: string): string => canonicalJobId(jobId, jobsSeen.keys());
  const dlqSeen = new Map(Array.from(seen.dlq, ([jobId, items]) => [jobIdOf(jobId), items]));

  const agents = diffAgents(memory.agents, seen.agents, {
    runId,
    nowMs: options.nowMs,
    isRunActive: options.life.phase === "active",
    isRunEnding: options.ends,
    baselineSeconds: memory.baselineSeconds,
    isInDlq: (jobId, itemId) =>
      dlqSeen.get(jobId)?.items.has(itemId) === true ||
      ownValue(ownValue(memory.dlq, jobId) ?? {}, itemId) !== undefined,
    jobIdOf,
  });
  const records: EventRecord[] = [...agents.records];
  const dlqTold = new Map(Object.entries(memory.dlq));
  for (const [jobId, items] of dlqSeen) {
    const change = diffDlq(dlqTold.get(jobId) ?? {}, items, { runId, jobId, nowMs: options.nowMs });
    if (Object.keys(change.memory).length > 0) dlqTold.set(jobId, change.memory);
    else dlqTold.delete(jobId);
    append(records, change.records);
  }
  const dlq = Object.fromEntries(dlqTold);
  if (options.life.phase !== "active") return { jobs: memory.jobs, agents: agents.memory, dlq, records };

  const moved = new Set(records.flatMap(({ event }) => {
    return event.type === "agent_started" || event.type === "agent_failed" ? [event.jobId] : [];
  }));
  const started = startJobs(memory.jobs, jobsSeen, {
    runId,
    startedAt: options.life.beganAt,
    moved,
    isRevived: memory.life.phase === "abandoned",
    baselineSeconds: memory.baselineSeconds,
  });
  const jobs = noteSuccesses(started.memory, agents.records);
  return { jobs, agents: agents.memory, dlq, records: [...started.records, ...records] };
}

/** All jobs any of the run's files speak of, under one id each. Agents and DLQ have the id that counts most. */
function canonicalJobs(memory: RunMemory, seen: RunSeen): ReadonlyMap<string, JobFacts> {
  const jobs = new Map<string, JobFacts>();
  const add = (jobId: string, facts: JobFacts): void => {
    const id = canonicalJobId(jobId, [...Object.keys(memory.jobs), ...jobs.keys()]);
    const known = jobs.get(id) ?? NO_JOB_FACTS;
    jobs.set(id, {
      totalItems: facts.totalItems ?? known.totalItems,
      pendingItems: facts.pendingItems ?? known.pendingItems,
    });
  };
  for (const agent of seen.agents.agents.values()) add(agent.jobId, NO_JOB_FACTS);
  for (const jobId of seen.dlq.keys()) add(jobId, NO_JOB_FACTS);
  const { jobId, totalItems } = seen.session;
  if (jobId !== null) add(jobId, { totalItems, pendingItems: null });
  for (const [id, facts] of seen.jobs) add(id, facts);
  return jobs;
}

type Activity =
  | { readonly type: "work_seen"; readonly atSeconds: number }
  | { readonly type: "work_abandoned" };

function tellActivity(
  life: LifeMemory,
  state: RunState,
  seen: RunSeen,
  options: { readonly nowMs: number; readonly idleLimitSeconds: number },
): readonly Activity[] {
  if (life.phase !== "active") return [];
  const { activitySeconds } = seen;
  const moved: Activity[] = activitySeconds > life.activitySeconds
    ? [{ type: "work_seen", atSeconds: activitySeconds }]
    : [];
  // The newest file may be one of an agent that is gone by now.
  const idleSeconds = options.nowMs / 1000 - Math.max(activitySeconds, life.activitySeconds);
  const isDead = state.status === "active" && idleSeconds > options.idleLimitSeconds;
  return isDead ? [...moved, { type: "work_abandoned" }] : moved;
}
