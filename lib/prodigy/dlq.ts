import type { Event } from "../event/event.ts";
import type { EventRecord } from "../event/record.ts";
import type { ChangedFiles } from "./changed_files.ts";
import { asFields, countField, listField, ownValue, stringField } from "./json_fields.ts";
import { stateRecord } from "./state_record.ts";
import { rfc3339 } from "./times.ts";

/** Prodigy's `ErrorType`, by its serialised name; the closed set of DLQ error types. */
const ERROR_TYPES: ReadonlyMap<string, string> = new Map([
  ["Timeout", "timeout"],
  ["CommandFailed", "command_failed"],
  ["CommitValidationFailed", "commit_validation_failed"],
  ["WorktreeError", "worktree_error"],
  ["MergeConflict", "merge_conflict"],
  ["ValidationFailed", "validation_failed"],
  ["ResourceExhausted", "resource_exhausted"],
]);
const UNKNOWN_ERROR_TYPE = "unknown";

export interface DlqItemFacts {
  readonly failureCount: number;
  readonly errorType: string;
  readonly failedAt: string | null;
}

/** The items of one job's DLQ. */
export interface DlqSeen {
  readonly directory: "listed" | "absent" | "unknown";
  /** By item id; `null` for an item that is there but not yet readable. */
  readonly items: ReadonlyMap<string, DlqItemFacts | null>;
  readonly newestMs: number;
}

/** An item does not fail more often between two looks; a larger figure is damage. */
const MAX_FAILURES = 100;

/** Failures told, by item id; 0 for an item that is waited for, as it is there but not yet readable. */
export type DlqMemory = Readonly<Record<string, number>>;

/** `null` when it is no DLQ item. */
export function parseDlqItem(json: unknown): DlqItemFacts | null {
  const item = asFields(json);
  if (item === null || stringField(item, "item_id") === null) return null;
  const last = asFields(listField(item, "failure_history").at(-1)) ?? {};
  const told = last["error_type"];
  const name = typeof told === "string" ? told : Object.keys(asFields(told) ?? {})[0] ?? "";
  return {
    failureCount: Math.max(1, countField(item, "failure_count") ?? 1),
    errorType: ERROR_TYPES.get(name) ?? UNKNOWN_ERROR_TYPE,
    failedAt: stringField(last, "timestamp") ?? stringField(item, "last_attempt"),
  };
}

export interface DlqContext {
  readonly runId: string | null;
  readonly jobId: string;
  readonly nowMs: number;
}

export interface DlqChange {
  readonly memory: DlqMemory;
  readonly records: readonly EventRecord[];
}

/**
 * In 0.4.4 every failed item comes into the DLQ at once, so its file tells of the failed agent, too: that agent's own
 * file stays behind.
 */
export function diffDlq(memory: DlqMemory, seen: DlqSeen, context: DlqContext): DlqChange {
  if (seen.directory === "unknown") return { memory, records: [] };
  const { runId, jobId } = context;
  const next = new Map<string, number>();
  const records: EventRecord[] = [];
  for (const [itemId, facts] of seen.items) {
    const told = ownValue(memory, itemId) ?? 0;
    if (facts === null) {
      next.set(itemId, told);
      continue;
    }
    next.set(itemId, facts.failureCount);
    const envelope = { runId, timestamp: facts.failedAt };
    const agentId = agentOf(jobId, itemId);
    const failed: Event = { type: "agent_failed", jobId, agentId, retryEligible: false, errorType: facts.errorType };
    for (let failure = told; failure < Math.min(facts.failureCount, told + MAX_FAILURES); failure++) {
      records.push(stateRecord(failed, envelope));
    }
    if (told === 0) records.push(stateRecord({ type: "dlq_item_added", jobId, itemId }, envelope));
  }
  const envelope = { runId, timestamp: rfc3339(context.nowMs) };
  for (const [itemId, told] of Object.entries(memory)) {
    if (told === 0 || seen.items.has(itemId)) continue;
    records.push(stateRecord({ type: "dlq_item_removed", jobId, itemId }, envelope));
  }
  return { memory: Object.fromEntries(next), records };
}

/** The item's number is the agent's; the `agent_id` inside the item is another, made-up one. */
function agentOf(jobId: string, itemId: string): string {
  return `${jobId}_agent_${itemId.replace(/^item_/, "")}`;
}

export interface DlqReadOptions {
  readonly nowMs: number;
  readonly ignoreBeforeMs: number;
  /** Whether somebody may still be writing, so that waiting for a torn item makes sense. */
  readonly isLive: boolean;
  readonly told: DlqMemory;
}

const NO_ITEMS: ReadonlyMap<string, DlqItemFacts | null> = new Map();
const ITEM_ID = /^[\w.:-]{1,128}$/;
/**
 * An item that stays unreadable for so long counts by its name alone: that it is there says that it failed. So does one
 * whose file's time is that far ahead of the clock: waiting for it would have no end.
 */
const TORN_MS = 10_000;

/**
 * @param directory `…/items`
 * @param known items already read; renewed
 * @param options.ignoreBeforeMs items not written since then (Unix milliseconds) are of the past, unless told before
 */
export function readDlqItems(
  files: ChangedFiles,
  directory: string,
  known: Map<string, DlqItemFacts>,
  options: DlqReadOptions,
): DlqSeen {
  const listing = files.list(directory);
  if (typeof listing === "string") {
    return { directory: listing === "absent" ? "absent" : "unknown", items: NO_ITEMS, newestMs: 0 };
  }
  const items = new Map<string, DlqItemFacts | null>();
  let newestMs = 0;
  const tornMs = options.isLive ? TORN_MS : 0;
  for (const file of listing.files.toSorted()) {
    const itemId = file.slice(0, -".json".length);
    if (!file.endsWith(".json") || !ITEM_ID.test(itemId)) continue;
    const path = `${directory}/${file}`;
    const reading = files.read(path, options.nowMs, { force: !known.has(path) });
    if (reading.kind === "absent") continue;
    const mtimeMs = reading.kind === "skipped" ? 0 : reading.mtimeMs;
    if (mtimeMs <= options.ignoreBeforeMs && ownValue(options.told, itemId) === undefined) continue;
    newestMs = Math.max(newestMs, mtimeMs);
    const facts = reading.kind === "read" ? parseDlqItem(reading.json) : null;
    if (facts !== null) known.set(path, facts);
    else if (!known.has(path) && Math.abs(options.nowMs - mtimeMs) >= tornMs) {
      known.set(path, { failureCount: 1, errorType: UNKNOWN_ERROR_TYPE, failedAt: rfc3339(mtimeMs) });
    }
    items.set(itemId, known.get(path) ?? null);
  }
  for (const path of known.keys()) {
    if (path.startsWith(`${directory}/`) && !items.has(path.slice(directory.length + 1, -".json".length))) {
      known.delete(path);
    }
  }
  return { directory: "listed", items, newestMs };
}
