import { claudeBoard } from "./boards/claude.ts";
import { exporterBoard } from "./boards/exporter.ts";
import { mapreduceBoard } from "./boards/mapreduce.ts";
import { postgresBoard } from "./boards/postgres.ts";
import { stepsBoard } from "./boards/steps.ts";
import { workflowsBoard } from "./boards/workflows.ts";
import type { Board } from "./builder/board.ts";
import { createSelect, type MetricFacts } from "./builder/select.ts";

/**
 * All boards, from the metric table.
 *
 * @param pricesDate year and month of the price table that costs are estimated by.
 * @throws {TypeError} when a board names a metric or label that the table does not have.
 */
export function createBoards(rows: readonly MetricFacts[], pricesDate: string): readonly Board[] {
  const select = createSelect(rows);
  return [
    workflowsBoard(rows, select),
    mapreduceBoard(rows, select),
    stepsBoard(rows, select),
    claudeBoard(rows, select, pricesDate),
    exporterBoard(select),
    postgresBoard(),
  ];
}

/** The text of a board's file. */
export function boardText(board: Board): string {
  return `${JSON.stringify(board.json, null, 2)}\n`;
}
