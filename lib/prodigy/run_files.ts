import type { ChangedFiles } from "./changed_files.ts";
import { type CheckpointFacts, readCheckpoints } from "./checkpoints.ts";
import { type DlqItemFacts, type DlqReadOptions, type DlqSeen, readDlqItems } from "./dlq.ts";
import { ownValue } from "./json_fields.ts";
import { canonicalJobId, type JobFacts, readJobs } from "./mapreduce_jobs.ts";
import type { RunMemory } from "./run_memory.ts";
import { type AgentSeen, type AgentsSeen, parseWorktree, readAgents, type WorktreeFacts } from "./worktrees.ts";

/** Where Prodigy keeps what; both without a slash at the end. */
export interface ProdigyHomes {
  /** `$PRODIGY_HOME`: events, sessions, state, DLQ. */
  readonly prodigyHome: string;
  /** `~/.prodigy`: worktrees stay there even when PRODIGY_HOME is set. */
  readonly homeProdigy: string;
}

/** Readings of one run's files that need not be made again while the files stay as they are. */
export interface RunReadings {
  readonly checkpoints: Map<string, CheckpointFacts>;
  readonly agents: Map<string, AgentSeen>;
  readonly dlqItems: Map<string, DlqItemFacts>;
  readonly jobs: Map<string, JobFacts>;
  worktree: WorktreeFacts | null;
  worktreeMtimeMs: number;
}

export function newRunReadings(): RunReadings {
  return {
    checkpoints: new Map(),
    agents: new Map(),
    dlqItems: new Map(),
    jobs: new Map(),
    worktree: null,
    worktreeMtimeMs: 0,
  };
}

export interface RunFilesSeen {
  readonly checkpoints: ReadonlyMap<string, CheckpointFacts>;
  readonly agents: AgentsSeen;
  readonly dlq: ReadonlyMap<string, DlqSeen>;
  readonly jobs: ReadonlyMap<string, JobFacts>;
  /** Unix milliseconds. */
  readonly newestMs: number;
}

/** Where a run's checkpoints and its jobs' own are. */
export function stateDirectoryOf(homes: ProdigyHomes, runId: string): string {
  return `${homes.prodigyHome}/state/${runId}`;
}

const ABSENT_DLQ: DlqSeen = { directory: "absent", items: new Map(), newestMs: 0 };

/** Looks at everything of a run but its session file. */
export function readRunFiles(
  files: ChangedFiles,
  homes: ProdigyHomes,
  run: { readonly id: string; readonly memory: RunMemory; readonly readings: RunReadings; readonly metadata?: string },
  options: { readonly nowMs: number; readonly isLive: boolean },
): RunFilesSeen {
  const { id, readings } = run;
  const { nowMs } = options;
  const state = stateDirectoryOf(homes, id);
  const kept = files.listKept(state);
  const parts = typeof kept === "string" ? [] : kept.directories;
  const checkpointsMs = parts.includes("checkpoints")
    ? readCheckpoints(files, `${state}/checkpoints`, readings.checkpoints, nowMs)
    : 0;
  if (run.metadata !== undefined) readSessionWorktree(files, run.metadata, readings, nowMs);
  const worktrees = `${homes.homeProdigy}/worktrees`;
  const metadata = { path: `${worktrees}/${id}/.metadata`, listing: files.listBelow(worktrees, id, "/.metadata") };
  const listed = readAgents(files, metadata, readings.agents, nowMs);
  // A home that is not there at all (not mounted, moved away) says nothing of what was in it.
  const isUnknown = listed.directory === "absent" && hasAny(run.memory.agents) && !isListable(files, worktrees);
  const agents: AgentsSeen = isUnknown ? { ...listed, directory: "unknown" } : listed;
  const jobs = readJobs(
    files,
    {
      events: files.listBelow(`${homes.prodigyHome}/events`, id, ""),
      jobs: parts.includes("mapreduce") ? `${state}/mapreduce/jobs` : null,
    },
    readings.jobs,
    nowMs,
  );
  const dlq = readRunDlq(files, `${homes.prodigyHome}/dlq`, run, options);
  let newestMs = Math.max(checkpointsMs, readings.worktreeMtimeMs, agents.newestMs);
  for (const items of dlq.values()) newestMs = Math.max(newestMs, items.newestMs);
  return { checkpoints: readings.checkpoints, agents, dlq, jobs, newestMs };
}

function readSessionWorktree(files: ChangedFiles, path: string, readings: RunReadings, nowMs: number): void {
  const reading = files.read(path, nowMs, { force: readings.worktree === null });
  if (reading.kind === "absent" || reading.kind === "skipped") return;
  readings.worktreeMtimeMs = reading.mtimeMs;
  if (reading.kind === "read") readings.worktree = parseWorktree(reading.json) ?? readings.worktree;
}

/** `dlq/<session>/<job>/mapreduce/dlq/<job>/items`, as 0.4.4 has it, or `dlq/<session>/<job>/items`. */
function readRunDlq(
  files: ChangedFiles,
  root: string,
  run: { readonly id: string; readonly memory: RunMemory; readonly readings: RunReadings },
  look: { readonly nowMs: number; readonly isLive: boolean },
): ReadonlyMap<string, DlqSeen> {
  const found = new Map<string, DlqSeen>();
  const directory = `${root}/${run.id}`;
  const listing = files.listBelow(root, run.id, "");
  if (listing === "unreadable") return found;
  if (listing === "absent" && (!hasAny(run.memory.dlq) || !isListable(files, root))) return found;
  const baseline = run.memory.baselineSeconds;
  const ignoreBeforeMs = baseline === null ? -Infinity : baseline * 1000;
  const told = Object.keys(run.memory.dlq);
  for (const jobId of listing === "absent" ? [] : listing.directories) {
    const options = { ...look, ignoreBeforeMs, told: ownValue(run.memory.dlq, canonicalJobId(jobId, told)) ?? {} };
    found.set(jobId, readJobDlq(files, `${directory}/${jobId}`, jobId, run.readings.dlqItems, options));
  }
  const present = new Set(Array.from(found.keys(), (jobId) => canonicalJobId(jobId, told)));
  for (const jobId of told) if (!present.has(jobId)) found.set(jobId, ABSENT_DLQ);
  return found;
}

function isListable(files: ChangedFiles, directory: string): boolean {
  return typeof files.list(directory) !== "string";
}

function hasAny(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return true;
  return false;
}

/** Prodigy makes the inner job id anew, from the clock: it may be a second off. */
export function readJobDlq(
  files: ChangedFiles,
  directory: string,
  jobId: string,
  known: Map<string, DlqItemFacts>,
  options: DlqReadOptions,
): DlqSeen {
  const nested = files.list(`${directory}/mapreduce/dlq`);
  if (nested === "absent") return readDlqItems(files, `${directory}/items`, known, options);
  const [first = jobId] = typeof nested === "string" || nested.directories.includes(jobId) ? [] : nested.directories;
  return readDlqItems(files, `${directory}/mapreduce/dlq/${first}/items`, known, options);
}
