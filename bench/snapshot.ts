import { captured } from "../lib/metrics/capture.ts";
import { Metrics } from "../lib/metrics/metrics.ts";
import { SeenEvents } from "../lib/event/seen_events.ts";
import { readSnapshot, SnapshotWriter } from "../lib/snapshot/snapshot_file.ts";
import type { SnapshotPart } from "../lib/snapshot/snapshot_format.ts";
import { TEST_OPTIONS } from "../tests/support/metrics.ts";
import { type BenchOptions, type BenchResult, inTurns, runBench } from "./harness.ts";
import { createHome } from "./home.ts";
import { LoopWatch } from "./loop_watch.ts";
import { endJobs } from "./many_jobs.ts";
import { metricsWithSeries } from "./series.ts";

/** Writing and loading the state of 50,000 series and 10,000 remembered jobs. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const jobs = quick ? 200 : 10_000;
  using home = createHome();
  const path = `${home.path}/snapshot`;
  const metrics = metricsWithSeries(quick ? 2_000 : 50_000);
  endJobs(metrics, jobs);
  const seen = SeenEvents.create(131_072);
  const writer = new SnapshotWriter(path);
  let captureMs = 0;
  let sizeBytes = 0;
  using watch = new LoopWatch();
  const times = await inTurns(quick ? 1 : 9, {
    write: async () => {
      const startMs = performance.now();
      const { files, socket } = captured(seen.capture());
      const parts: readonly SnapshotPart[] = [
        { name: "metrics", encoding: "json", value: metrics.saveState(0), isCopy: true },
        { name: "seen_files", encoding: "bytes", bytes: files },
        { name: "seen_socket", encoding: "bytes", bytes: socket },
      ];
      const written = writer.write(parts, new Date(0).toISOString());
      captureMs = Math.max(captureMs, performance.now() - startMs);
      sizeBytes = await written;
    },
  });
  const longestStopMs = watch.longestMs;
  let loaded: Metrics | null = null;
  const loads = await inTurns(quick ? 1 : 5, {
    load: async () => {
      const read = await readSnapshot(path, Date.now());
      const part = read.kind === "loaded" ? read.parts[0] : undefined;
      loaded = new Metrics({ ...TEST_OPTIONS, maxSeries: 10_000_000, maxWorkflowNames: 1_000_000 }, {
        onLimit: () => {},
        onReaped: () => {},
      });
      if (part?.encoding === "json") loaded.loadState(part.value as ReturnType<Metrics["saveState"]>, 0);
    },
  });
  const again = (loaded as Metrics | null)?.saveState(0);
  return {
    figures: {
      series: metrics.ledger.seriesCount(),
      remembered_jobs: jobs,
      size_megabytes: sizeBytes / 1e6,
      write_milliseconds: times.write.medianMs,
      longest_capture_milliseconds: captureMs,
      longest_stop_milliseconds: longestStopMs,
      load_milliseconds: loads.load.medianMs,
    },
    checks: { loads_what_was_written: JSON.stringify(again) === JSON.stringify(metrics.saveState(0)) },
  };
}

if (import.meta.main) await runBench("snapshot", bench);
