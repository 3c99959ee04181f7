import type { Matchers } from "../builder/select.ts";

export const RUNS = "prodigy_workflow_executions_total";
export const DURATION = "prodigy_workflow_duration_seconds";
/** What the variable of the board leaves. */
export const CHOSEN: Matchers = { workflow_name: "$workflow_name" };
/** Colours of success rates, red below. */
export const RATE_STEPS = [[0.8, "orange"], [0.95, "green"]] as const;
/** Runs of half an hour and more fall into the last bucket. */
export const LONG_RUN_SECONDS = 1800;
