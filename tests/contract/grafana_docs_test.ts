import assert from "node:assert/strict";
import { QUESTIONS } from "../../grafana/questions.ts";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { examplePromql } from "../../lib/metrics/reference.ts";
import { readBoards } from "../support/grafana/board_json.ts";
import { parseMarkdown } from "../support/docs/markdown.ts";
import { analyzePromql } from "../support/promql/analyze.ts";
import { createVocabulary } from "../support/promql/vocabulary.ts";

const vocabulary = createVocabulary(METRIC_TABLE);
const guide = await Deno.readTextFile(new URL("../../docs/metrics-and-grafana.md", import.meta.url));
const boards = await readBoards();

for (const { question, board, panel, promql } of QUESTIONS) {
  Deno.test(`"${question}" is answered by a panel, and the guide says so`, () => {
    const found = boards.find(({ uid }) => uid === board);
    assert.ok(found !== undefined);
    assert.ok(found.panels.some(({ title }) => title === panel), `${board} has no panel ${panel}`);
    assert.deepEqual(analyzePromql(promql, vocabulary).problems, []);
    const section = guide.split(`### ${question}\n`)[1]?.split("\n### ")[0] ?? "";
    assert.ok(section.includes(`_${panel}_`) && section.includes(found.title), "the guide names another panel");
    assert.ok(parseMarkdown(section).blocks.some(({ text }) => text.trim() === promql), "the guide has another query");
  });
}

Deno.test("the guide describes every board and names only panels there are", () => {
  const titles = new Set(boards.flatMap(({ panels }) => panels.map(({ title }) => title)));
  for (const { title } of boards) {
    const [, name = ""] = title.split(" / ");
    const section = guide.split(`\n### ${name}\n`)[1]?.split(/\n##/)[0] ?? "";
    assert.notEqual(section, "", `nothing about ${name}`);
    const named = [...section.matchAll(/^- (_[^_]+_(?:(?:, | and | with | against )_[^_]+_)*)/gm)].flatMap((match) =>
      [...(match[1] ?? "").matchAll(/_([^_]+)_/g)].map((one) => one[1] ?? "")
    );
    const short = new Set(["7 days", "30 days", "this month"]);
    for (const panel of named.filter((one) => !short.has(one))) assert.ok(titles.has(panel), `no panel ${panel}`);
  }
});

Deno.test("every example of the metrics reference agrees with the metric table", () => {
  for (const row of METRIC_TABLE) {
    assert.deepEqual(analyzePromql(examplePromql(row), vocabulary).problems, [], row.name);
  }
});
