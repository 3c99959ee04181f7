import type { EventRecord } from "../event/record.ts";
import { parseTimestampSeconds } from "../event/timestamp.ts";
import { isTimeVague, jobKeyOf, ownEventId } from "./identity.ts";
import { type LineDetails, NO_DETAILS, readDetails } from "./payload.ts";
import { storedText, storedTextOrNull } from "./stored_text.ts";

/** What the metrics made of a usage event; the rows say the same. */
export interface UsageMeaning {
  readonly model: string | null;
  readonly workflowName: string | null;
  /** Stated or estimated; `null` without a known price. */
  readonly costUsd: number | null;
}

/** An event that waits to be stored. */
export interface Offered {
  readonly record: EventRecord;
  /** What the line it came from says; `null` for state readers, and when there was no room to keep it. */
  readonly json: unknown;
  /** An id made for an event without one, else `null`. */
  readonly madeId: string | null;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  readonly usage: UsageMeaning | null;
}

/** An event as a row of `events`, and what the other tables' rows are made of. */
export interface StoredEvent {
  readonly id: string;
  /** Whether id and time both come out the same when the event is read again. */
  readonly isTimeFixed: boolean;
  /** Unix time in microseconds, as fine as PostgreSQL's. */
  readonly atMicros: number;
  readonly runId: string | null;
  readonly jobKey: string | null;
  readonly agentId: string | null;
  readonly correlationId: string | null;
  readonly record: EventRecord;
  readonly details: LineDetails;
  readonly usage: UsageMeaning | null;
}

/** Ids are shorter; an index entry of PostgreSQL takes at most some 2,700 bytes. */
export const ID_MAX = 512;
/** 0001-01-01, before which PostgreSQL's and JavaScript's years differ. */
const MIN_SECONDS = -62_135_596_800;

export function storeEvent(offered: Offered, keepPayload: boolean): StoredEvent {
  const { record, json, madeId, usage } = offered;
  const { event } = record;
  const seconds = record.timestamp === null ? null : parseTimestampSeconds(record.timestamp);
  const isTimed = seconds !== null && seconds >= MIN_SECONDS;
  const runId = storedTextOrNull(record.runId, ID_MAX);
  const jobId = "jobId" in event ? event.jobId : null;
  const agentId = "agentId" in event ? event.agentId : null;
  return {
    id: madeId ?? ownEventId(record.id ?? ""),
    isTimeFixed: isTimed && !isTimeVague(record),
    atMicros: isTimed ? Math.round(seconds * 1e6) : offered.receivedAtMs * 1000,
    runId,
    jobKey: jobId === null ? null : storedText(jobKeyOf(runId ?? record.repository ?? null, jobId), ID_MAX),
    agentId: storedTextOrNull(agentId, ID_MAX),
    correlationId: storedTextOrNull(record.correlationId, ID_MAX),
    record,
    details: json === null ? NO_DETAILS : readDetails(json, keepPayload),
    usage,
  };
}
