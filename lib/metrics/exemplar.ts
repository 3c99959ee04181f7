import type { EventRecord } from "../event/record.ts";
import { cleanLabelValue } from "./label_values.ts";

/** Which event a bucket's observation came from. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix seconds. */
  readonly atSeconds: number;
}

/** OpenMetrics 1.0: names and values of an exemplar's labels have at most 128 characters together. */
const MAX_CHARACTERS = 128;

/**
 * The label that leads from an observation to its event: the agent, else what Prodigy correlates its events by, else
 * the run. `null` when there is none, or it is too long.
 */
export function exemplarLabels({ event, correlationId, runId }: EventRecord): Exemplar["labels"] | null {
  const agentId = "agentId" in event ? event.agentId : null;
  const [name, value] = agentId !== null
    ? ["agent_id", agentId]
    : correlationId !== null
    ? ["correlation_id", correlationId]
    : ["run_id", runId ?? ""];
  const clean = cleanLabelValue(value);
  return value === "" || name.length + clean.length > MAX_CHARACTERS ? null : { [name]: clean };
}
