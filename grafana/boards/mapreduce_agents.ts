import { fixedColors } from "../builder/colors.ts";
import { bars, heatmap, lines } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { quantile, RANGE, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { barGauge } from "../builder/single_values.ts";
import { table } from "../builder/tables.ts";
import { DLQ_ITEMS_ALERT, SLOW_AGENTS_ALERT } from "./thresholds.ts";

const AGENT_DURATION = "prodigy_agent_duration_seconds";
const JOB_DURATION = "prodigy_mapreduce_job_duration_seconds";
const CHOSEN = { job_id: "$job_id" };

/** Agents: how many, how long. */
export function agentPanels(select: Select): readonly Panel[] {
  const agents = select.buckets(AGENT_DURATION, CHOSEN);
  const byJob = (name: string): string => `sum by (job_id) (${select(name, CHOSEN)})`;
  const quantiles = [["P50", 0.5], ["P95", 0.95], ["P99", 0.99]] as const;
  return [
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
      description: "How many agents ended in each interval and how long they had taken. Darker is more. The top " +
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
      description: "Agents that succeeded in the chosen range. Too slow: share above the histogram's last bound; " +
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
  ];
}

/** Jobs: how far, how long, which. */
export function jobPanels(select: Select): readonly Panel[] {
  const byJob = (name: string): string => `sum by (job_id) (${select(name, CHOSEN)})`;
  const info = select("prodigy_mapreduce_job_info", CHOSEN);
  return [
    barGauge({
      id: 401,
      title: "Progress",
      description: "Share of the job's items that are neither waiting nor being worked on. A job leaves some " +
        "scrapes after its end.",
      width: 12,
      queries: [{
        expr: `1 - (${byJob("prodigy_mapreduce_items_pending")} + ${byJob("prodigy_mapreduce_agents_active")}) / (${
          byJob("prodigy_mapreduce_job_items")
        } > 0)`,
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
  ];
}
