import { amountAt, type Fields, isFields, objectAt } from "./fields.ts";
import { isZeroUsage, readApiUsage, readModelUsage, type TokenUsage } from "./usage.ts";

/** What a stream's result line states for the whole command. */
export interface ResultTotals {
  readonly models: readonly ModelTotal[];
  /** The vendor's cost of the command; `null` when not stated. The models' parts add up to it. */
  readonly costUsd: number | null;
  /** The line states no tokens by model, so that its cost covers more of them (sub-agents' too) than it lists. */
  readonly isCostOnly: boolean;
}

export interface ModelTotal {
  /** `null`: the session's model. */
  readonly model: string | null;
  readonly usage: TokenUsage;
  readonly costUsd: number;
}

/** A command cannot cost more; a larger number is damage, and a counter never forgets it. */
const MAX_COST_USD = 1e6;
/** Claude Code uses two or three models in one session. */
const MAX_MODELS = 20;

export function readResultTotals(line: Fields): ResultTotals {
  const total = costAt(line, "total_cost_usd");
  const table = Object.entries(objectAt(line, "modelUsage")).slice(0, MAX_MODELS).flatMap(([model, entry]) =>
    isFields(entry) ? [{ model, usage: readModelUsage(entry), costUsd: costAt(entry, "costUSD") }] : []
  );
  const isCostOnly = table.every((entry) => isZeroUsage(entry.usage));
  const entries = isCostOnly
    ? [{ model: null, usage: readApiUsage(objectAt(line, "usage")), costUsd: null }, ...table]
    : table;
  const listed = entries.reduce((sum, entry) => sum + (entry.costUsd ?? 0), 0);
  const costUsd = total ?? (entries.some((entry) => entry.costUsd !== null) ? listed : null);
  // The total is the vendor's word; the parts are scaled to it. Without parts it all goes to the first model.
  const scale = listed > 0 && costUsd !== null ? costUsd / listed : 0;
  const models = entries.map((entry, index) => ({
    ...entry,
    costUsd: listed > 0 ? (entry.costUsd ?? 0) * scale : index === 0 ? costUsd ?? 0 : 0,
  }));
  return { models: models.filter(({ usage, costUsd }) => !isZeroUsage(usage) || costUsd > 0), costUsd, isCostOnly };
}

function costAt(fields: Fields, key: string): number | null {
  const cost = amountAt(fields, key);
  return cost !== null && cost <= MAX_COST_USD ? cost : null;
}
