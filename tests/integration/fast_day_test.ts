import assert from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { assemble, createSeenEvents } from "../../lib/assembly.ts";
import { resolveConfig } from "../../lib/config/resolve.ts";
import type { Config } from "../../lib/config/options.ts";
import { createLog } from "../../lib/telemetry/log.ts";
import { append, eventLine } from "../support/event_lines.ts";
import { createScratch } from "../support/scratch.ts";

const DAY_MINUTES = 24 * 60;
/** Between two measurements of memory the same happens over and over: jobs come, end and are cleaned away. */
const MEASURED_MINUTES = [DAY_MINUTES / 4, DAY_MINUTES];
const KEPT_JOBS = 20;

function configFor(home: string): Config {
  const resolved = resolveConfig({
    flags: new Map(),
    environment: () => undefined,
    file: null,
    homeDirectory: home,
    currentDirectory: home,
  });
  assert.ok("config" in resolved);
  return resolved.config;
}

/** Bytes that are really held: what is garbage has been collected first. */
function heldBytes(): number {
  v8.setFlagsFromString("--expose-gc");
  vm.runInNewContext("gc")();
  return Deno.memoryUsage().heapUsed;
}

function openDescriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("24 hours of jobs in fast motion leave memory, descriptors and series where they were", async () => {
  using scratch = createScratch();
  const config = configFor(scratch.path);
  let nowMs = Date.now();
  const log = createLog({
    level: () => "error",
    format: "json",
    isTerminal: false,
    write: () => {},
    now: () => new Date(nowMs),
  });
  const { metrics, fileSources, createPipeline } = assemble(
    config,
    { ignoreOlderThanMs: null, settles: false },
    { log, now: () => nowMs, homeDirectory: scratch.path },
  );
  const pipeline = createPipeline(fileSources, createSeenEvents(config), {
    onTurn: (ms) => {
      metrics.upkeep.tick(ms);
      return null;
    },
  });
  const signal = new AbortController().signal;
  const files: string[] = [];
  const seen: { series: number; jobs: number; descriptors: number; heldBytes: number }[] = [];
  try {
    metrics.goLive();
    for (let minute = 1; minute <= DAY_MINUTES; minute++) {
      const jobId = `mapreduce-20261124_${String(100_000 + minute)}`;
      const file = `${scratch.path}/.prodigy/events/app/${jobId}/events-20261124_000000.jsonl`;
      files.push(file);
      const at = new Date(nowMs);
      append(
        file,
        eventLine({ event_type: "job_started", job_id: jobId, config: {}, total_items: 5 }, at) +
          Array.from(
            { length: 5 },
            (_, item) =>
              eventLine({ event_type: "agent_completed", job_id: jobId, agent_id: `a${item}`, duration: [9, 0] }, at),
          ).join("") +
          eventLine({
            event_type: "job_completed",
            job_id: jobId,
            duration: [50, 0],
            success_count: 5,
            failure_count: 0,
          }, at),
      );
      if (files.length > KEPT_JOBS) {
        const old = files.shift() ?? "";
        await Deno.remove(old.slice(0, old.lastIndexOf("/")), { recursive: true });
      }
      for (let scrape = 0; scrape < 4; scrape++) {
        nowMs += 15_000;
        await pipeline.round(signal);
        metrics.noteScrape("127.0.0.1:1", nowMs, metrics.beginRendering());
        metrics.ledger.thaw(metrics.thawable(nowMs));
      }
      if (!MEASURED_MINUTES.includes(minute)) continue;
      seen.push({
        series: metrics.ledger.seriesCount(),
        jobs: [...metrics.work.jobs.all()].filter((job) => job.shown).length,
        descriptors: openDescriptors(),
        heldBytes: heldBytes(),
      });
    }
    assert.equal(metrics.ledger.family("prodigy_mapreduce_jobs_total").series()[1]?.amount.value, DAY_MINUTES);
  } finally {
    for (const source of fileSources) source.close();
  }
  const [early, late] = seen;
  assert.ok(early !== undefined && late !== undefined);
  assert.equal(late.series, early.series);
  assert.equal(late.jobs, early.jobs);
  assert.ok(late.descriptors <= early.descriptors + 2, `descriptors: ${early.descriptors}, then ${late.descriptors}`);
  // What is remembered of finished jobs is bounded, but still grows to that bound on the first days.
  assert.ok(late.heldBytes < early.heldBytes + 16e6, `heap: ${early.heldBytes}, then ${late.heldBytes}`);
});
