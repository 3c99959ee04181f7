import assert from "node:assert/strict";
import { SeenEvents } from "../../lib/event/seen_events.ts";
import { captured } from "../../lib/metrics/capture.ts";
import { Pipeline } from "../../lib/pipeline.ts";
import type { Batch, Source } from "../../lib/source/source.ts";
import { steadyPace } from "../../lib/runtime/event_loop.ts";
import { Notices } from "../../lib/telemetry/notices.ts";
import { until } from "../support/deadline.ts";
import { agentCompleted, jobStarted, record } from "../support/event_records.ts";
import { createTestMetrics } from "../support/metrics.ts";

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

Deno.test("Pipeline folds nothing until what onTurn returned settles", async () => {
  const { metrics } = createTestMetrics();
  let folded = 0;
  const source: Source = {
    name: "files",
    *look(): Generator<Batch> {
      for (let batch = 0; batch < 3; batch++) {
        folded++;
        yield { kind: "records", source: "files", records: [record(agentCompleted("job", `agent-${batch}`))] };
      }
    },
    health: () => ({ behindBytes: 0, problem: null }),
    saveState: () => null,
    loadState: () => {},
    close: () => {},
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  let turns = 0;
  const pipeline = new Pipeline({
    sources: [source],
    seen: SeenEvents.create(10),
    work: metrics.work,
    fold: metrics.fold,
    notices: new Notices(() => {}, SILENT),
    now: Date.now,
  }, { pace: steadyPace(0), onTurn: () => ++turns === 1 ? promise : null });
  const round = pipeline.round(new AbortController().signal);
  await until("it is its turn", () => turns > 0);
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([folded, turns], [1, 1]);
  resolve();
  assert.equal(await round, true);
  assert.deepEqual([folded, turns], [3, 4]);
});

Deno.test("Metrics.capture() gives what there was when it began, though scrapes come between its steps", async () => {
  const { metrics } = createTestMetrics();
  metrics.goLive();
  for (const job of ["a", "b", "c"]) {
    metrics.fold.fold(record(jobStarted(job)));
    metrics.fold.fold(record(agentCompleted(job, "agent")));
  }
  const thawBelow = metrics.thawable(0);
  const before = JSON.stringify(captured(metrics.capture(thawBelow)));
  const capture = metrics.capture(thawBelow);
  let steps = 0;
  for (let step = capture.next();; step = capture.next()) {
    if (step.done) {
      assert.equal(JSON.stringify(step.value), before);
      break;
    }
    steps++;
    const rendering = metrics.beginRendering();
    await metrics.exposition.render("text", "scraper");
    metrics.noteScrape("prometheus", 0, rendering);
  }
  assert.ok(steps > 10, `${steps} steps`);
});
