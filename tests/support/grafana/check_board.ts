import { analyzePromql } from "../promql/analyze.ts";
import { describeUnit, fitsGrafanaUnit, type Unit } from "../promql/unit.ts";
import type { SeriesFacts, Vocabulary } from "../promql/vocabulary.ts";
import {
  type BoardJson,
  dataPanels,
  labelColumns,
  type PanelJson,
  type TargetJson,
  unitOfTarget,
} from "./board_json.ts";

/** Stands for the variable `budget_usd`, so that the number a viewer types has a unit in the check. */
const BUDGET = "prodigy:claude_budget_usd:month";
const USD: Unit = { USD: 1 };

/** Puts something PromQL can parse where Grafana's variables are. */
export function withoutVariables(expr: string): string {
  return expr
    .replaceAll(/\$__(rate_interval|interval|range)\b/g, "5m")
    .replaceAll("$budget_usd", `scalar(${BUDGET})`)
    .replaceAll(/"\$[a-z]\w*"/g, '".+"');
}

/**
 * Everything about a board's queries that does not agree with the metrics: names, labels, label values, units,
 * legends and columns.
 */
export function checkBoard(board: BoardJson, metrics: Vocabulary): readonly string[] {
  const budget: SeriesFacts = { kind: "gauge", labels: new Map(), unit: USD };
  const vocabulary = new Map([...metrics, [BUDGET, budget] as const]);
  return [
    ...dataPanels(board).flatMap((panel) =>
      (panel.targets ?? []).flatMap((target) =>
        checkTarget(panel, target, vocabulary).map((problem) => `panel ${panel.id} ${target.refId}: ${problem}`)
      )
    ),
    ...board.templating.list.flatMap(({ name, type, query }) =>
      type === "query" && typeof query !== "string"
        ? checkLabelValues(query.query, name, vocabulary).map((problem) => `variable ${name}: ${problem}`)
        : []
    ),
    ...board.annotations.list.flatMap(({ name, expr }) =>
      expr === undefined
        ? []
        : analyzePromql(withoutVariables(expr), vocabulary).problems.map((problem) => `annotation ${name}: ${problem}`)
    ),
  ];
}

function checkTarget(panel: PanelJson, target: TargetJson, vocabulary: Vocabulary): readonly string[] {
  if (target.expr === undefined) return [];
  const { problems, labels, unit } = analyzePromql(withoutVariables(target.expr), vocabulary);
  const shownIn = unitOfTarget(panel, target) ?? "";
  const columns = labelColumns(panel);
  const inLegend = [...(target.legendFormat ?? "").matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? "");
  // A heatmap's unit is that of its vertical axis, which are the buckets' bounds.
  const shown = panel.type === "heatmap" ? { s: 1 } : unit;
  return [
    ...problems,
    ...fitsGrafanaUnit(shown, shownIn) ? [] : [`shown in ${shownIn}, but it is ${describeUnit(unit)}`],
    ...inLegend.filter((label) => !labels.has(label)).map((label) => `no label ${label} for the legend`),
    ...columns === null || [...labels].sort().join() === [...columns].sort().join()
      ? []
      : [`has the labels ${[...labels].join()}, but the table shows ${columns.join()}`],
  ];
}

function checkLabelValues(query: string, name: string, vocabulary: Vocabulary): readonly string[] {
  const match = /^label_values\((.+), (\w+)\)$/.exec(query);
  if (match === null) return [`not label_values(…): ${query}`];
  const [, selector = "", label = ""] = match;
  const { problems, labels } = analyzePromql(`count by (${label}) (${withoutVariables(selector)} > 0)`, vocabulary);
  return [
    ...problems.filter((problem) => !problem.includes("raw value")),
    ...labels.has(label) && label === name ? [] : [`offers ${label}`],
  ];
}
