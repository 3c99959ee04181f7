import { fixedColors } from "../builder/colors.ts";
import { bars } from "../builder/graphs.ts";
import { alertList } from "../builder/others.ts";
import type { Panel } from "../builder/panel.ts";
import { orZero, quantile, RANGE, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { pie, stat } from "../builder/single_values.ts";
import { FAILURE_RATE_ALERT } from "./thresholds.ts";
import { CHOSEN, DURATION, LONG_RUN_SECONDS, RATE_STEPS, RUNS } from "./workflow_runs.ts";

/** How things stand. */
export function nowPanels(select: Select): readonly Panel[] {
  const runs = select(RUNS, CHOSEN);
  const good = select(RUNS, { ...CHOSEN, status: "success" });
  const bad = select(RUNS, { ...CHOSEN, status: "failed" });
  const successRate = (range: string): string => `sum(increase(${good}[${range}])) / sum(increase(${runs}[${range}]))`;
  return [
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
      description: "Runs that ended in the chosen time range. Prometheus extrapolates to the ends of the range, " +
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
      description: "95 % of the runs in the chosen range were faster. Interpolated within histogram buckets; the " +
        "last one begins at 30 minutes, so longer runs read 30 minutes.",
      width: 4,
      queries: [{ expr: quantile(0.95, select.buckets(DURATION, CHOSEN), { range: RANGE }), instant: true }],
      unit: "s",
      thresholds: [[600, "orange"], [LONG_RUN_SECONDS, "red"]],
    }),
  ];
}

/** How runs end. */
export function outcomePanels(select: Select): readonly Panel[] {
  const runs = select(RUNS, CHOSEN);
  return [
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
  ];
}
