import { describeExampleConfig, describeReference } from "../lib/config/reference.ts";
import { describeMetricsReference } from "../lib/metrics/reference.ts";
import { PRICE_TABLE_DATE } from "../lib/metrics/price_table.ts";
import { METRIC_TABLE } from "../lib/metrics/table/table.ts";
import { boardText, createBoards } from "../grafana/boards.ts";

/** A file that is checked in and never edited by hand. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** All of them, made from the tables of metrics and options. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [
    { path: "docs/metrics-reference.md", text: describeMetricsReference(METRIC_TABLE) },
    { path: "docs/configuration.md", text: describeReference() },
    { path: "config.example.toml", text: describeExampleConfig() },
    ...createBoards(METRIC_TABLE, PRICE_TABLE_DATE).map((board) => ({
      path: `grafana/dashboards/${board.uid}.json`,
      text: boardText(board),
    })),
  ];
}
