import { type Board, createBoard } from "../builder/board.ts";
import { fixedColors } from "../builder/colors.ts";
import { bars, lines } from "../builder/graphs.ts";
import { alertList } from "../builder/others.ts";
import { mean, orZero, quantile, RANGE, RATE } from "../builder/promql.ts";
import type { MetricFacts, Select } from "../builder/select.ts";
import { gauge, pie, stat } from "../builder/single_values.ts";
import { table } from "../builder/tables.ts";
import { COMMON_VARIABLES, metricVariable } from "../builder/variables.ts";
import { FAILURE_RATE_ALERT } from "./thresholds.ts";

const RUNS = "prodigy_workflow_executions_total";
const DURATION = "prodigy_workflow_duration_seconds";
const CHOSEN = { workflow_name: "$workflow_name" };
const RATE_STEPS = [[0.8, "orange"], [0.95, "green"]] as const;
/** Runs of half an hour and more fall into the last bucket. */
const LONG_RUN_SECONDS = 1800;

/** How workflows end, how long they take, and which of them are slow. */
export function workflowsBoard(rows: readonly MetricFacts[], select: Select): Board {
  const runs = select(RUNS, CHOSEN);
  const good = select(RUNS, { ...CHOSEN, status: "success" });
  const bad = select(RUNS, { ...CHOSEN, status: "failed" });
  const successRate = (range: string): string => `sum(increase(${good}[${range}])) / sum(increase(${runs}[${range}]))`;
  const meanDuration = mean(select, DURATION, { range: RANGE, by: ["workflow_name"], matchers: CHOSEN });
  const slowest = `topk(5, ${meanDuration} > 0)`;
  const ofSlowest = (expr: string): string => `${expr} and on (workflow_name) ${slowest}`;

  return createBoard({
    uid: "prodigy-workflows",
    title: "Prodigy / Workflow overview",
    description: "How workflows end, how long they take, and which of them are slow.",
    variables: [...COMMON_VARIABLES, metricVariable(rows, RUNS, "workflow_name", "Workflow")],
    rows: [
      {
        id: 100,
        title: "Now",
        panels: [
          stat({
            id: 101,
            title: "Success rate",
            description: "Share of the runs that ended in the chosen time range and succeeded. Cancelled runs count " +
              "as runs that did not.",
            width: 4,
            queries: [{ expr: successRate(RANGE), instant: true }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 1 },
            thresholds: RATE_STEPS,
            baseColor: "red",
          }),
          stat({
            id: 102,
            title: "Success rate, 7 days",
            description: "The same over the last seven days, whatever range is chosen.",
            width: 4,
            queries: [{ expr: successRate("7d"), instant: true }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 1 },
            thresholds: RATE_STEPS,
            baseColor: "red",
          }),
          stat({
            id: 103,
            title: "Active now",
            description: select.help("prodigy_workflow_active"),
            width: 4,
            queries: [{
              expr: orZero(select, `sum(${select("prodigy_workflow_active", CHOSEN)})`),
              instant: true,
            }],
            unit: "short",
            thresholds: [[1, "blue"]],
            baseColor: "text",
          }),
          stat({
            id: 104,
            title: "Runs",
            description:
              "Runs that ended in the chosen time range. Prometheus extrapolates to the ends of the range, " +
              "so small numbers need not be whole.",
            width: 4,
            queries: [{ expr: `sum(increase(${runs}[${RANGE}]))`, instant: true }],
            unit: "short",
            field: { decimals: 0 },
            thresholds: [],
          }),
          stat({
            id: 105,
            title: "Failure rate, 1 hour",
            description: `Share of the runs of the last hour that failed. The alert fires above ${
              FAILURE_RATE_ALERT * 100
            } %.`,
            width: 4,
            queries: [{
              expr: `sum(increase(${bad}[1h])) / sum(increase(${runs}[1h]))`,
              instant: true,
            }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 1 },
            thresholds: [[FAILURE_RATE_ALERT / 2, "orange"], [FAILURE_RATE_ALERT, "red"]],
          }),
          stat({
            id: 106,
            title: "P95 duration",
            description:
              "95 % of the runs in the chosen range were faster. Interpolated within histogram buckets; the " +
              "last one begins at 30 minutes, so longer runs read 30 minutes.",
            width: 4,
            queries: [{ expr: quantile(0.95, select.buckets(DURATION, CHOSEN), { range: RANGE }), instant: true }],
            unit: "s",
            thresholds: [[600, "orange"], [LONG_RUN_SECONDS, "red"]],
          }),
        ],
      },
      {
        id: 200,
        title: "Outcomes",
        panels: [
          pie({
            id: 201,
            title: "Runs by outcome",
            description: "Runs that ended in the chosen time range, by how they ended.",
            width: 6,
            queries: [{ expr: `sum by (status) (increase(${runs}[${RANGE}]))`, legend: "{{status}}", instant: true }],
            unit: "short",
            field: { decimals: 0 },
            overrides: fixedColors("success", "failed", "cancelled"),
          }),
          bars({
            id: 202,
            title: "Runs over time",
            description: "Runs that ended, by outcome. Each bar counts what ended in its interval.",
            width: 12,
            queries: [{ expr: `sum by (status) (increase(${runs}[${RATE}]))`, legend: "{{status}}" }],
            unit: "short",
            overrides: fixedColors("success", "failed", "cancelled"),
          }),
          alertList({
            id: 203,
            title: "Failure-rate alert",
            description: "State of the alert on failing workflows, from Prometheus's rules.",
            name: "ProdigyWorkflowFailureRateHigh",
            width: 6,
          }),
        ],
      },
      {
        id: 300,
        title: "Durations",
        panels: [
          gauge({
            id: 301,
            title: "Average duration",
            description: "Mean duration of the runs in the chosen range.",
            width: 6,
            height: 8,
            queries: [{ expr: mean(select, DURATION, { range: RANGE, matchers: CHOSEN }), instant: true }],
            unit: "s",
            field: { min: 0, max: LONG_RUN_SECONDS },
            thresholds: [[600, "orange"], [1200, "red"]],
          }),
          lines({
            id: 302,
            title: "Duration over time",
            description: "Mean and 95th percentile of the runs that ended.",
            width: 9,
            maxDataPoints: 120,
            queries: [
              { expr: mean(select, DURATION, { range: RATE, matchers: CHOSEN }), legend: "mean" },
              { expr: quantile(0.95, select.buckets(DURATION, CHOSEN), { range: RATE }), legend: "P95" },
            ],
            unit: "s",
            field: { min: 0 },
          }),
          table({
            id: 303,
            title: "Top 5 slowest",
            description: "The workflows with the longest mean duration in the chosen range.",
            width: 9,
            labels: [{
              label: "workflow_name",
              title: "Workflow",
              link: {
                title: "Usage and cost of this workflow",
                url: "/d/prodigy-claude?var-workflow_name=${__value.raw}&${__url_time_range}",
              },
            }],
            values: [
              { title: "Mean", expr: slowest, unit: "s", colors: ["green", [600, "orange"], [1200, "red"]] },
              {
                title: "P95",
                expr: ofSlowest(
                  quantile(0.95, select.buckets(DURATION, CHOSEN), { range: RANGE, by: ["workflow_name"] }),
                ),
                unit: "s",
              },
              {
                title: "Runs",
                expr: ofSlowest(`sum by (workflow_name) (increase(${runs}[${RANGE}]))`),
                unit: "short",
                decimals: 0,
              },
            ],
            sortBy: "Mean",
          }),
        ],
      },
      {
        id: 400,
        title: "Workflows",
        panels: [
          table({
            id: 401,
            title: "All workflows",
            description: "Each workflow that ended in the chosen range.",
            width: 12,
            labels: [{ label: "workflow_name", title: "Workflow" }],
            values: [
              {
                title: "Runs",
                expr: `sum by (workflow_name) (increase(${runs}[${RANGE}])) > 0`,
                unit: "short",
                decimals: 0,
              },
              {
                title: "Success",
                expr: `sum by (workflow_name) (increase(${good}[${RANGE}])) / (sum by (workflow_name) (increase(` +
                  `${runs}[${RANGE}])) > 0)`,
                unit: "percentunit",
                decimals: 1,
                colors: ["red", ...RATE_STEPS],
              },
              {
                title: "Steps per run",
                expr: `sum by (workflow_name) (increase(${
                  select("prodigy_workflow_steps_total", CHOSEN)
                }[${RANGE}])) / (sum by (workflow_name) (increase(${runs}[${RANGE}])) > 0)`,
                unit: "suffix: steps",
                decimals: 1,
              },
            ],
            sortBy: "Runs",
          }),
          lines({
            id: 402,
            title: "Active by workflow",
            description: select.help("prodigy_workflow_active"),
            width: 6,
            queries: [{
              expr: `sum by (workflow_name) (${select("prodigy_workflow_active", CHOSEN)})`,
              legend: "{{workflow_name}}",
            }],
            unit: "short",
            field: { min: 0, decimals: 0 },
          }, { stacked: true }),
          bars({
            id: 403,
            title: "Steps by workflow",
            description: select.help("prodigy_workflow_steps_total"),
            width: 6,
            queries: [{
              expr: `sum by (workflow_name) (increase(${select("prodigy_workflow_steps_total", CHOSEN)}[${RATE}]))`,
              legend: "{{workflow_name}}",
            }],
            unit: "short",
          }),
        ],
      },
      {
        id: 500,
        title: "Prodigy's store",
        panels: [
          bars({
            id: 501,
            title: "Checkpoints",
            description: select.help("prodigy_checkpoints_created_total"),
            width: 8,
            height: 6,
            queries: [{
              expr: `sum(increase(${select("prodigy_checkpoints_created_total")}[${RATE}]))`,
              legend: "checkpoints",
            }],
            unit: "short",
          }),
          bars({
            id: 502,
            title: "Event records written",
            description: `${
              select.help("prodigy_storage_events_written_total")
            } Unmodified Prodigy 0.4.4 leaves its event files empty.`,
            width: 8,
            height: 6,
            queries: [{
              expr: `sum(increase(${select("prodigy_storage_events_written_total")}[${RATE}]))`,
              legend: "events",
            }],
            unit: "short",
          }),
          lines({
            id: 503,
            title: "Worktree pool",
            description: select.help("prodigy_worktree_pool_size"),
            width: 8,
            height: 6,
            queries: [{ expr: `sum(${select("prodigy_worktree_pool_size")})`, legend: "worktrees" }],
            unit: "short",
            field: { min: 0, decimals: 0 },
          }),
        ],
      },
    ],
  });
}
