import type { WorkflowStatus } from "../event/event.ts";
import type { EventRecord } from "../event/record.ts";
import { unseenAgentId } from "../event/unseen_agent.ts";
import type { ChangedFiles, Listing } from "./changed_files.ts";
import { asFields, countField, listField, stringField } from "./json_fields.ts";
import { clampDuration, stateRecord } from "./state_record.ts";

/** What a job's own checkpoint tells, if a Prodigy writes one; 0.4.4 does not. */
export interface JobFacts {
  readonly totalItems: number | null;
  readonly pendingItems: number | null;
}
export const NO_JOB_FACTS: JobFacts = { totalItems: null, pendingItems: null };

/** What was told of a job of one run. */
export interface JobMemory {
  readonly isActive: boolean;
  /** Successful agents told since it was last started. */
  readonly successes: number;
  /** Successes told at an end without knowing whose they were; numbers their made-up agent ids. */
  readonly unseen: number;
  readonly pendingItems: number | null;
}

/**
 * Agents told at a job's end without having been seen. A job has not so many, each being a Git worktree; such a figure
 * is a mistake, and an event for each would take the program's time and memory.
 */
const MAX_UNSEEN = 50_000;

const NEW_JOB: JobMemory = { isActive: false, successes: 0, unseen: 0, pendingItems: null };

const JOB_TIME = /^mapreduce-(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/;

function jobSeconds(jobId: string): number | null {
  const match = JOB_TIME.exec(jobId);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? null : ms / 1000;
}

/**
 * Prodigy makes a job's id twice, from the clock: once for the event directory, once for agents and DLQ. The two may
 * differ by a second and are one job; the first one heard of names it.
 */
export function canonicalJobId(jobId: string, known: Iterable<string>): string {
  const seconds = jobSeconds(jobId);
  if (seconds === null) return jobId;
  let twin: string | null = null;
  for (const other of known) {
    if (other === jobId) return jobId;
    const otherSeconds = jobSeconds(other);
    if (otherSeconds !== null && Math.abs(otherSeconds - seconds) <= 1) twin = other;
  }
  return twin ?? jobId;
}

export interface JobsChange {
  readonly memory: Readonly<Record<string, JobMemory>>;
  readonly records: readonly EventRecord[];
}

/**
 * Starts jobs that are new, that move again in a resumed run, or that were given up with a run that goes on after all,
 * and follows their pending items.
 *
 * @param jobs by canonical id
 * @param options.moved ids of jobs whose agents or DLQ moved in this look
 * @param options.isRevived the run had been given up
 * @param options.baselineSeconds jobs begun up to then are of the past until they move
 */
export function startJobs(
  memory: Readonly<Record<string, JobMemory>>,
  jobs: ReadonlyMap<string, JobFacts>,
  options: {
    readonly runId: string;
    readonly startedAt: string | null;
    readonly moved: ReadonlySet<string>;
    readonly isRevived: boolean;
    readonly baselineSeconds: number | null;
  },
): JobsChange {
  const next = new Map(Object.entries(memory));
  const records: EventRecord[] = [];
  const envelope = { runId: options.runId, timestamp: options.startedAt };
  for (const [jobId, facts] of jobs) {
    const known = next.get(jobId);
    const isPast = options.baselineSeconds !== null && (jobSeconds(jobId) ?? 0) <= options.baselineSeconds;
    let job = known ?? NEW_JOB;
    const isStarted = !job.isActive && (options.moved.has(jobId) || (known === undefined && !isPast));
    if (isStarted) job = { ...job, isActive: true, successes: 0 };
    if (isStarted || (options.isRevived && job.isActive)) {
      records.push(stateRecord({ type: "job_started", jobId, totalItems: facts.totalItems }, envelope));
    }
    if (job.isActive && facts.pendingItems !== null && facts.pendingItems !== job.pendingItems) {
      const pending = facts.pendingItems;
      job = { ...job, pendingItems: pending };
      const now = { runId: options.runId, timestamp: null };
      records.push(stateRecord({ type: "queue_depth_changed", jobId, pending }, now));
    }
    next.set(jobId, job);
  }
  return { memory: Object.fromEntries(next), records };
}

/** Counts the successes among an active run's new agent events. */
export function noteSuccesses(
  memory: Readonly<Record<string, JobMemory>>,
  records: readonly EventRecord[],
): Readonly<Record<string, JobMemory>> {
  const successes = new Map<string, number>();
  for (const { event } of records) {
    if (event.type === "agent_completed") successes.set(event.jobId, (successes.get(event.jobId) ?? 0) + 1);
  }
  if (successes.size === 0) return memory;
  const next = new Map(Object.entries(memory));
  for (const [jobId, count] of successes) {
    const job = next.get(jobId) ?? NEW_JOB;
    next.set(jobId, { ...job, successes: job.successes + count });
  }
  return Object.fromEntries(next);
}

/**
 * Ends the active jobs with their run. Agents that came and went between two looks are told then: the run's last
 * growth of `files_changed` is, in a MapReduce run, the number of its successful agents.
 *
 * @param options.successes agents that succeeded since the run began, `null` when that is not known
 * @returns with `refusedSuccesses` when the files tell of more than can be, of which none is told then
 */
export function endJobs(
  memory: Readonly<Record<string, JobMemory>>,
  options: {
    readonly runId: string;
    readonly status: WorkflowStatus;
    readonly endedAt: string | null;
    readonly durationSeconds: number | null;
    readonly successes: number | null;
    failuresOf(jobId: string): number;
  },
): JobsChange & { readonly refusedSuccesses: number | null } {
  const next = new Map(Object.entries(memory));
  const records: EventRecord[] = [];
  let refusedSuccesses: number | null = null;
  const active = Object.entries(memory).filter(([, job]) => job.isActive);
  // Job ids are made of times: the last in order is the newest.
  const newest = active.map(([jobId]) => jobId).sort().at(-1);
  const told = active.reduce((sum, [, job]) => sum + job.successes, 0);
  const { durationSeconds, durationClamped } = clampDuration(options.durationSeconds);
  for (const [jobId, job] of active) {
    let missing = jobId === newest ? Math.max(0, (options.successes ?? 0) - told) : 0;
    if (missing > MAX_UNSEEN) {
      refusedSuccesses = missing;
      missing = 0;
    }
    const envelope = { runId: options.runId, timestamp: options.endedAt };
    for (let number = job.unseen + 1; number <= job.unseen + missing; number++) {
      const agentId = unseenAgentId(jobId, number);
      records.push(stateRecord({ type: "agent_completed", jobId, agentId, durationSeconds: null }, envelope));
    }
    const successCount = job.successes + missing;
    const failureCount = options.failuresOf(jobId);
    records.push(stateRecord(
      options.status === "success"
        ? { type: "job_completed", jobId, durationSeconds, successCount, failureCount }
        : { type: "job_failed", jobId, durationSeconds },
      { ...envelope, durationClamped },
    ));
    next.set(jobId, { isActive: false, successes: successCount, unseen: job.unseen + missing, pendingItems: null });
  }
  return { memory: Object.fromEntries(next), records, refusedSuccesses };
}

/** `null` when it is no job checkpoint. */
export function parseJobCheckpoint(json: unknown): JobFacts | null {
  const job = asFields(json);
  if (job === null || stringField(job, "job_id") === null) return null;
  const totalItems = countField(job, "total_items");
  const pendingItems = Array.isArray(job["pending_items"]) ? listField(job, "pending_items").length : null;
  return { totalItems, pendingItems };
}

const JOB_CHECKPOINT = /^checkpoint-v(\d+)\.json$/;

/**
 * Finds the run's jobs by the directories Prodigy makes for them.
 *
 * @param home.events what is in `events/<session>`: one empty directory per job
 * @param home.jobs `state/<session>/mapreduce/jobs`, if it can be there
 * @param known job checkpoints already read, by path; renewed
 */
export function readJobs(
  files: ChangedFiles,
  home: { readonly events: Listing | "absent" | "unreadable"; readonly jobs: string | null },
  known: Map<string, JobFacts>,
  nowMs: number,
): ReadonlyMap<string, JobFacts> {
  const found = new Map<string, JobFacts>();
  const jobs = home.jobs === null ? "absent" : files.list(home.jobs);
  for (const jobId of typeof jobs === "string" ? [] : jobs.directories) {
    found.set(jobId, readJobCheckpoint(files, `${home.jobs}/${jobId}`, known, nowMs));
  }
  const { events } = home;
  for (const name of typeof events === "string" ? [] : events.directories) {
    if (name.startsWith("mapreduce-") && !found.has(name)) found.set(name, NO_JOB_FACTS);
  }
  return found;
}

function readJobCheckpoint(
  files: ChangedFiles,
  directory: string,
  known: Map<string, JobFacts>,
  nowMs: number,
): JobFacts {
  const listing = files.list(directory);
  let version = -1;
  for (const name of typeof listing === "string" ? [] : listing.files) {
    version = Math.max(version, Number(JOB_CHECKPOINT.exec(name)?.[1] ?? -1));
  }
  if (version < 0) return known.get(directory) ?? NO_JOB_FACTS;
  const reading = files.read(`${directory}/checkpoint-v${version}.json`, nowMs, { force: !known.has(directory) });
  const facts = reading.kind === "read" ? parseJobCheckpoint(reading.json) : null;
  if (facts !== null) known.set(directory, facts);
  return known.get(directory) ?? NO_JOB_FACTS;
}
