import { fixedColors } from "../builder/colors.ts";
import { bars, lines } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { orNone, orZero, RANGE, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { stat } from "../builder/single_values.ts";
import { DLQ_ITEMS_ALERT } from "./thresholds.ts";

const ITEMS = "prodigy_mapreduce_items_total";
const CHOSEN = { job_id: "$job_id" };

/** How things stand. */
export function jobsNowPanels(select: Select): readonly Panel[] {
  const gaugeSum = (name: string): string => `sum(${select(name, CHOSEN)})`;
  return [
    ...([
      [101, "Active jobs", "prodigy_mapreduce_jobs_active"],
      [102, "Active agents", "prodigy_mapreduce_agents_active"],
      [103, "Items pending", "prodigy_mapreduce_items_pending"],
      [104, "Worktrees", "prodigy_mapreduce_worktrees_active"],
    ] as const).map(([id, title, name]) =>
      stat({
        id,
        title,
        description: `${select.help(name)} Of the chosen jobs together.`,
        width: 4,
        queries: [{ expr: orZero(select, gaugeSum(name)), instant: true }],
        unit: "short",
        field: { decimals: 0 },
        thresholds: [[1, "blue"]],
        baseColor: "text",
      })
    ),
    stat({
      id: 105,
      title: "DLQ items, all jobs",
      description: "Items in the dead letter queues of all chosen jobs together. A finished job's queue is shown " +
        `for as long as it holds items. The alert fires above ${DLQ_ITEMS_ALERT} in one job.`,
      width: 4,
      queries: [{ expr: orZero(select, gaugeSum("prodigy_mapreduce_dlq_items")), instant: true }],
      unit: "short",
      field: { decimals: 0 },
      thresholds: [[1, "orange"], [DLQ_ITEMS_ALERT + 1, "red"]],
    }),
    stat({
      id: 106,
      title: "Agent retries",
      description: `${select.help("prodigy_agent_retries_total")} In the chosen range, of all jobs.`,
      width: 4,
      queries: [{ expr: `sum(increase(${select("prodigy_agent_retries_total")}[${RANGE}]))`, instant: true }],
      unit: "short",
      field: { decimals: 0 },
      thresholds: [[1, "orange"]],
    }),
  ];
}

/** What became of the items. */
export function itemPanels(select: Select): readonly Panel[] {
  const finished = select(ITEMS, { ...CHOSEN, status: "success|failed" });
  const byJob = (name: string): string => `sum by (job_id) (${select(name, CHOSEN)})`;
  return [
    lines({
      id: 201,
      title: "Items processed",
      description: "Items that ended per second, stacked by outcome. The dashed line is items that went into the " +
        "dead letter queue; they are among the failed ones.",
      width: 12,
      queries: [{ expr: `sum by (status) (rate(${select(ITEMS, CHOSEN)}[${RATE}]))`, legend: "{{status}}" }],
      unit: "cps",
      field: { min: 0 },
      overrides: [
        ...fixedColors("success", "failed"),
        ...fixedColors("dlq").map(({ field, properties }) => ({
          field,
          properties: {
            ...properties,
            "custom.stacking": { group: "A", mode: "none" },
            "custom.fillOpacity": 0,
            "custom.lineStyle": { fill: "dash", dash: [10, 10] },
          },
        })),
      ],
    }, { stacked: true }),
    lines({
      id: 202,
      title: "Throughput",
      description: "Items that ended per second, successes and failures, by job.",
      width: 12,
      queries: [{ expr: `sum by (job_id) (rate(${finished}[${RATE}]))`, legend: "{{job_id}}" }],
      unit: "cps",
      field: { min: 0 },
    }),
    lines({
      id: 203,
      title: "DLQ size",
      description: `${select.help("prodigy_mapreduce_dlq_items")} The line is where the alert fires.`,
      width: 12,
      queries: [{ expr: byJob("prodigy_mapreduce_dlq_items"), legend: "{{job_id}}" }],
      unit: "short",
      field: { min: 0, decimals: 0 },
      thresholds: [[DLQ_ITEMS_ALERT, "red"]],
      baseColor: "transparent",
    }, { thresholdLines: true }),
    bars({
      id: 204,
      title: "Failures by error type",
      description: `${select.help("prodigy_mapreduce_item_failures_total")} All jobs together.`,
      width: 12,
      queries: [{
        expr: orNone(
          select,
          "error_type",
          `(sum by (error_type) (increase(${select("prodigy_mapreduce_item_failures_total")}[${RATE}])) > 0)`,
        ),
        legend: "{{error_type}}",
      }],
      unit: "short",
    }),
  ];
}
