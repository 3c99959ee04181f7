import { type Board, createBoard } from "../builder/board.ts";
import type { MetricFacts, Select } from "../builder/select.ts";
import { COMMON_VARIABLES, metricVariable } from "../builder/variables.ts";
import { storePanels } from "./prodigy_store.ts";
import { durationPanels, workflowPanels } from "./workflow_durations.ts";
import { nowPanels, outcomePanels } from "./workflow_outcomes.ts";
import { RUNS } from "./workflow_runs.ts";

/** How workflows end, how long they take, and which of them are slow. */
export function workflowsBoard(rows: readonly MetricFacts[], select: Select): Board {
  return createBoard({
    uid: "prodigy-workflows",
    title: "Prodigy / Workflow overview",
    description: "How workflows end, how long they take, and which of them are slow.",
    variables: [...COMMON_VARIABLES, metricVariable(rows, RUNS, "workflow_name", "Workflow")],
    rows: [
      { id: 100, title: "Now", panels: nowPanels(select) },
      { id: 200, title: "Outcomes", panels: outcomePanels(select) },
      { id: 300, title: "Durations", panels: durationPanels(select) },
      { id: 400, title: "Workflows", panels: workflowPanels(select) },
      { id: 500, title: "Prodigy's store", panels: storePanels(select) },
    ],
  });
}
