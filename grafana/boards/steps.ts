import { type Board, createBoard } from "../builder/board.ts";
import { fixedColors } from "../builder/colors.ts";
import { bars, boxes, lines } from "../builder/graphs.ts";
import { quantile, RANGE, RATE } from "../builder/promql.ts";
import type { MetricFacts, Select } from "../builder/select.ts";
import { stat } from "../builder/single_values.ts";
import { table, type ValueColumn } from "../builder/tables.ts";
import { COMMON_VARIABLES, metricVariable } from "../builder/variables.ts";
import { RECOVERY_RATE_ALERT } from "./thresholds.ts";

const STEPS = "prodigy_step_executions_total";
const DURATION = "prodigy_step_duration_seconds";
const RECOVERIES = "prodigy_step_on_failure_recoveries_total";
const VALIDATIONS = "prodigy_step_validations_total";
const CHOSEN = { step_type: "$step_type" };

/** Steps: which fail, which recover, which are slow. */
export function stepsBoard(rows: readonly MetricFacts[], select: Select): Board {
  const ended = select(STEPS, CHOSEN);
  const executed = select(STEPS, { ...CHOSEN, status: "!skipped" });
  const failed = select(STEPS, { ...CHOSEN, status: "failed" });
  const recovered = select(RECOVERIES, CHOSEN);
  const passed = select(VALIDATIONS, { ...CHOSEN, result: "passed" });
  const validated = select(VALIDATIONS, CHOSEN);
  const buckets = select.buckets(DURATION, CHOSEN);

  const sum = (series: string, range: string): string => `sum(increase(${series}[${range}]))`;
  const byType = (series: string, range: string): string => `sum by (step_type) (increase(${series}[${range}]))`;
  const executedByType = `(${byType(executed, RANGE)} > 0)`;
  const quantileColumn = (title: string, q: number): ValueColumn => ({
    title,
    expr: `${quantile(q, buckets, { range: RANGE, by: ["step_type"] })} > 0`,
    unit: "s",
  });

  return createBoard({
    uid: "prodigy-steps",
    title: "Prodigy / Step-level analysis",
    description: "Steps of workflows by type: failures, recoveries by on_failure, validations, durations.",
    variables: [...COMMON_VARIABLES, metricVariable(rows, STEPS, "step_type", "Step type")],
    rows: [
      {
        id: 100,
        title: "In the chosen range",
        panels: [
          stat({
            id: 101,
            title: "Steps executed",
            description: "Steps that ended, without skipped ones.",
            width: 4,
            queries: [{ expr: sum(executed, RANGE), instant: true }],
            unit: "short",
            field: { decimals: 0 },
            thresholds: [],
          }),
          stat({
            id: 102,
            title: "Failed",
            description: "Share of executed steps that failed for good.",
            width: 5,
            queries: [{ expr: `${sum(failed, RANGE)} / ${sum(executed, RANGE)}`, instant: true }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 1 },
            thresholds: [[0.05, "orange"], [0.2, "red"]],
          }),
          stat({
            id: 103,
            title: "Recovery rate",
            description: "Share of executed steps that failed, ran their on_failure handler and went on. The alert " +
              `fires above ${RECOVERY_RATE_ALERT * 100} % over an hour. Only events tell; Prodigy's files do not.`,
            width: 5,
            queries: [{ expr: `${sum(recovered, RANGE)} / ${sum(executed, RANGE)}`, instant: true }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 1 },
            thresholds: [[RECOVERY_RATE_ALERT / 2, "orange"], [RECOVERY_RATE_ALERT, "red"]],
          }),
          stat({
            id: 104,
            title: "Failures recovered",
            description: "Of the steps that failed at first, the share that on_failure saved.",
            width: 5,
            queries: [{
              expr: `${sum(recovered, RANGE)} / (${sum(recovered, RANGE)} + ${sum(failed, RANGE)})`,
              instant: true,
            }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 1 },
            thresholds: [[0.5, "orange"], [0.8, "green"]],
            baseColor: "red",
          }),
          stat({
            id: 105,
            title: "Validations passed",
            description: "Share of the validations of steps that passed.",
            width: 5,
            queries: [{ expr: `${sum(passed, RANGE)} / ${sum(validated, RANGE)}`, instant: true }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 1 },
            thresholds: [[0.8, "orange"], [0.95, "green"]],
            baseColor: "red",
          }),
        ],
      },
      {
        id: 200,
        title: "Over time",
        panels: [
          bars({
            id: 201,
            title: "Steps by type",
            description: "Steps that ended, stacked by type.",
            width: 12,
            queries: [{ expr: `${byType(ended, RATE)} > 0`, legend: "{{step_type}}" }],
            unit: "short",
          }),
          bars({
            id: 202,
            title: "Steps by outcome",
            description: "Steps that ended, stacked by outcome.",
            width: 12,
            queries: [{ expr: `sum by (status) (increase(${ended}[${RATE}]))`, legend: "{{status}}" }],
            unit: "short",
            overrides: fixedColors("success", "failed", "skipped"),
          }),
          lines({
            id: 203,
            title: "Recovery rate",
            description: "Share of executed steps that on_failure saved. The line is where the alert fires.",
            width: 12,
            maxDataPoints: 120,
            queries: [{ expr: `${sum(recovered, RATE)} / (${sum(executed, RATE)} > 0)`, legend: "recovery rate" }],
            unit: "percentunit",
            field: { min: 0 },
            thresholds: [[RECOVERY_RATE_ALERT, "red"]],
            baseColor: "transparent",
          }, { thresholdLines: true }),
          lines({
            id: 204,
            title: "Validation pass rate",
            description: "Share of validations that passed, by type of step.",
            width: 12,
            maxDataPoints: 120,
            queries: [{
              expr: `${byType(passed, RATE)} / (${byType(validated, RATE)} > 0)`,
              legend: "{{step_type}}",
            }],
            unit: "percentunit",
            field: { min: 0, max: 1 },
          }),
        ],
      },
      {
        id: 300,
        title: "Durations",
        panels: [
          boxes({
            id: 301,
            title: "Step durations",
            description: "Box from the first to the third quartile, whiskers from the 5th to the 95th percentile. " +
              "Interpolated within histogram buckets; the last one begins at 60 s.",
            width: 14,
            queries: ([["p5", 0.05], ["p25", 0.25], ["p75", 0.75], ["p95", 0.95]] as const).map(([legend, q]) => ({
              expr: quantile(q, buckets, { range: RATE }),
              legend,
            })),
            unit: "s",
            field: { min: 0 },
          }),
          table({
            id: 302,
            title: "Quantiles by type",
            description: "Durations of steps in the chosen range. Claude steps often take longer than the last bound.",
            width: 10,
            height: 9,
            labels: [{ label: "step_type", title: "Step type" }],
            values: [quantileColumn("P50", 0.5), quantileColumn("P90", 0.9), quantileColumn("P99", 0.99)],
            sortBy: "P90",
          }),
        ],
      },
      {
        id: 400,
        title: "Failure hotspots",
        panels: [
          table({
            id: 401,
            title: "Failure hotspots",
            description: "Where steps fail in the chosen range, and how often on_failure saves them.",
            width: 24,
            labels: [{ label: "step_type", title: "Step type" }],
            values: [
              { title: "Executed", expr: executedByType, unit: "short", decimals: 0 },
              {
                title: "Failed",
                expr: `${byType(failed, RANGE)} and on (step_type) ${executedByType}`,
                unit: "short",
                decimals: 0,
              },
              {
                title: "Failed share",
                expr: `${byType(failed, RANGE)} / ${executedByType}`,
                unit: "percentunit",
                decimals: 1,
                colors: ["green", [0.05, "orange"], [0.2, "red"]],
              },
              {
                title: "Recovered share",
                expr: `${byType(recovered, RANGE)} / ${executedByType}`,
                unit: "percentunit",
                decimals: 1,
                colors: ["green", [RECOVERY_RATE_ALERT / 2, "orange"], [RECOVERY_RATE_ALERT, "red"]],
              },
              {
                title: "Validations failed",
                expr: `1 - ${byType(passed, RANGE)} / (${byType(validated, RANGE)} > 0)`,
                unit: "percentunit",
                decimals: 1,
                colors: ["green", [0.05, "orange"], [0.2, "red"]],
              },
            ],
            sortBy: "Failed share",
          }),
        ],
      },
    ],
  });
}
