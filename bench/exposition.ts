import { type BenchOptions, type BenchResult, inTurns, runBench } from "./harness.ts";
import { LoopWatch } from "./loop_watch.ts";
import { metricsWithSeries, runWorkflow } from "./series.ts";

/** Rendering 1,000 to 50,000 series: all of them changed, one workflow changed, nothing changed. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const figures: Record<string, number> = {};
  let isWhole = true;
  for (const wanted of quick ? [1_000, 2_000] : [1_000, 2_000, 10_000, 50_000]) {
    const metrics = metricsWithSeries(wanted);
    const series = metrics.ledger.seriesCount();
    const render = async (): Promise<void> => {
      const text = await metrics.exposition.render("text", "person");
      isWhole &&= text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length === series;
    };
    using watch = new LoopWatch();
    const times = await inTurns(quick ? 1 : 9, {
      all: async () => {
        for (const family of metrics.ledger.families()) family.generation++;
        await render();
      },
      one: async () => {
        runWorkflow(metrics, 7);
        await render();
      },
      none: render,
    });
    figures[`${wanted}_series`] = series;
    figures[`${wanted}_all_changed_milliseconds`] = times.all.bestMs;
    figures[`${wanted}_one_changed_milliseconds`] = times.one.bestMs;
    figures[`${wanted}_nothing_changed_milliseconds`] = times.none.bestMs;
    figures[`${wanted}_longest_stop_milliseconds`] = watch.longestMs;
  }
  return { figures, checks: { all_series_rendered: isWhole } };
}

if (import.meta.main) await runBench("exposition", bench);
