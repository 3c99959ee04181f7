import { redactSecrets } from "./redact.ts";
import { storedText } from "./stored_text.ts";

/** What a line tells beyond its event, as far as rows have a place for it. */
export interface LineDetails {
  /** The event object as JSON text for a jsonb column. */
  readonly payload: string | null;
  readonly command: string | null;
  readonly errorMessage: string | null;
  readonly errorSignature: string | null;
  readonly failureCount: number | null;
  /** Of the process that wrote the line, as JSON text. */
  readonly metadata: string | null;
}

export const NO_DETAILS: LineDetails = {
  payload: null,
  command: null,
  errorMessage: null,
  errorSignature: null,
  failureCount: null,
  metadata: null,
};

/**
 * Fields of events that are numbers, ids, names or closed sets. Everything else may hold prompts, tool inputs, outputs,
 * messages or secrets, and so may fields that a later producer adds: they are left out by default.
 */
const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  "active",
  "agent_id",
  "agents_completed",
  "attempt",
  "available",
  "backoff_ms",
  "branch",
  "cache_creation_1h_tokens",
  "cache_creation_tokens",
  "cache_read_tokens",
  "cache_tokens",
  "checkpoint_version",
  "commits",
  "completed",
  "cost_usd",
  "count",
  "duration",
  "error_signature",
  "error_type",
  "event_type",
  "failed_steps",
  "failure_count",
  "input_tokens",
  "item_id",
  "job_id",
  "limit_mb",
  "message_type",
  "model",
  "on_failure_recovered",
  "output_tokens",
  "partial_results",
  "patterns",
  "pending",
  "pending_items",
  "progress_pct",
  "result",
  "retry_eligible",
  "session_id",
  "status",
  "step_index",
  "step_type",
  "success_count",
  "target_branch",
  "timestamp",
  "tool_id",
  "tool_name",
  "total_items",
  "total_steps",
  "used_mb",
  "validation",
  "version",
  "workflow_id",
  "workflow_name",
  "worktree",
  "worktree_name",
]);
const PLAIN_METADATA: ReadonlySet<string> = new Set(["host", "pid", "thread", "version"]);

/** Ids and names are shorter; a longer text in a plain field is something else. */
const PLAIN_TEXT_MAX = 256;
const PLAIN_LIST_MAX = 64;
const COMMAND_MAX = 4096;
const MESSAGE_MAX = 8192;
const SIGNATURE_MAX = 256;

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param outer the line's JSON
 * @param keepPayload keeps the event object whole, and command and message as they are
 */
export function readDetails(outer: unknown, keepPayload: boolean): LineDetails {
  if (!isFields(outer)) return NO_DETAILS;
  const fields = eventOf(outer);
  const redact = keepPayload ? (text: string): string => text : redactSecrets;
  const payload = keepPayload ? fields : pick(fields, PLAIN_FIELDS);
  const metadata = isFields(outer["metadata"]) ? pick(outer["metadata"], PLAIN_METADATA) : {};
  const message = textOf(fields["error_message"]) ?? textOf(fields["error"]);
  const command = textOf(fields["command"]);
  const signature = textOf(fields["error_signature"]);
  const failures = fields["failure_count"];
  return {
    payload: jsonText(payload),
    command: command === null ? null : storedText(redact(command), COMMAND_MAX),
    errorMessage: message === null ? null : storedText(redact(message), MESSAGE_MAX),
    errorSignature: signature === null ? null : storedText(signature, SIGNATURE_MAX),
    failureCount: typeof failures === "number" && Number.isInteger(failures) ? failures : null,
    metadata: Object.keys(metadata).length === 0 ? null : jsonText(metadata),
  };
}

/** Under `event`, at the top, or in the externally tagged form `{"AgentCompleted": {…}}`. */
function eventOf(outer: Fields): Fields {
  const event = isFields(outer["event"]) ? outer["event"] : outer;
  if (typeof event["event_type"] === "string") return event;
  const [body] = Object.values(event);
  return isFields(body) ? body : event;
}

function pick(fields: Fields, names: ReadonlySet<string>): Fields {
  const picked: Record<string, unknown> = {};
  for (const name in fields) {
    const value = fields[name];
    if (names.has(name) && isPlain(value)) picked[name] = value;
  }
  return picked;
}

function isPlain(value: unknown): boolean {
  if (typeof value === "string") return value.length <= PLAIN_TEXT_MAX;
  if (Array.isArray(value)) return value.length <= PLAIN_LIST_MAX && value.every(isPlainScalar);
  return isFields(value) ? isDuration(value) : true;
}

function isPlainScalar(value: unknown): boolean {
  return typeof value === "string" ? value.length <= PLAIN_TEXT_MAX : typeof value !== "object" || value === null;
}

/** `{"secs": 45, "nanos": 0}` */
function isDuration(value: Fields): boolean {
  return Object.entries(value).every(([name, part]) =>
    (name === "secs" || name === "nanos") && typeof part === "number"
  );
}

/**
 * JSON that jsonb takes: it refuses NUL and halves of surrogate pairs, which JSON itself allows as escapes (whole pairs
 * are not written as escapes).
 */
function jsonText(value: Fields): string {
  const text = JSON.stringify(value);
  if (!text.includes("\\u")) return text;
  return text.replace(/\\(?:u0000|ud[89a-f]..|.)/g, (escape) => {
    if (escape === "\\u0000") return "";
    return escape.startsWith("\\ud") ? "\\ufffd" : escape;
  });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
