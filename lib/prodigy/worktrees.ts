import type { EventRecord } from "../event/record.ts";
import type { ChangedFiles, Listing } from "./changed_files.ts";
import { asFields, stringField } from "./json_fields.ts";
import { clampDuration, stateRecord } from "./state_record.ts";
import { rfc3339, secondsBetween, timeSeconds } from "./times.ts";

/** What a worktree's metadata (`worktrees/<repo>/.metadata/<worktree>.json`) tells. */
export interface WorktreeFacts {
  readonly createdAt: string | null;
  /** When it was interrupted; stays after a resume. */
  readonly interruptedAt: string | null;
}

export interface AgentName {
  readonly jobId: string;
  /** Prodigy's own agent id, `<job>_agent_<n>`. */
  readonly agentId: string;
  /** The item it works on, `item_<n>`. */
  readonly itemId: string;
}

/** What was told of an agent whose metadata file was seen. */
export interface AgentMemory {
  readonly jobId: string;
  readonly itemId: string;
  readonly createdAt: string | null;
  /** Unix milliseconds of the first look that missed its file, `null` while it is there. */
  readonly goneAtMs: number | null;
  /** Seen on the first start as part of the past; nothing of it is told. */
  readonly isPast: boolean;
}

export interface AgentSeen extends AgentName {
  /** `null` while its file could not be read. */
  readonly createdAt: string | null;
}

/** The agents' metadata directory of one run. */
export interface AgentsSeen {
  /** `unknown`: it could not be listed, which says nothing. */
  readonly directory: "listed" | "absent" | "unknown";
  readonly agents: ReadonlyMap<string, AgentSeen>;
  /** When an entry last came or went. */
  readonly changedMs: number | null;
  readonly newestMs: number;
}

const AGENT_WORKTREE = /^mapreduce-agent-((.+)_agent_(\d+))$/;

export function parseAgentName(worktreeName: string): AgentName | null {
  const match = AGENT_WORKTREE.exec(worktreeName);
  if (match === null) return null;
  const [, agentId = "", jobId = "", index = ""] = match;
  return { jobId, agentId, itemId: `item_${index}` };
}

/** `null` when it is no worktree's metadata. */
export function parseWorktree(json: unknown): WorktreeFacts | null {
  const worktree = asFields(json);
  const status = worktree === null ? null : stringField(worktree, "status");
  if (worktree === null || status === null) return null;
  const interruptedAt = stringField(worktree, "interrupted_at") ?? stringField(worktree, "updated_at");
  return {
    createdAt: stringField(worktree, "created_at"),
    interruptedAt: status === "interrupted" && timeSeconds(interruptedAt) !== null ? interruptedAt : null,
  };
}

export interface AgentContext {
  readonly runId: string;
  readonly nowMs: number;
  /** The run is in progress, so that an agent's file vanishes because the agent is done. */
  readonly isRunActive: boolean;
  /** The run ends with this look: whatever vanished has vanished for good. */
  readonly isRunEnding: boolean;
  readonly baselineSeconds: number | null;
  isInDlq(jobId: string, itemId: string): boolean;
  /** The id the job is known by (see `canonicalJobId`). */
  jobIdOf(jobId: string): string;
}

export interface AgentsChange {
  readonly memory: Readonly<Record<string, AgentMemory>>;
  readonly records: readonly EventRecord[];
}

/**
 * An agent's file is there from its start to its success. A failed agent's file stays, or goes when its merge failed;
 * then its item comes into the DLQ a moment later, so an agent is done only when its file was missed twice.
 */
export function diffAgents(
  memory: Readonly<Record<string, AgentMemory>>,
  seen: AgentsSeen,
  context: AgentContext,
): AgentsChange {
  const next: Record<string, AgentMemory> = {};
  const records: EventRecord[] = [];
  for (const [agentId, agent] of seen.agents) {
    const known = memory[agentId];
    if (agent.createdAt === null) {
      if (known !== undefined) next[agentId] = known;
      continue;
    }
    const jobId = context.jobIdOf(agent.jobId);
    const isNew = known === undefined || known.createdAt !== agent.createdAt;
    const createdSeconds = timeSeconds(agent.createdAt);
    const isPast = isNew
      ? context.baselineSeconds !== null && createdSeconds !== null && createdSeconds <= context.baselineSeconds
      : known.isPast;
    next[agentId] = { jobId, itemId: agent.itemId, createdAt: agent.createdAt, goneAtMs: null, isPast };
    if (!isNew || isPast) continue;
    const envelope = { runId: context.runId, timestamp: agent.createdAt };
    records.push(
      stateRecord({ type: "agent_started", jobId, agentId, attempt: 1 }, envelope),
      stateRecord({ type: "worktree_created", jobId, agentId, worktreeName: `mapreduce-agent-${agentId}` }, envelope),
    );
  }
  for (const [agentId, agent] of Object.entries(memory)) {
    if (next[agentId] !== undefined) continue;
    if (seen.directory === "unknown") {
      next[agentId] = agent;
      continue;
    }
    const goneAtMs = agent.goneAtMs ?? vanishedMs(seen.changedMs, agent.createdAt, context.nowMs);
    const isDecided = agent.goneAtMs !== null || !context.isRunActive || context.isRunEnding;
    if (!isDecided) {
      next[agentId] = { ...agent, goneAtMs };
      continue;
    }
    if (agent.isPast) continue;
    const { jobId } = agent;
    const timestamp = rfc3339(goneAtMs);
    // Without its directory the whole run was cleaned away, which says nothing of the agent.
    if (context.isRunActive && seen.directory === "listed" && !context.isInDlq(jobId, agent.itemId)) {
      const { durationSeconds, durationClamped } = clampDuration(secondsBetween(agent.createdAt, timestamp));
      const envelope = { runId: context.runId, timestamp, durationClamped };
      records.push(stateRecord({ type: "agent_completed", jobId, agentId, durationSeconds }, envelope));
    }
    records.push(stateRecord({
      type: "worktree_cleaned",
      jobId,
      agentId,
      worktreeName: `mapreduce-agent-${agentId}`,
    }, { runId: context.runId, timestamp }));
  }
  return { memory: next, records };
}

/** The directory's own time tells better than the look's when the file went, if it makes sense at all. */
function vanishedMs(changedMs: number | null, createdAt: string | null, nowMs: number): number {
  const createdMs = (timeSeconds(createdAt) ?? 0) * 1000;
  return changedMs !== null && changedMs <= nowMs && changedMs >= createdMs ? changedMs : nowMs;
}

const NO_AGENTS: ReadonlyMap<string, AgentSeen> = new Map();

/**
 * @param directory `worktrees/<session>/.metadata`, just listed
 * @param known creation times of agents already read; renewed
 */
export function readAgents(
  files: ChangedFiles,
  directory: { readonly path: string; readonly listing: Listing | "absent" | "unreadable" },
  known: Map<string, AgentSeen>,
  nowMs: number,
): AgentsSeen {
  const { path, listing } = directory;
  if (typeof listing === "string") {
    const state = listing === "absent" ? "absent" : "unknown";
    return { directory: state, agents: NO_AGENTS, changedMs: null, newestMs: 0 };
  }
  const changedMs = files.directoryMtimeMs(path);
  const agents = new Map<string, AgentSeen>();
  let newestMs = 0;
  for (const file of listing.files.toSorted()) {
    if (!file.endsWith(".json")) continue;
    const name = parseAgentName(file.slice(0, -".json".length));
    if (name === null) continue;
    const { agentId } = name;
    const reading = files.read(`${path}/${file}`, nowMs, { force: !known.has(agentId) });
    if (reading.kind === "absent") continue;
    if (reading.kind === "read") {
      const facts = parseWorktree(reading.json);
      if (facts !== null) known.set(agentId, { ...name, createdAt: facts.createdAt ?? rfc3339(reading.mtimeMs) });
    }
    if (reading.kind !== "skipped") newestMs = Math.max(newestMs, reading.mtimeMs);
    agents.set(agentId, known.get(agentId) ?? { ...name, createdAt: null });
  }
  for (const agentId of known.keys()) if (!agents.has(agentId)) known.delete(agentId);
  return { directory: "listed", agents, changedMs, newestMs };
}
