import type { WireFields, WireLine } from "./wire.ts";

/** An event written as `{"AgentCompleted": {…}}`, by its parts. */
export interface TaggedEvent {
  readonly tag: string;
  readonly body: WireFields;
}

/** The key of the externally tagged form: `job_started` -> `JobStarted`, `dlq_item_added` -> `DLQItemAdded`. */
export function tagOf(eventType: string): string {
  return eventType.split("_")
    .map((word) => word === "dlq" ? "DLQ" : word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/**
 * Recognises the externally tagged form, which is how serde would write Prodigy's second event enum
 * (mapreduce/event.rs): an object with one key, a variant's name, and an object under it.
 */
export function parseTagged(event: WireFields): TaggedEvent | null {
  const entries = Object.entries(event);
  const [tag, body]: readonly [string, unknown] = entries[0] ?? ["", null];
  const isTagged = entries.length === 1 && tag >= "A" && tag < "[" &&
    typeof body === "object" && body !== null && !Array.isArray(body);
  return isTagged ? { tag, body } : null;
}

/**
 * Fills in what the second enum does not have, where the line tells otherwise: its agents have no job id, attempt or
 * retry flag. Prodigy makes agent ids as `<job id>_agent_<index>`; an envelope may name the job.
 */
export function completeTagged(body: WireFields, line: WireLine): WireFields {
  const jobId = typeof line.job_id === "string" ? line.job_id : jobIdOfAgent(body.agent_id);
  return {
    ...body,
    job_id: body.job_id === undefined ? jobId : body.job_id,
    attempt: body.attempt === undefined ? 1 : body.attempt,
    retry_eligible: body.retry_eligible === undefined ? false : body.retry_eligible,
  };
}

function jobIdOfAgent(agentId: unknown): string | undefined {
  return typeof agentId === "string" ? /^(.+)_agent_[0-9]+$/.exec(agentId)?.[1] : undefined;
}
