import type { MetricRow } from "../metric.ts";
import { CLAUDE_ROWS } from "./claude.ts";
import { EXPORTER_ROWS } from "./exporter.ts";
import { MAPREDUCE_ROWS } from "./mapreduce.ts";
import { STORAGE_ROWS } from "./storage.ts";
import { WORKFLOW_ROWS } from "./workflows.ts";

/** THE metric table. */
export const METRIC_TABLE: readonly MetricRow[] = [
  ...WORKFLOW_ROWS,
  ...MAPREDUCE_ROWS,
  ...CLAUDE_ROWS,
  ...STORAGE_ROWS,
  ...EXPORTER_ROWS,
];
