import type { WorkflowStatus } from "../event/event.ts";
import type { ChangedFiles, Reading } from "./changed_files.ts";
import { asFields, countField, stringField } from "./json_fields.ts";
import { isLater, timeSeconds } from "./times.ts";

/** What a session file (`sessions/<id>.json`) tells of a run. Times are RFC 3339 as written. */
export interface SessionFacts {
  readonly id: string;
  readonly status: "active" | "paused" | WorkflowStatus;
  readonly startedAt: string;
  readonly updatedAt: string | null;
  readonly completedAt: string | null;
  readonly totalSteps: number | null;
  /** "" when the workflow file gives none, and for all MapReduce runs. */
  readonly workflowName: string;
  readonly isMapReduce: boolean;
  /** Only if a Prodigy fills `mapreduce_data`; 0.4.4 does not. */
  readonly jobId: string | null;
  readonly totalItems: number | null;
  /** All changes of the run so far; in a MapReduce run it grows by the successful agents when the map phase ends. */
  readonly filesChanged: number | null;
  /** The last growth of `filesChanged`. */
  readonly filesChangedDelta: number | null;
}

/** Where a run stands, from its session file and its worktree's metadata together. */
export interface RunState {
  readonly status: "active" | WorkflowStatus;
  /** `null` while it is active. */
  readonly endedAt: string | null;
}

const STATUS: ReadonlyMap<string, SessionFacts["status"]> = new Map([
  ["Initializing", "active"],
  ["Running", "active"],
  ["Paused", "paused"],
  ["Completed", "success"],
  ["Failed", "failed"],
  ["Cancelled", "cancelled"],
]);

/** `null` when it is not a session as Prodigy writes them. */
export function parseSession(json: unknown): SessionFacts | null {
  const session = asFields(json);
  if (session === null) return null;
  const id = stringField(session, "id");
  const status = STATUS.get(stringField(session, "status") ?? "");
  const startedAt = stringField(session, "started_at");
  if (id === null || status === undefined || timeSeconds(startedAt) === null || startedAt === null) return null;
  const metadata = asFields(session["metadata"]) ?? {};
  const workflow = asFields(session["workflow_data"]) ?? {};
  const mapReduce = asFields(session["mapreduce_data"]);
  return {
    id,
    status,
    startedAt,
    updatedAt: stringField(session, "updated_at"),
    completedAt: stringField(session, "completed_at"),
    totalSteps: countField(metadata, "total_steps"),
    workflowName: stringField(workflow, "workflow_name") ?? "",
    isMapReduce: mapReduce !== null || stringField(session, "session_type") === "MapReduce",
    jobId: mapReduce === null ? null : stringField(mapReduce, "job_id"),
    totalItems: mapReduce === null ? null : countField(mapReduce, "total_items"),
    filesChanged: countField(workflow, "files_changed"),
    filesChangedDelta: countField(metadata, "files_changed_delta"),
  };
}

/**
 * Prodigy's signal handler exits at once: an interrupted run's session stays `Running` for ever, and only its
 * worktree's metadata says so, also after a later resume. So it counts as cancelled until the session moves again.
 *
 * @param interruptedAt from the worktree's metadata, `null` when that says nothing of an interruption.
 */
export function runState(session: SessionFacts, interruptedAt: string | null): RunState {
  const { status } = session;
  if (status === "active" || status === "paused") {
    const isInterrupted = interruptedAt !== null &&
      (status === "paused" || !isLater(session.updatedAt, interruptedAt));
    return isInterrupted ? { status: "cancelled", endedAt: interruptedAt } : { status: "active", endedAt: null };
  }
  // `Failed` is first written without `completed_at`.
  return { status, endedAt: session.completedAt ?? session.updatedAt ?? session.startedAt };
}

export type SessionReading = Exclude<Reading, { readonly kind: "read" }> | {
  readonly kind: "read";
  readonly session: SessionFacts;
  readonly mtimeMs: number;
  readonly stamp: string;
};

/** A file under another name than its session's id is a copy somebody made: skipped. */
export function readSession(
  files: ChangedFiles,
  path: string,
  options: { readonly id: string; readonly nowMs: number; readonly force: boolean },
): SessionReading {
  const reading = files.read(path, options.nowMs, { force: options.force });
  if (reading.kind !== "read") return reading;
  const session = parseSession(reading.json);
  if (session === null) return { kind: "torn", mtimeMs: reading.mtimeMs };
  if (session.id !== options.id) return { kind: "skipped" };
  return { kind: "read", session, mtimeMs: reading.mtimeMs, stamp: reading.stamp };
}
