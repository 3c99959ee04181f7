import assert from "node:assert/strict";
import { load } from "js-yaml";
import { readBoards } from "../support/grafana/board_json.ts";
import { LINT_RULES } from "../support/grafana/lint_board.ts";

interface LintFile {
  readonly exclusions: Readonly<
    Record<string, { readonly reason: string; readonly entries: readonly { readonly dashboard: string }[] }>
  >;
}

const boards = await readBoards();
const { exclusions } = load(
  await Deno.readTextFile(new URL("../../grafana/dashboards/.lint", import.meta.url)),
) as LintFile;

function isExcluded(rule: string, title: string): boolean {
  return exclusions[rule]?.entries.some(({ dashboard }) => dashboard === title) === true;
}

for (const [rule, check] of Object.entries(LINT_RULES)) {
  Deno.test(`all boards keep ${rule}, but those with a reason not to`, () => {
    for (const board of boards) {
      const problems = check(board);
      if (isExcluded(rule, board.title)) assert.notDeepEqual(problems, [], `${board.title} needs no exclusion`);
      else assert.deepEqual(problems, [], board.title);
    }
  });
}

Deno.test("each exclusion names a rule, a board and a reason", () => {
  for (const [rule, { reason, entries }] of Object.entries(exclusions)) {
    assert.ok(LINT_RULES[rule] !== undefined, rule);
    assert.ok(reason.length > 10, rule);
    for (const { dashboard } of entries) assert.ok(boards.some(({ title }) => title === dashboard), dashboard);
  }
});
