import assert from "node:assert/strict";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { type BoardJson, dataPanels, isPrometheusBoard, readBoards } from "../support/grafana/board_json.ts";
import { checkBoard } from "../support/grafana/check_board.ts";
import { checkRules, readRuleTexts } from "../support/promql/rules.ts";
import { createVocabulary } from "../support/promql/vocabulary.ts";

/** What the checks are worth: each mistake made on purpose must be seen. */
const vocabulary = createVocabulary(METRIC_TABLE);
const boards = (await readBoards()).filter(isPrometheusBoard);
const rules = await readRuleTexts();

const FIVE: readonly (readonly [name: string, board: string, from: string, to: string])[] = [
  ["a metric's name", "prodigy-workflows", "prodigy_workflow_active{", "prodigy_workflows_active{"],
  ["a label's name", "prodigy-mapreduce", "sum by (job_id) (rate(", "sum by (job) (rate("],
  ["a label's value", "prodigy-steps", 'status=\\"failed\\"', 'status=\\"failure\\"'],
  ["a unit", "prodigy-claude", '"unit": "currencyUSD"', '"unit": "s"'],
  ["a legend's label", "prodigy-exporter", "{{instance}} {{source}}", "{{instance}} {{origin}}"],
];

for (const [name, uid, from, to] of FIVE) {
  Deno.test(`the check sees ${name} that is wrong in a board`, () => {
    const text = JSON.stringify(boards.find((board) => board.uid === uid), null, 1);
    assert.ok(text.includes(from), "the board has nothing to mutate");
    assert.notDeepEqual(checkBoard(JSON.parse(text.replace(from, to)), vocabulary), []);
  });
}

/** Every place of the board where `pattern` matches, changed one at a time, with what it is called in a failure. */
function* mutants(
  text: string,
  pattern: RegExp,
  change: (found: string) => string,
): Generator<readonly [string, string]> {
  for (const match of text.matchAll(pattern)) {
    const [found] = match;
    const changed = change(found);
    const context = text.slice(Math.max(0, match.index - 60), match.index + 60);
    yield [
      `${found} -> ${changed} in …${context}…`,
      text.slice(0, match.index) + changed + text.slice(match.index + found.length),
    ];
  }
}

/** One board for each query, so that a mutant is judged by the query it is in. */
function* singlePanels(board: BoardJson): Generator<BoardJson> {
  for (const panel of dataPanels(board)) {
    for (const target of panel.targets ?? []) {
      yield {
        ...board,
        templating: { list: [] },
        annotations: { list: [] },
        panels: [{ ...panel, targets: [target] }],
      };
    }
  }
}

const METRIC = /\b(?:prodigy_\w+|process_\w+)(?=\{)/g;
const GROUPING = /(?<=\b(?:by|on|group_left) \()\w+/g;

for (const board of boards) {
  Deno.test(`the check sees every metric and every label of "${board.title}" that is spelt wrong`, () => {
    let count = 0;
    for (const single of singlePanels(board)) {
      const text = single.panels[0]?.targets?.[0]?.expr ?? "";
      for (const pattern of [METRIC, GROUPING, /\w+(?=(?:=~|!=|!~|=)")/g]) {
        for (const [mutation, expr] of mutants(text, pattern, (found) => `${found}x`)) {
          const panels = single.panels.map((panel) => ({
            ...panel,
            targets: (panel.targets ?? []).map((target) => ({ ...target, expr })),
          }));
          assert.notDeepEqual(checkBoard({ ...single, panels }, vocabulary), [], mutation);
          count++;
        }
      }
    }
    assert.ok(count > 50, `only ${count} mutants`);
  });

  Deno.test(`the check sees every unit of "${board.title}" that is another one`, () => {
    const units = ["s", "ms", "bytes", "Bps", "cps", "short", "percentunit", "percent", "currencyUSD"];
    let count = 0;
    for (const single of singlePanels(board)) {
      const text = JSON.stringify(single);
      for (const unit of units) {
        // In a table the panel's own unit is for columns of labels only.
        const inUse = single.panels[0]?.transformations === undefined
          ? /(?<="defaults":\{"unit":")[^"]+/g
          : new RegExp(`(?<=${overrideOfTarget(single)}"properties":\\[\\{"id":"unit","value":")[^"]+`, "g");
        for (const [mutation, mutant] of mutants(text, inUse, () => unit)) {
          if (mutant === text) continue;
          assert.notDeepEqual(checkBoard(JSON.parse(mutant), vocabulary), [], mutation);
          count++;
        }
      }
    }
    assert.ok(count > 50, `only ${count} mutants`);
  });
}

/** How the override of the column begins that shows the panel's only query. */
function overrideOfTarget({ panels: [panel] }: BoardJson): string {
  const names = panel?.transformations?.find(({ id }) => id === "organize")?.options["renameByName"];
  const titles = names as Readonly<Record<string, string>> | undefined;
  const title = titles?.[`Value #${panel?.targets?.[0]?.refId}`] ?? titles?.["Value"];
  return `"matcher":\\{"id":"byName","options":"${title}"\\},`;
}

Deno.test("the check sees every metric, label and way to say a value that is wrong in the rules", () => {
  let count = 0;
  for (const [index, text] of rules.entries()) {
    const changes: readonly (readonly [RegExp, (found: string) => string])[] = [
      [/\b(?:prodigy_\w+)(?=[{[)\s])/g, (found) => `${found}x`],
      [GROUPING, (found) => `${found}x`],
      [/(?<=\$labels\.)\w+/g, (found) => `${found}x`],
      [/\bhumanize\b/g, () => "humanizeDuration"],
      [/\bhumanizePercentage\b/g, () => "humanize"],
      [/\bhumanizeDuration\b/g, () => "humanizePercentage"],
    ];
    for (const [pattern, change] of changes) {
      for (const [mutation, mutant] of mutants(text, pattern, change)) {
        const texts = rules.map((rule, at) => at === index ? mutant : rule);
        assert.notDeepEqual(checkRules(texts, vocabulary).problems, [], mutation);
        count++;
      }
    }
  }
  assert.ok(count > 60, `only ${count} mutants`);
});
