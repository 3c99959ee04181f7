import { agentExecutionId, workflowExecutionId } from "./identity.ts";
import { inferStart, type Life } from "./life.ts";
import { placeSteps, type StepNews, type StepPlace, type StepRow } from "./step_rows.ts";

export interface WorkflowRow extends Life {
  readonly id: string;
  readonly workflowId: string;
  name: string;
  totalSteps: number | null;
  failedSteps: number | null;
  /** JSON text. */
  metadata: string | null;
  instance: string;
}

export interface JobRow extends Life {
  /** The value of `job_id`. */
  readonly key: string;
  workflowExecutionId: string | null;
  totalItems: number | null;
  successfulItems: number | null;
  failedItems: number | null;
  dlqItems: number | null;
  /** The counts are the job's own, not counted from its agents. */
  areItemsStated: boolean;
  instance: string;
}

export interface AgentRow extends Life {
  readonly id: string;
  readonly jobKey: string;
  readonly agentId: string;
  attempts: number;
  errorType: string | null;
  isRetryEligible: boolean | null;
  instance: string;
}

export interface DlqRow {
  readonly jobKey: string;
  readonly itemId: string;
  isPresent: boolean;
  addedMicros: number | null;
  removedMicros: number | null;
  errorSignature: string | null;
  failureCount: number | null;
  instance: string;
}

export interface UsageRow {
  readonly id: string;
  readonly usedMicros: number;
  readonly workflowExecutionId: string | null;
  readonly workflowName: string | null;
  readonly jobKey: string | null;
  readonly agentId: string | null;
  readonly model: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
  readonly costUsd: number | null;
  readonly instance: string;
}

/** Stands in a name column until an event tells the name. */
export const NAME_UNKNOWN = "unknown";
/** Nothing told a status yet: the row is there because others refer to it. */
export const STATUS_UNKNOWN = "unknown";

/** The rows a batch is about: first those in the database, then as the batch's events leave them. */
export class Rows {
  /** By workflow id, not by the row's: making that costs more than all else. */
  readonly workflows = new Map<string, WorkflowRow>();
  readonly jobs = new Map<string, JobRow>();
  /** By `agentKeyOf`. */
  readonly agents = new Map<string, AgentRow>();
  /** By `dlqKeyOf`. */
  readonly dlq = new Map<string, DlqRow>();
  /** By `stepGroupOf`: all executions of a step in a run. */
  readonly steps = new Map<string, readonly StepRow[]>();
  /** Also by `stepGroupOf`: told, and not yet in `steps`. */
  readonly #stepNews = new Map<string, { readonly place: StepPlace; readonly news: StepNews[] }>();
  readonly usage: UsageRow[] = [];
  /** Rows that differ from the database. */
  readonly changed = new Set<WorkflowRow | JobRow | AgentRow | DlqRow | StepRow>();
  /** Jobs whose agents or DLQ items changed: their numbers must be counted again. */
  readonly recount = new Set<string>();
  readonly #instance: string;

  constructor(instance: string) {
    this.#instance = instance;
  }

  get instance(): string {
    return this.#instance;
  }

  /** The run's row, which began no later than `atMicros`; a placeholder when there is none. */
  workflow(workflowId: string, atMicros: number): WorkflowRow {
    const known = this.workflows.get(workflowId);
    if (known !== undefined) return this.#begun(known, atMicros);
    return this.#add(this.workflows, workflowId, {
      ...this.#unborn(atMicros),
      id: workflowExecutionId(workflowId),
      workflowId,
      name: NAME_UNKNOWN,
      totalSteps: null,
      failedSteps: null,
      metadata: null,
    });
  }

  /** As `workflow`, for a job; with its run, which it refers to. */
  job(key: string, runId: string | null, atMicros: number): JobRow {
    const run = runId === null ? null : this.workflow(runId, atMicros);
    const known = this.jobs.get(key);
    if (known !== undefined) return this.#begun(known, atMicros);
    return this.#add(this.jobs, key, {
      ...this.#unborn(atMicros),
      key,
      workflowExecutionId: run?.id ?? null,
      totalItems: null,
      successfulItems: null,
      failedItems: null,
      dlqItems: null,
      areItemsStated: false,
    });
  }

  agent(jobKey: string, agentId: string, atMicros: number): AgentRow {
    const key = agentKeyOf(jobKey, agentId);
    const known = this.agents.get(key);
    if (known !== undefined) return this.#begun(known, atMicros);
    return this.#add(this.agents, key, {
      ...this.#unborn(atMicros),
      id: agentExecutionId(jobKey, agentId),
      jobKey,
      agentId,
      attempts: 1,
      errorType: null,
      isRetryEligible: null,
    });
  }

  dlqItem(jobKey: string, itemId: string): DlqRow {
    const key = dlqKeyOf(jobKey, itemId);
    return this.dlq.get(key) ?? this.#add(this.dlq, key, {
      jobKey,
      itemId,
      isPresent: false,
      addedMicros: null,
      removedMicros: null,
      errorSignature: null,
      failureCount: null,
      instance: this.#instance,
    });
  }

  tellStep({ id, workflowId }: WorkflowRow, stepIndex: number, news: StepNews): void {
    const group = stepGroupOf(id, stepIndex);
    const told = this.#stepNews.get(group);
    if (told !== undefined) return void told.news.push(news);
    const place = { workflowId, workflowExecutionId: id, stepIndex, instance: this.#instance };
    this.#stepNews.set(group, { place, news: [news] });
  }

  /** Puts all that was told of steps into `steps`: once for many, as each may change any execution of its step. */
  placeSteps(): void {
    for (const [group, { place, news }] of this.#stepNews) {
      const known = this.steps.get(group) ?? [];
      const placed = placeSteps(known, news, place);
      const former = new Set(known);
      for (const row of placed) if (!former.has(row)) this.changed.add(row);
      this.steps.set(group, placed);
    }
    this.#stepNews.clear();
  }

  #unborn(atMicros: number): Life & { instance: string } {
    return {
      startedMicros: atMicros,
      isStartKnown: false,
      completedMicros: null,
      status: STATUS_UNKNOWN,
      durationMs: null,
      statusMicros: null,
      instance: this.#instance,
    };
  }

  #begun<R extends WorkflowRow | JobRow | AgentRow>(row: R, atMicros: number): R {
    if (inferStart(row, atMicros)) this.changed.add(row);
    return row;
  }

  #add<R extends WorkflowRow | JobRow | AgentRow | DlqRow>(rows: Map<string, R>, key: string, row: R): R {
    rows.set(key, row);
    this.changed.add(row);
    return row;
  }
}

export function agentKeyOf(jobKey: string, agentId: string): string {
  return `${jobKey}\0${agentId}`;
}

export function dlqKeyOf(jobKey: string, itemId: string): string {
  return `${jobKey}\0${itemId}`;
}

export function stepGroupOf(workflowExecutionId: string, stepIndex: number): string {
  return `${workflowExecutionId} ${stepIndex}`;
}
