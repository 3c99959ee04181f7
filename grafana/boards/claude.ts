import { type Board, createBoard } from "../builder/board.ts";
import type { MetricFacts, Select } from "../builder/select.ts";
import { COMMON_VARIABLES, metricVariable, numberVariable } from "../builder/variables.ts";
import { costPanels } from "./claude_cost.ts";
import { recommendationsPanel } from "./claude_recommendations.ts";
import { modelPanels, sessionPanels, tokenPanels, workflowPanels } from "./claude_usage.ts";
import { MONTHLY_BUDGET_USD } from "./thresholds.ts";

/** Tokens, cost, models, tools, and what could be cheaper. */
export function claudeBoard(rows: readonly MetricFacts[], select: Select, pricesDate: string): Board {
  return createBoard({
    uid: "prodigy-claude",
    title: "Prodigy / Claude usage and cost",
    description:
      "What Claude used and what that is estimated to cost. Cost is an estimate from a built-in price table " +
      "(its date is in the configuration reference), or the vendor's own figure where a stream states it. Tokens of " +
      "models without a price are shown as unpriced and are in no cost.",
    variables: [
      ...COMMON_VARIABLES,
      metricVariable(rows, "prodigy_claude_workflow_cost_usd_total", "workflow_name", "Workflow"),
      numberVariable("budget_usd", "Monthly budget (USD)", "Draws the budget line.", MONTHLY_BUDGET_USD),
    ],
    rows: [
      { id: 100, title: "Estimated cost", panels: costPanels(select, pricesDate) },
      { id: 200, title: "Recommendations", panels: [recommendationsPanel(select)] },
      { id: 300, title: "Tokens", panels: tokenPanels(select) },
      { id: 400, title: "Models", panels: modelPanels(select) },
      { id: 500, title: "Workflows", panels: workflowPanels(select) },
      { id: 600, title: "Tools, sessions and errors", panels: sessionPanels(select) },
    ],
  });
}
