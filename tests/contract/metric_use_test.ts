import assert from "node:assert/strict";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { isPrometheusBoard, readBoards } from "../support/grafana/board_json.ts";
import { withoutVariables } from "../support/grafana/check_board.ts";
import { queriesOf } from "../support/grafana/run_query.ts";
import { analyzePromql } from "../support/promql/analyze.ts";
import { checkRules, readRuleTexts } from "../support/promql/rules.ts";
import { createVocabulary } from "../support/promql/vocabulary.ts";

/** Metrics neither a board nor an alert asks for, and why. */
const NOT_USED: Readonly<Record<string, string>> = {
  prodigy_claude_tokens_total: "Ordered as it is; the boards take the one by workflow, which adds up to the same.",
  prodigy_exporter_files_unread: "For looking into why something is not counted; that links lie about is no trouble.",
};

Deno.test("every metric is used by a board or an alert, or it is said why not", async () => {
  const vocabulary = createVocabulary(METRIC_TABLE);
  const boards = (await readBoards()).filter(isPrometheusBoard);
  const used = new Set([
    ...queriesOf(boards).flatMap((
      { target },
    ) => [...analyzePromql(withoutVariables(target.expr ?? ""), vocabulary).names]),
    ...checkRules(await readRuleTexts(), vocabulary).names,
  ]);
  const isUsed = (name: string): boolean => ["", "_sum", "_count", "_bucket"].some((suffix) => used.has(name + suffix));
  const unused = METRIC_TABLE.map(({ name }) => name).filter((name) => !isUsed(name));
  assert.deepEqual(unused, Object.keys(NOT_USED));
});
