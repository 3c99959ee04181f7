import type { Capture } from "../capture.ts";
import { SmallMap } from "./small_map.ts";

export interface DlqEntry {
  readonly present: boolean;
  /** When the item was last put in or taken out; orders events that arrive from several files. */
  readonly atSeconds: number;
}

export interface JobDetailsState {
  readonly queuePending: number | null;
  readonly agents: readonly string[];
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  readonly worktrees: readonly string[];
  readonly dlq: readonly (readonly [string, DlqEntry])[];
}

/** What an agent does, or how it ended the last time: a resumed job runs failed ones again. */
type AgentState = "running" | "succeeded" | "failed";

/** Past so many, further agents, worktrees and items of a job are not told apart, so they do not show in its gauges. */
const MAX_IDS = 50_000;
const COPIED_A_STEP = 5_000;

/**
 * Who and what belongs to a job, by id, so that repeated events cannot drive it up. Kept only while the job is shown, as
 * a job with many agents has much of it.
 */
export class JobDetails {
  queuePending: number | null = null;
  readonly #agents = new SmallMap<AgentState>();
  #agentsRunning = 0;
  #agentsFailed = 0;
  /** Each is made when first needed: most jobs of a flood have little, and empty maps are no small things. */
  #worktrees: Set<string> | null = null;
  #dlq: Map<string, DlqEntry> | null = null;
  #dlqItems = 0;

  get agentsRunning(): number {
    return this.#agentsRunning;
  }
  get agentsFinished(): number {
    return this.#agents.size - this.#agentsRunning;
  }
  get agentsFailed(): number {
    return this.#agentsFailed;
  }
  get worktrees(): number {
    return this.#worktrees?.size ?? 0;
  }
  get dlqItems(): number {
    return this.#dlqItems;
  }

  agentStarted(agentId: string): void {
    this.#setAgent(agentId, "running");
  }

  agentEnded(agentId: string, succeeded: boolean): void {
    this.#setAgent(agentId, succeeded ? "succeeded" : "failed");
  }

  worktreeCreated(name: string): void {
    const worktrees = this.#worktrees ??= new Set();
    if (worktrees.size < MAX_IDS) worktrees.add(name);
  }

  worktreeCleaned(name: string): void {
    this.#worktrees?.delete(name);
  }

  /** Adding twice adds once, and `reprocessed`/`evicted` counts are not subtracted again. */
  dlq(itemId: string, present: boolean, atSeconds: number): void {
    const items = this.#dlq ??= new Map();
    const known = items.get(itemId);
    if (known === undefined ? items.size >= MAX_IDS : known.atSeconds > atSeconds) return;
    if ((known?.present ?? false) !== present) this.#dlqItems += present ? 1 : -1;
    items.set(itemId, { present, atSeconds });
  }

  /** Whatever still runs is over. */
  endAll(): void {
    if (this.#agentsRunning > 0) {
      for (const [agentId, state] of this.#agents) if (state === "running") this.#agents.delete(agentId);
      this.#agentsRunning = 0;
    }
    this.#worktrees = null;
  }

  *capture(): Capture<JobDetailsState> {
    const agents: Record<AgentState, string[]> = { running: [], succeeded: [], failed: [] };
    let count = 0;
    for (const [agentId, state] of this.#agents) {
      agents[state].push(agentId);
      if (++count % COPIED_A_STEP === 0) yield;
    }
    return {
      queuePending: this.queuePending,
      agents: agents.running,
      succeeded: agents.succeeded,
      failed: agents.failed,
      worktrees: yield* copied(this.#worktrees ?? []),
      dlq: yield* copied(this.#dlq ?? []),
    };
  }

  loadState(state: JobDetailsState): void {
    this.queuePending = state.queuePending;
    for (const agentId of state.agents) this.agentStarted(agentId);
    for (const agentId of state.succeeded) this.agentEnded(agentId, true);
    for (const agentId of state.failed) this.agentEnded(agentId, false);
    for (const name of state.worktrees) this.worktreeCreated(name);
    for (const [itemId, { present, atSeconds }] of state.dlq) this.dlq(itemId, present, atSeconds);
  }

  #setAgent(agentId: string, state: AgentState): void {
    const agents = this.#agents;
    const before = agents.get(agentId);
    if (before === state) return;
    const wasFinished = before !== undefined && before !== "running";
    const hasRoom = state === "running" ? this.#agentsRunning < MAX_IDS : wasFinished || this.agentsFinished < MAX_IDS;
    this.#countAgent(before, -1);
    if (hasRoom) {
      this.#countAgent(state, 1);
      agents.set(agentId, state);
    } else {
      agents.delete(agentId);
    }
  }

  #countAgent(state: AgentState | undefined, change: 1 | -1): void {
    if (state === "running") this.#agentsRunning += change;
    else if (state === "failed") this.#agentsFailed += change;
  }
}

function* copied<T>(all: Iterable<T>): Capture<readonly T[]> {
  const copy: T[] = [];
  for (const one of all) {
    copy.push(one);
    if (copy.length % COPIED_A_STEP === 0) yield;
  }
  return copy;
}
