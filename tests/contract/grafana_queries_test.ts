import assert from "node:assert/strict";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { readBoards } from "../support/grafana/board_json.ts";
import { checkBoard } from "../support/grafana/check_board.ts";
import { createVocabulary } from "../support/promql/vocabulary.ts";

const vocabulary = createVocabulary(METRIC_TABLE);

for (const board of await readBoards()) {
  Deno.test(`the queries of the board "${board.title}" agree with the metric table`, () => {
    assert.deepEqual(checkBoard(board, vocabulary), []);
  });
}
