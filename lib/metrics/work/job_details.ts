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

/** Past so many, further agents, worktrees and items of a job are not told apart, so they do not show in its gauges. */
const MAX_IDS = 50_000;

/**
 * Who and what belongs to a job, by id: sets, which repeated events cannot drive up. Kept only while the job is shown, as
 * a job with many agents has much of it.
 */
export class JobDetails {
  queuePending: number | null = null;
  /** Each set is made when first needed: most jobs of a flood have little, and empty sets are no small things. */
  #agents: Set<string> | null = null;
  /** Agents that are over, and whether they succeeded: the last time, as a resumed job runs failed ones again. */
  #finished: Map<string, boolean> | null = null;
  #failedAgents = 0;
  #worktrees: Set<string> | null = null;
  #dlq: Map<string, DlqEntry> | null = null;
  #dlqItems = 0;

  get agentsRunning(): number {
    return this.#agents?.size ?? 0;
  }
  get agentsFinished(): number {
    return this.#finished?.size ?? 0;
  }
  get agentsFailed(): number {
    return this.#failedAgents;
  }
  get worktrees(): number {
    return this.#worktrees?.size ?? 0;
  }
  get dlqItems(): number {
    return this.#dlqItems;
  }

  agentStarted(agentId: string): void {
    this.#agents = withId(this.#agents, agentId);
    if (this.#finished?.get(agentId) === false) this.#failedAgents--;
    this.#finished?.delete(agentId);
  }

  agentEnded(agentId: string, succeeded: boolean): void {
    this.#agents?.delete(agentId);
    const finished = this.#finished ??= new Map();
    const before = finished.get(agentId);
    if (before === undefined && finished.size >= MAX_IDS) return;
    if (before === false) this.#failedAgents--;
    if (!succeeded) this.#failedAgents++;
    finished.set(agentId, succeeded);
  }

  worktreeCreated(name: string): void {
    this.#worktrees = withId(this.#worktrees, name);
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
    this.#agents = null;
    this.#worktrees = null;
  }

  saveState(): JobDetailsState {
    return {
      queuePending: this.queuePending,
      agents: [...this.#agents ?? []],
      succeeded: this.#agentsThat(true),
      failed: this.#agentsThat(false),
      worktrees: [...this.#worktrees ?? []],
      dlq: [...this.#dlq ?? []],
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

  #agentsThat(succeeded: boolean): readonly string[] {
    const agentIds: string[] = [];
    for (const [agentId, hasSucceeded] of this.#finished ?? []) if (hasSucceeded === succeeded) agentIds.push(agentId);
    return agentIds;
  }
}

function withId(ids: Set<string> | null, id: string): Set<string> {
  const set = ids ?? new Set<string>();
  if (set.size < MAX_IDS) set.add(id);
  return set;
}
