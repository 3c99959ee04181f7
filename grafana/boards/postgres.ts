import { type Board, createBoard } from "../builder/board.ts";
import { fixedColors } from "../builder/colors.ts";
import { sqlBars } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { sqlTable } from "../builder/tables.ts";
import { datasourceVariable, type Variable } from "../builder/variables.ts";

const DATASOURCE = "grafana-postgresql-datasource";

/** What metrics cannot tell: single runs, single steps, error signatures. Needs the optional PostgreSQL store. */
export function postgresBoard(): Board {
  return createBoard({
    uid: "prodigy-postgres",
    title: "Prodigy / Event store (PostgreSQL)",
    description: "Single runs, steps, jobs and events from the optional PostgreSQL store.",
    variables: [datasourceVariable(DATASOURCE, { text: "Prodigy event store", value: "prodigy-postgres" }), INSTANCES],
    rows: [
      { id: 100, title: "Workflows", panels: workflowPanels() },
      { id: 200, title: "Steps and jobs", panels: workPanels() },
      { id: 300, title: "Claude and events", panels: usagePanels() },
    ],
  });
}

const INSTANCES: Variable = {
  name: "instance",
  type: "query",
  label: "Instance",
  description: "Exporters that wrote the rows.",
  datasource: { type: DATASOURCE, uid: "${datasource}" },
  definition: "SELECT DISTINCT instance FROM workflow_executions ORDER BY 1",
  query: "SELECT DISTINCT instance FROM workflow_executions ORDER BY 1",
  regex: "",
  sort: 0,
  refresh: 2,
  multi: true,
  includeAll: true,
  current: { selected: true, text: ["All"], value: ["$__all"] },
  hide: 0,
  options: [],
  skipUrlSync: false,
};

function workflowPanels(): readonly Panel[] {
  return [
    sqlBars({
      id: 101,
      title: "Runs per day",
      description: "Workflow runs by the day they started and how they ended.",
      width: 12,
      queries: [{
        expr: `SELECT date_trunc('day', started_at) AS time, status AS metric, count(*) AS runs
FROM workflow_executions
WHERE $__timeFilter(started_at) AND instance IN ($instance) AND completed_at IS NOT NULL
GROUP BY 1, 2
ORDER BY 1`,
      }],
      unit: "short",
      overrides: fixedColors("success", "failed", "cancelled"),
    }),
    sqlTable({
      id: 102,
      title: "Success rate by workflow",
      description: "Runs that ended in the chosen range.",
      width: 12,
      queries: [{
        format: "table",
        expr: `SELECT workflow_name AS "Workflow", count(*) AS "Runs",
  avg((status = 'success')::int) AS "Success rate",
  percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) / 1000.0 AS "P95 (s)"
FROM workflow_executions
WHERE $__timeFilter(started_at) AND instance IN ($instance) AND completed_at IS NOT NULL
GROUP BY 1
ORDER BY 2 DESC
LIMIT 50`,
      }],
      unit: "short",
      overrides: [{ field: "Success rate", properties: { unit: "percentunit" } }],
    }),
    sqlTable({
      id: 103,
      title: "Latest runs",
      description: "The last fifty runs that started in the chosen range.",
      width: 24,
      queries: [{
        format: "table",
        expr: `SELECT started_at AS "Started", workflow_name AS "Workflow", status AS "Status",
  duration_ms / 1000.0 AS "Duration (s)", total_steps AS "Steps", failed_steps AS "Failed steps",
  workflow_id AS "Run", instance AS "Instance"
FROM workflow_executions
WHERE $__timeFilter(started_at) AND instance IN ($instance)
ORDER BY started_at DESC
LIMIT 50`,
      }],
      unit: "short",
    }),
  ];
}

function workPanels(): readonly Panel[] {
  return [
    sqlTable({
      id: 201,
      title: "Slowest steps",
      description: "The fifty slowest steps of runs that started in the chosen range.",
      width: 12,
      queries: [{
        format: "table",
        expr:
          `SELECT w.workflow_name AS "Workflow", s.step_index AS "Step", s.step_type AS "Type", s.status AS "Status",
  s.duration_ms / 1000.0 AS "Duration (s)", s.started_at AS "Started"
FROM step_executions s
JOIN workflow_executions w ON w.id = s.workflow_execution_id
WHERE $__timeFilter(w.started_at) AND w.instance IN ($instance) AND s.duration_ms IS NOT NULL
ORDER BY s.duration_ms DESC
LIMIT 50`,
      }],
      unit: "short",
    }),
    sqlTable({
      id: 202,
      title: "Dead letter queue by signature",
      description: "Items that are in a queue now, by the signature of their error.",
      width: 12,
      queries: [{
        format: "table",
        expr: `SELECT coalesce(d.error_signature, 'not told') AS "Signature", count(*) AS "Items",
  count(DISTINCT d.job_id) AS "Jobs", max(d.added_at) AS "Last added"
FROM dlq_items d
WHERE d.is_present AND d.instance IN ($instance)
GROUP BY 1
ORDER BY 2 DESC
LIMIT 50`,
      }],
      unit: "short",
    }),
    sqlTable({
      id: 203,
      title: "Jobs",
      description: "MapReduce jobs that started in the chosen range.",
      width: 24,
      queries: [{
        format: "table",
        expr: `SELECT j.started_at AS "Started", j.job_id AS "Job", j.status AS "Status", j.total_items AS "Items",
  j.successful_items AS "Successful", j.failed_items AS "Failed", j.dlq_items AS "DLQ",
  extract(epoch FROM j.completed_at - j.started_at) AS "Duration (s)"
FROM mapreduce_jobs j
WHERE $__timeFilter(j.started_at) AND j.instance IN ($instance)
ORDER BY j.started_at DESC
LIMIT 50`,
      }],
      unit: "short",
    }),
  ];
}

function usagePanels(): readonly Panel[] {
  return [
    sqlTable({
      id: 301,
      title: "Cost per workflow",
      description: "Estimated cost of the chosen range; usage without a known price counts as unpriced tokens.",
      width: 12,
      queries: [{
        format: "table",
        expr: `SELECT coalesce(workflow_name, 'unknown') AS "Workflow", sum(cost_usd) AS "Cost",
  sum(input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens) AS "Tokens",
  sum(input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens)
    FILTER (WHERE cost_usd IS NULL) AS "Unpriced tokens"
FROM claude_usage
WHERE $__timeFilter(used_at) AND instance IN ($instance)
GROUP BY 1
ORDER BY 2 DESC NULLS LAST
LIMIT 50`,
      }],
      unit: "short",
      overrides: [{ field: "Cost", properties: { unit: "currencyUSD" } }],
    }),
    sqlBars({
      id: 302,
      title: "Events by type",
      description: "Events that were counted, by type.",
      width: 12,
      queries: [{
        expr: `SELECT $__timeGroup("timestamp", $__interval) AS time, type AS metric, count(*) AS events
FROM events
WHERE $__timeFilter("timestamp") AND instance IN ($instance)
GROUP BY 1, 2
ORDER BY 1`,
      }],
      unit: "short",
    }),
  ];
}
