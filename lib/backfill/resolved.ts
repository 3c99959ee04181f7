import type { EventRecord } from "../event/record.ts";
import { UNKNOWN } from "../metrics/label_values.ts";
import type { Facts } from "../metrics/work/facts.ts";

/**
 * The record with what it was counted under written into it. When the past is replayed in order of time, the name of
 * its run or its session's model may be known sooner or later than when it was read.
 *
 * @param facts as they are after it was folded.
 */
export function resolved(record: EventRecord, facts: Facts): EventRecord {
  const { event } = record;
  switch (event.type) {
    case "step_completed":
      return { ...record, event: { ...event, workflowName: facts.workflowName } };
    case "claude_token_usage": {
      const model = facts.model === UNKNOWN ? null : facts.model;
      return { ...record, event: { ...event, workflowName: facts.workflowName, model, costUsd: facts.costUsd } };
    }
    default:
      return record;
  }
}
