import { type Annotation, type Board, createBoard } from "../builder/board.ts";
import { fixedColors } from "../builder/colors.ts";
import { bars, heatmap, lines } from "../builder/graphs.ts";
import { orNone, orZero, quantile, RANGE, RATE } from "../builder/promql.ts";
import type { MetricFacts, Select } from "../builder/select.ts";
import { barGauge, stat } from "../builder/single_values.ts";
import { table } from "../builder/tables.ts";
import { COMMON_VARIABLES, metricVariable } from "../builder/variables.ts";
import { DLQ_ITEMS_ALERT, SLOW_AGENTS_ALERT } from "./thresholds.ts";

const ITEMS = "prodigy_mapreduce_items_total";
const AGENT_DURATION = "prodigy_agent_duration_seconds";
const JOB_DURATION = "prodigy_mapreduce_job_duration_seconds";
const CHOSEN = { job_id: "$job_id" };

/** Jobs, their items and their agents. */
export function mapreduceBoard(rows: readonly MetricFacts[], select: Select): Board {
  const finished = select(ITEMS, { ...CHOSEN, status: "success|failed" });
  const gaugeSum = (name: string): string => `sum(${select(name, CHOSEN)})`;
  const byJob = (name: string): string => `sum by (job_id) (${select(name, CHOSEN)})`;
  const info = select("prodigy_mapreduce_job_info", CHOSEN);
  const agents = select.buckets(AGENT_DURATION, CHOSEN);
  const quantiles = [["P50", 0.5], ["P95", 0.95], ["P99", 0.99]] as const;

  return createBoard({
    uid: "prodigy-mapreduce",
    title: "Prodigy / MapReduce performance",
    description: "MapReduce jobs: progress, throughput, agents, and what ended up in the dead letter queue.",
    variables: [...COMMON_VARIABLES, metricVariable(rows, "prodigy_mapreduce_job_info", "job_id", "MapReduce job")],
    annotations: [jobEnds(select)],
    rows: [
      {
        id: 100,
        title: "Now",
        panels: [
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
            description:
              "Items in the dead letter queues of all chosen jobs together. A finished job's queue is shown " +
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
        ],
      },
      {
        id: 200,
        title: "Items",
        panels: [
          lines({
            id: 201,
            title: "Items processed",
            description:
              "Items that ended per second, stacked by outcome. The dashed line is items that went into the " +
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
        ],
      },
      {
        id: 300,
        title: "Agents",
        panels: [
          lines({
            id: 301,
            title: "Active agents",
            description: select.help("prodigy_mapreduce_agents_active"),
            width: 12,
            queries: [{ expr: byJob("prodigy_mapreduce_agents_active"), legend: "{{job_id}}" }],
            unit: "short",
            field: { min: 0, decimals: 0 },
          }, { stacked: true }),
          heatmap({
            id: 302,
            title: "Agent durations",
            description:
              "How many agents ended in each interval and how long they had taken. Darker is more. The top " +
              "row is everything above the last bucket's bound.",
            width: 12,
            queries: [{ expr: `sum by (le) (increase(${agents}[${RATE}]))`, legend: "{{le}}", format: "heatmap" }],
            unit: "s",
          }),
          lines({
            id: 303,
            title: "Agent duration P50, P95, P99",
            description: "Interpolated within histogram buckets: as exact as the buckets are narrow.",
            width: 12,
            maxDataPoints: 120,
            queries: quantiles.map(([legend, q]) => ({ expr: quantile(q, agents, { range: RATE }), legend })),
            unit: "s",
            field: { min: 0 },
          }),
          table({
            id: 304,
            title: "Agents by job",
            description:
              "Agents that succeeded in the chosen range. Too slow: share above the histogram's last bound; " +
              `the alert fires above ${SLOW_AGENTS_ALERT * 100} %.`,
            width: 12,
            labels: [{ label: "job_id", title: "Job" }],
            values: [
              {
                title: "Agents",
                expr: `sum by (job_id) (increase(${select.count(AGENT_DURATION, CHOSEN)}[${RANGE}])) > 0`,
                unit: "short",
                decimals: 0,
              },
              ...quantiles.map(([title, q]) => ({
                title,
                expr: `${quantile(q, agents, { range: RANGE, by: ["job_id"] })} > 0`,
                unit: "s",
              })),
              {
                title: "Too slow",
                expr: `1 - max by (job_id) (sum by (job_id, le) (increase(${
                  select.buckets(AGENT_DURATION, { ...CHOSEN, le: "!+Inf" })
                }[${RANGE}]))) / (sum by (job_id) (increase(${select.count(AGENT_DURATION, CHOSEN)}[${RANGE}])) > 0)`,
                unit: "percentunit",
                decimals: 1,
                colors: ["green", [SLOW_AGENTS_ALERT / 2, "orange"], [SLOW_AGENTS_ALERT, "red"]],
              },
            ],
            sortBy: "Agents",
          }),
        ],
      },
      {
        id: 400,
        title: "Jobs",
        panels: [
          barGauge({
            id: 401,
            title: "Progress",
            description: "Share of the job's items that are neither waiting nor being worked on. A job leaves some " +
              "scrapes after its end.",
            width: 12,
            queries: [{
              expr: `1 - (${byJob("prodigy_mapreduce_items_pending")} + ${
                byJob("prodigy_mapreduce_agents_active")
              }) / (${byJob("prodigy_mapreduce_job_items")} > 0)`,
              legend: "{{job_id}}",
              instant: true,
            }],
            unit: "percentunit",
            field: { min: 0, max: 1, decimals: 0 },
            thresholds: [[1, "green"]],
            baseColor: "blue",
          }),
          bars({
            id: 402,
            title: "Jobs that ended",
            description: select.help("prodigy_mapreduce_jobs_total"),
            width: 12,
            queries: [{
              expr: `sum by (status) (increase(${select("prodigy_mapreduce_jobs_total")}[${RATE}]))`,
              legend: "{{status}}",
            }],
            unit: "short",
            overrides: fixedColors("success", "failed"),
          }),
          lines({
            id: 403,
            title: "Worktrees",
            description: `${
              select.help("prodigy_mapreduce_worktrees_active")
            } Worktrees that stay after a job's end were leaked.`,
            width: 8,
            queries: [{ expr: byJob("prodigy_mapreduce_worktrees_active"), legend: "{{job_id}}" }],
            unit: "short",
            field: { min: 0, decimals: 0 },
          }, { stacked: true }),
          lines({
            id: 404,
            title: "Job duration",
            description: `${select.help(JOB_DURATION)} Median and 95th percentile over the last hour, all jobs.`,
            width: 8,
            queries: ([["P50", 0.5], ["P95", 0.95]] as const).map(([legend, q]) => ({
              expr: quantile(q, select.buckets(JOB_DURATION), { range: "1h" }),
              legend,
            })),
            unit: "s",
            field: { min: 0 },
          }),
          table({
            id: 405,
            title: "Which job is which",
            description: "The full id and the session a job's short label stands for. In PromQL: `metric * on (job, " +
              "instance, job_id) group_left (job_full_id) prodigy_mapreduce_job_info`.",
            width: 8,
            labels: [
              { label: "job_id", title: "Job" },
              { label: "job_full_id", title: "Full id" },
              { label: "session_id", title: "Session" },
            ],
            values: [{
              title: "DLQ items",
              expr: `max by (job_id, job_full_id, session_id) (${info} * on (job, instance, job_id) group_left ${
                select("prodigy_mapreduce_dlq_items", CHOSEN)
              }) or max by (job_id, job_full_id, session_id) (0 * ${info})`,
              unit: "short",
              colors: ["transparent", [1, "orange"], [DLQ_ITEMS_ALERT + 1, "red"]],
            }],
            sortBy: "DLQ items",
          }),
        ],
      },
    ],
  });
}

/** The gauge of a job that has ended reads 0 for some scrapes before it goes, however short these are on the graph. */
function jobEnds(select: Select): Annotation {
  const active = select("prodigy_mapreduce_jobs_active", CHOSEN);
  return {
    name: "Job ends",
    expr: `1 - max by (job_id) (min_over_time(${active}[$__interval]) == 0)`,
    title: "Job ended",
    text: "{{job_id}}",
    tags: "job_id",
    color: "purple",
  };
}
