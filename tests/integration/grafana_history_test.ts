import assert from "node:assert/strict";
import { QUESTIONS } from "../../grafana/questions.ts";
import { isPrometheusBoard, readBoards } from "../support/grafana/board_json.ts";
import { judgeAnswer } from "../support/grafana/judge_answer.ts";
import { queriesOf, runTarget, runVariable, titleOf } from "../support/grafana/run_query.ts";
import { writeHistory } from "../support/history.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { createScratch } from "../support/scratch.ts";
import { runTool, testWithTools } from "../support/tool.ts";

const DAYS = 7;
const DAY_SECONDS = 86_400;
const RANGES = [["1 h", 3_600], ["24 h", DAY_SECONDS], ["7 d", 7 * DAY_SECONDS]] as const;
/** Of the data source; the newest part of the history is as dense. */
const SCRAPE_INTERVAL_SECONDS = 15;
const QUERIES_AT_A_TIME = 8;

testWithTools("every query of every board has a good answer over 1 h, 24 h and 7 d of history", [
  "prometheus",
  "promtool",
], async (t) => {
  using directory = createScratch();
  const endSeconds = Math.floor(Date.now() / 60_000) * 60;
  await t.step("promtool takes the history in", async () => {
    const files = writeHistory({ directory: directory.path, endSeconds, days: DAYS, instance: "workstation:9464" });
    for (const file of files) {
      const args = ["tsdb", "create-blocks-from", "openmetrics", "--quiet", file, `${directory.path}/data`];
      const { code, stderr } = await runTool("promtool", args);
      assert.equal(code, 0, `${file}: ${stderr}`);
    }
  });
  await using prometheus = await startPrometheus({ directory: directory.path, config: "" });
  const boards = (await readBoards()).filter(isPrometheusBoard);

  for (const [title, rangeSeconds] of RANGES) {
    const view = { rangeSeconds, endSeconds, scrapeIntervalSeconds: SCRAPE_INTERVAL_SECONDS };
    await t.step(`all panels over ${title}`, async () => {
      const problems = await inTurns(queriesOf(boards), async (query) => {
        const answer = await runTarget(prometheus, query.panel, query.target, view);
        return judgeAnswer(query.panel, query.target, answer).map((problem) => `${titleOf(query)}: ${problem}`);
      });
      assert.deepEqual(problems.flat(), []);
    });
    await t.step(`all variables over ${title}`, async () => {
      for (const board of boards) {
        for (const variable of board.templating.list.filter(({ type }) => type === "query")) {
          const offered = await runVariable(prometheus, variable, view);
          assert.ok(offered.length > 0, `${board.uid}: variable ${variable.name} offers nothing`);
        }
      }
    });
  }

  for (const { question, promql } of QUESTIONS) {
    await t.step(question, async () => {
      const answer = await prometheus.query(promql, endSeconds);
      assert.ok(answer.length > 0);
      for (const { points } of answer) assert.ok(Number.isFinite(points[0]?.[1]) && (points[0]?.[1] ?? 0) > 0);
    });
  }
});

/** Runs some at a time: all at once would only wait for each other. */
async function inTurns<T, U>(items: readonly T[], run: (item: T) => Promise<U>): Promise<readonly U[]> {
  const results: U[] = [];
  for (let start = 0; start < items.length; start += QUERIES_AT_A_TIME) {
    results.push(...await Promise.all(items.slice(start, start + QUERIES_AT_A_TIME).map(run)));
  }
  return results;
}
