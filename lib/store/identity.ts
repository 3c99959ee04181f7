import type { EventType } from "../event/event.ts";
import type { EventRecord } from "../event/record.ts";
import { isUuid, uuid5 } from "./uuid5.ts";

/*
 * Rows of runs, steps, jobs and agents have ids made from Prodigy's own ids alone, so whoever writes about a run writes
 * to the same row. An event without an id of its own belongs to the exporter that saw it (`instance`).
 */

export function workflowExecutionId(workflowId: string): string {
  return uuid5(`workflow:${workflowId}`);
}

/** @param executionNumber 1 for the first time the step ran in this workflow run. */
export function stepExecutionId(workflowId: string, stepIndex: number, executionNumber: number): string {
  return uuid5(`step:${workflowId}:${stepIndex}:${executionNumber}`);
}

export function agentExecutionId(jobKey: string, agentId: string): string {
  return uuid5(`agent:${jobKey}:${agentId}`);
}

/** A job id is unique only within its Prodigy session. */
export function jobKeyOf(runId: string | null, jobId: string): string {
  return runId === null ? jobId : `${runId}/${jobId}`;
}

/** The id of an event that has one of its own. */
export function ownEventId(id: string): string {
  return isUuid(id) ? id.toLowerCase() : uuid5(`event:${id}`);
}

/** The id of an event that has none: what it says, and the how manieth time that was said. */
export function madeEventId(instance: string, content: string, occurrence: number): string {
  return uuid5(`record:${instance}:${occurrence}:${content}`);
}

/**
 * State events whose time is that of the look which found them out: a look after a restart finds out the same a moment
 * later, so the time is no part of what they say.
 */
const LOOK_TIMED: ReadonlySet<EventType> = new Set(["agent_completed", "dlq_item_removed", "worktree_cleaned"]);

function isTimedByTheLook({ origin, event }: EventRecord): boolean {
  return origin === "state" && LOOK_TIMED.has(event.type);
}

/** Whether the same fact may be told with another time: by another look, or by another file. */
export function isTimeVague(record: EventRecord): boolean {
  const { factId = null } = record;
  return factId !== null || isTimedByTheLook(record);
}

/** What an event without an id says, as one text: equal for equal facts, also when they are read again after a crash. */
export function contentOf(record: EventRecord, line: string | null): string {
  const { event, runId, timestamp, factId = null } = record;
  if (line !== null) return `${runId ?? ""} ${line}`;
  if (factId !== null) return factId;
  const isLookTimed = isTimedByTheLook(record);
  const fields = Object.entries(event)
    .filter(([name]) => !(isLookTimed && name === "durationSeconds"))
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return [runId ?? "", isLookTimed ? "" : timestamp ?? "", ...fields].join(" ");
}
