import { bars, lines } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { mean, quantile, RANGE, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { gauge } from "../builder/single_values.ts";
import { table } from "../builder/tables.ts";
import { CHOSEN, DURATION, LONG_RUN_SECONDS, RATE_STEPS, RUNS } from "./workflow_runs.ts";

/** How long runs take. */
export function durationPanels(select: Select): readonly Panel[] {
  const runs = select(RUNS, CHOSEN);
  const meanDuration = mean(select, DURATION, { range: RANGE, by: ["workflow_name"], matchers: CHOSEN });
  const slowest = `topk(5, ${meanDuration} > 0)`;
  const ofSlowest = (expr: string): string => `${expr} and on (workflow_name) ${slowest}`;
  return [
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
  ];
}

/** Each workflow by itself. */
export function workflowPanels(select: Select): readonly Panel[] {
  const runs = select(RUNS, CHOSEN);
  const good = select(RUNS, { ...CHOSEN, status: "success" });
  return [
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
  ];
}
