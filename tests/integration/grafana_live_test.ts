import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { isPrometheusBoard, readBoards } from "../support/grafana/board_json.ts";
import { judgeAnswer } from "../support/grafana/judge_answer.ts";
import {
  type PanelQuery,
  queriesOf,
  runTarget,
  runVariable,
  titleOf,
  type View,
} from "../support/grafana/run_query.ts";
import { type Program, startProgram } from "../support/program.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { createScratch } from "../support/scratch.ts";
import { testWithTools } from "../support/tool.ts";
import { Workload } from "../support/workload.ts";
import { append } from "../support/event_lines.ts";
import { QUESTIONS } from "../../grafana/questions.ts";

const SCRAPE_INTERVAL_SECONDS = 5;
const TICK_MS = 200;
/** From the first scrape on, as a user would see the boards fill. */
const FULL_AFTER_MS = 30_000;
const RANGE_SECONDS = 1800;

testWithTools("every panel and variable shows data within 30 s of the first scrape, of each exporter", [
  "prometheus",
], async () => {
  using home = createScratch();
  using otherHome = createScratch();
  using directory = createScratch();
  await using exporter = await startProgram({ home: home.path });
  await using other = await startProgram({ home: otherHome.path });
  using _load = startLoad(exporter, `${home.path}/.prodigy/events/demo/session-1/events.jsonl`, 1);
  using _otherLoad = startLoad(other, `${otherHome.path}/.prodigy/events/demo/session-1/events.jsonl`, 2);
  await using prometheus = await startPrometheus({
    directory: directory.path,
    config: JSON.stringify({
      global: { scrape_interval: `${SCRAPE_INTERVAL_SECONDS}s` },
      scrape_configs: [{
        job_name: "prodigy",
        static_configs: [{ targets: [exporter, other].map(({ port }) => `127.0.0.1:${port}`) }],
      }],
    }),
  });
  await until("the exporters are scraped", async () => (await prometheus.query("up == 1")).length === 2);

  const boards = (await readBoards()).filter(isPrometheusBoard);
  const missing = await untilAllShow(prometheus, queriesOf(boards));
  assert.deepEqual(missing, []);

  for (const board of boards) {
    for (const variable of board.templating.list.filter(({ type }) => type === "query")) {
      const offered = await runVariable(prometheus, variable, view());
      assert.ok(offered.length > 0, `${board.uid}: variable ${variable.name} offers nothing`);
      if (variable.name === "instance") assert.equal(offered.length, 2, "both exporters are offered");
    }
  }

  for (const { question, promql } of QUESTIONS) {
    const answer = await prometheus.query(promql);
    assert.ok(answer.length > 0 && answer.every(({ points }) => Number.isFinite(points[0]?.[1])), question);
  }

  // One instance chosen shows that instance alone, all of them the sum.
  const runs = queriesOf(boards).find(({ panel }) => panel.title === "Active agents" && panel.type === "stat");
  assert.ok(runs !== undefined);
  const agents = async (instance: string): Promise<number | undefined> =>
    (await runTarget(prometheus, runs.panel, runs.target, { ...fixed, variables: { instance } }))[0]?.points[0]?.[1];
  const fixed = view();
  const each = await Promise.all([exporter, other].map(({ port }) => agents(`127.0.0.1:${port}`)));
  assert.equal(await agents(".+"), (each[0] ?? NaN) + (each[1] ?? NaN));
});

function view(): View {
  return { rangeSeconds: RANGE_SECONDS, endSeconds: Date.now() / 1000, scrapeIntervalSeconds: SCRAPE_INTERVAL_SECONDS };
}

/** Asks again and again what has not been answered yet; resolves to what still has no answer after the time. */
async function untilAllShow(prometheus: Prometheus, queries: readonly PanelQuery[]): Promise<readonly string[]> {
  const end = performance.now() + FULL_AFTER_MS;
  let open = queries;
  let problems: readonly string[] = [];
  while (open.length > 0 && performance.now() < end) {
    const judged = await Promise.all(open.map(async (query) => {
      const answer = await runTarget(prometheus, query.panel, query.target, view());
      return { query, problems: judgeAnswer(query.panel, query.target, answer) };
    }));
    const unanswered = judged.filter((one) => one.problems.length > 0);
    open = unanswered.map(({ query }) => query);
    problems = unanswered.map((one) => `${titleOf(one.query)}: ${one.problems.join(", ")}`);
    if (open.length > 0) await nextTick(500);
  }
  return problems;
}

function nextTick(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}

/** Keeps an exporter busy, by its socket and by an event file, until disposed. */
function startLoad(exporter: Program, path: string, seed: number): Disposable {
  const workload = new Workload({ seed, ticksOfAJob: 25 });
  const connection = Deno.connect({ transport: "unix", path: exporter.socketPath });
  const writing = connection.then((open) => open.writable.getWriter());
  const encoder = new TextEncoder();
  let queue: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    const lines = workload.tick(Date.now());
    append(path, lines.at(-1) ?? "");
    const text = `${lines.slice(0, -1).join("")}{"event_type":\n`;
    queue = queue.then(async () => await (await writing).write(encoder.encode(text)));
  }, TICK_MS);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      void queue.then(async () => await (await writing).close());
    },
  };
}
