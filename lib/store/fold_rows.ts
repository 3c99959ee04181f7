import type { EventOf, EventType } from "../event/event.ts";
import { isUnseenAgent } from "../event/unseen_agent.ts";
import { workflowExecutionId } from "./identity.ts";
import { millis, tellAbandoned, tellEnd, tellStart, tellStatus } from "./life.ts";
import { type AgentRow, type JobRow, NAME_UNKNOWN, type Rows, type WorkflowRow } from "./rows.ts";
import type { StepNews } from "./step_rows.ts";
import { ID_MAX, type StoredEvent } from "./stored_event.ts";
import { storedText, storedTextOrNull } from "./stored_text.ts";

/** Names and kinds that become columns are short; a longer one is no name. */
const NAME_MAX = 512;
const NAME_UNNAMED = "unnamed";

/** What an event means for the rows. Everything it needs it asks `rows` for, so a run over empty rows tells what that is. */
type Folder<T extends EventType> = (event: EventOf<T>, stored: StoredEvent, rows: Rows) => void;

/** Event types without a row of their own but in `events` are not listed. */
const FOLDERS: { readonly [T in EventType]?: Folder<T> } = {
  workflow_started: (event, stored, rows) => {
    const run = workflowOf(event.workflowId, stored, rows);
    const { atMicros } = stored;
    const isNewest = isNews(run, atMicros);
    const goesOn = tellStatus(run, atMicros, "running");
    if (goesOn) run.failedSteps = null;
    const changes = [
      goesOn,
      nameRun(run, event.workflowName, isNewest),
      tellStart(run, atMicros),
      fill(run, { totalSteps: event.totalSteps, metadata: stored.details.metadata }, isNewest),
    ];
    if (changes.includes(true)) rows.changed.add(run);
  },
  workflow_completed: (event, stored, rows) => {
    const run = workflowOf(event.workflowId, stored, rows);
    const isNewest = isNews(run, stored.atMicros);
    const end = tellEnd(run, stored.atMicros, event.status, millis(event.durationSeconds));
    if (end === "decided") run.failedSteps = event.failedSteps;
    const changes = [
      end !== "ignored",
      nameRun(run, event.workflowName, isNewest),
      fill(run, { totalSteps: event.totalSteps, metadata: stored.details.metadata }, isNewest),
    ];
    if (changes.includes(true)) rows.changed.add(run);
  },
  step_started: (event, stored, rows) => foldStep(event, stored, rows, null),
  step_completed: (event, stored, rows) => {
    const { status, durationSeconds, onFailureRecovered } = event;
    foldStep(event, stored, rows, {
      status,
      durationMs: millis(durationSeconds),
      // Prodigy's files do not tell.
      isRecovered: stored.record.origin === "state" ? null : onFailureRecovered,
      errorMessage: stored.details.errorMessage,
    });
    const run = workflowOf(event.workflowId, stored, rows);
    if (event.workflowName !== null && run.name === NAME_UNKNOWN && nameRun(run, event.workflowName, false)) {
      rows.changed.add(run);
    }
  },

  job_started: (event, stored, rows) =>
    changeJob(stored, rows, (job) => {
      const isNewest = isNews(job, stored.atMicros);
      const isStart = tellStart(job, stored.atMicros);
      const isRunning = goOn(job, stored, rows, "running");
      return fill(job, { totalItems: event.totalItems }, isNewest) || isStart || isRunning;
    }),
  job_resumed: (_event, stored, rows) => changeJob(stored, rows, (job) => goOn(job, stored, rows, "running")),
  job_paused: (_event, stored, rows) => changeJob(stored, rows, (job) => goOn(job, stored, rows, "paused")),
  job_completed: (event, stored, rows) =>
    changeJob(stored, rows, (job) => {
      const end = tellEnd(job, stored.atMicros, "success", millis(event.durationSeconds));
      if (end === "decided") {
        job.successfulItems = event.successCount;
        job.failedItems = event.failureCount;
        job.areItemsStated = true;
      }
      return end !== "ignored";
    }),
  job_failed: (event, stored, rows) =>
    changeJob(stored, rows, (job) => {
      const end = tellEnd(job, stored.atMicros, "failed", millis(event.durationSeconds));
      if (end === "decided") countItems(job, rows);
      return end !== "ignored";
    }),
  work_abandoned: ({ jobId }, stored, rows) => {
    const { runId, atMicros } = stored;
    if (jobId !== null) changeJob(stored, rows, (job) => tellAbandoned(job, atMicros) && countItems(job, rows));
    else if (runId !== null) abandonRun(rows.workflow(runId, atMicros), stored, rows);
  },
  queue_depth_changed: (_event, stored, rows) => changeJob(stored, rows, () => false),
  checkpoint_created: (_event, stored, rows) => changeJob(stored, rows, () => false),

  agent_started: (event, stored, rows) =>
    changeAgent(event, stored, rows, (agent) => {
      const isStart = tellStart(agent, stored.atMicros);
      const isRunning = run(agent, stored);
      return moreAttempts(agent, event.attempt) || isStart || isRunning;
    }),
  agent_retrying: (event, stored, rows) =>
    changeAgent(event, stored, rows, (agent) => {
      const isRunning = run(agent, stored);
      return moreAttempts(agent, event.attempt) || isRunning;
    }),
  agent_completed: (event, stored, rows) =>
    changeAgent(event, stored, rows, (agent) => {
      const end = tellEnd(agent, stored.atMicros, "success", millis(event.durationSeconds));
      if (end === "decided") Object.assign(agent, NO_FAILURE);
      return end !== "ignored";
    }),
  agent_failed: (event, stored, rows) =>
    changeAgent(event, stored, rows, (agent) => {
      const end = tellEnd(agent, stored.atMicros, "failed", null);
      if (end === "decided") {
        agent.errorType = storedTextOrNull(event.errorType, NAME_MAX);
        agent.isRetryEligible = event.retryEligible;
      }
      return end !== "ignored";
    }),

  dlq_item_added: (event, stored, rows) => foldDlq(event.itemId, "addedMicros", stored, rows),
  dlq_item_removed: (event, stored, rows) => foldDlq(event.itemId, "removedMicros", stored, rows),

  claude_token_usage: (event, stored, rows) => addUsage(event, stored, rows),
  claude_session_completed: (_event, stored, rows) => {
    // What the session's stated cost exceeds what its messages were counted at; most often nothing.
    if ((stored.usage?.costUsd ?? 0) > 0) addUsage(NO_TOKENS, stored, rows);
  },
};

const NO_TOKENS = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 };

/** Changes the rows by what the events say. */
export function foldRows(events: readonly StoredEvent[], rows: Rows): void {
  for (const stored of events) {
    const { event } = stored.record;
    // The table's function for a type takes exactly the events of that type; indexing by a union forgets it.
    const folder = FOLDERS[event.type] as Folder<EventType> | undefined;
    folder?.(event, stored, rows);
  }
  rows.placeSteps();
}

function workflowOf(workflowId: string, { atMicros }: StoredEvent, rows: Rows): WorkflowRow {
  return rows.workflow(storedText(workflowId, ID_MAX), atMicros);
}

function abandonRun(run: WorkflowRow, { atMicros }: StoredEvent, rows: Rows): void {
  if (!tellAbandoned(run, atMicros)) return;
  run.failedSteps = null;
  rows.changed.add(run);
}

/** Events come in any order, and what the latest one says holds. To be asked before its status is told. */
function isNews({ statusMicros }: WorkflowRow | JobRow, atMicros: number): boolean {
  return statusMicros === null || atMicros >= statusMicros;
}

function nameRun(run: WorkflowRow, told: string, isNewest: boolean): boolean {
  const name = told === "" ? NAME_UNNAMED : storedText(told, NAME_MAX);
  // A name that was known to be missing may be found out later, but not the other way round.
  if (run.name === name || (run.name !== NAME_UNKNOWN && name === NAME_UNNAMED)) return false;
  if (!isNewest && run.name !== NAME_UNKNOWN && run.name !== NAME_UNNAMED) return false;
  run.name = name;
  return true;
}

/** Sets what is known and differs; of what is not the newest, only what is missing. */
function fill<R extends object>(row: R, values: Partial<R>, isNewest: boolean): boolean {
  const news = Object.entries(values).filter(([name, value]) => {
    const held = row[name as keyof R];
    return value !== null && held !== value && (isNewest || held === null);
  });
  Object.assign(row, Object.fromEntries(news));
  return news.length > 0;
}

function foldStep(
  event: EventOf<"step_started"> | EventOf<"step_completed">,
  stored: StoredEvent,
  rows: Rows,
  end: StepNews["end"],
): void {
  const { atMicros, details: { command } } = stored;
  const run = rows.workflow(storedText(event.workflowId, ID_MAX), atMicros - (end?.durationMs ?? 0) * 1000);
  rows.tellStep(run, event.stepIndex, { atMicros, stepType: storedText(event.stepType, NAME_MAX), command, end });
}

function changeJob(stored: StoredEvent, rows: Rows, change: (job: JobRow) => boolean): void {
  const { jobKey, runId, atMicros } = stored;
  if (jobKey === null) return;
  const job = rows.job(jobKey, runId, atMicros);
  if (change(job)) rows.changed.add(job);
}

function goOn(job: JobRow, { atMicros }: StoredEvent, rows: Rows, status: string): boolean {
  return tellStatus(job, atMicros, status) && countItems(job, rows);
}

/** What an earlier end stated holds no more: the items are counted from the agents again. @returns that it changed */
function countItems(job: JobRow, rows: Rows): true {
  job.successfulItems = null;
  job.failedItems = null;
  job.areItemsStated = false;
  rows.recount.add(job.key);
  return true;
}

function changeAgent(
  { agentId }: { readonly agentId: string },
  stored: StoredEvent,
  rows: Rows,
  change: (agent: AgentRow) => boolean,
): void {
  const { jobKey, atMicros } = stored;
  if (jobKey === null) return;
  changeJob(stored, rows, () => false);
  // It stands for one that has a row already, or of which there is nothing to tell.
  if (isUnseenAgent(agentId)) return;
  const agent = rows.agent(jobKey, storedText(agentId, ID_MAX), atMicros);
  if (!change(agent)) return;
  rows.changed.add(agent);
  rows.recount.add(jobKey);
}

const NO_FAILURE = { errorType: null, isRetryEligible: null };

function run(agent: AgentRow, { atMicros }: StoredEvent): boolean {
  if (!tellStatus(agent, atMicros, "running")) return false;
  Object.assign(agent, NO_FAILURE);
  return true;
}

function moreAttempts(agent: AgentRow, attempt: number): boolean {
  if (attempt <= agent.attempts) return false;
  agent.attempts = attempt;
  return true;
}

function foldDlq(told: string, field: "addedMicros" | "removedMicros", stored: StoredEvent, rows: Rows): void {
  const { jobKey, atMicros, details } = stored;
  if (jobKey === null) return;
  changeJob(stored, rows, () => false);
  const item = rows.dlqItem(jobKey, storedText(told, ID_MAX));
  if (atMicros <= (item[field] ?? -Infinity)) return;
  item[field] = atMicros;
  // Put in and taken out in the same microsecond is out.
  item.isPresent = (item.addedMicros ?? -Infinity) > (item.removedMicros ?? -Infinity);
  fill(item, { errorSignature: details.errorSignature, failureCount: details.failureCount }, true);
  rows.changed.add(item);
  rows.recount.add(jobKey);
}

function addUsage(tokens: typeof NO_TOKENS, stored: StoredEvent, rows: Rows): void {
  const { id, atMicros, runId, jobKey, agentId, usage } = stored;
  const { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens } = tokens;
  rows.usage.push({
    id,
    usedMicros: atMicros,
    workflowExecutionId: runId === null ? null : workflowExecutionId(runId),
    workflowName: storedTextOrNull(usage?.workflowName ?? null, NAME_MAX),
    jobKey,
    agentId,
    model: storedTextOrNull(usage?.model ?? null, NAME_MAX),
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheCreationTokens,
    costUsd: usage?.costUsd ?? null,
    instance: rows.instance,
  });
}
