import { type BenchOptions, type BenchResult, runBench } from "./harness.ts";
import { endJobs } from "./many_jobs.ts";
import { metricsWithSeries } from "./series.ts";

/** Heap of the ledger and guard by 1,000 series, of what is kept for scrapes, and of remembered jobs. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const wanted = quick ? 2_000 : 10_000;
  const jobs = quick ? 100 : 10_000;
  await settledHeapBytes();
  const emptyBytes = await settledHeapBytes();
  const metrics = metricsWithSeries(wanted);
  const series = metrics.ledger.seriesCount();
  const ledgerBytes = await settledHeapBytes() - emptyBytes;
  await metrics.exposition.pieces("text", "scraper");
  const renderedBytes = await settledHeapBytes() - emptyBytes;
  endJobs(metrics, jobs);
  const jobsBytes = await settledHeapBytes() - emptyBytes - renderedBytes;
  return {
    figures: {
      series,
      heap_megabytes: ledgerBytes / 1e6,
      heap_megabytes_when_scraped: renderedBytes / 1e6,
      heap_kilobytes_per_1000_series: ledgerBytes / series,
      remembered_jobs: jobs,
      heap_megabytes_of_remembered_jobs: jobsBytes / 1e6,
    },
    checks: { has_series: series >= wanted - 100, has_jobs: metrics.work.jobs.all().next().done === false },
  };
}

/** After a collection: `gc` is there when started with `--v8-flags=--expose-gc`. */
async function settledHeapBytes(): Promise<number> {
  const gc = (globalThis as { gc?: () => void }).gc;
  for (let round = 0; round < 4; round++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Deno.memoryUsage().heapUsed;
}

if (import.meta.main) await runBench("ledger_memory", bench);
