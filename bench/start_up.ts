import { type BenchOptions, type BenchResult, quantile, runBench } from "./harness.ts";
import { createHome, writeLines } from "./home.ts";
import { startRunning } from "./running.ts";

/** From the command to the first answered scrape: with nothing there, and with 20,000 lines to read first. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const rounds = quick ? 1 : 7;
  const empty: number[] = [];
  const full: number[] = [];
  for (let round = 0; round < rounds; round++) {
    empty.push(await startTime(0));
    full.push(await startTime(quick ? 1_000 : 20_000));
  }
  return {
    figures: {
      nothing_there_milliseconds: quantile(empty, 0.5),
      lines_there_milliseconds: quantile(full, 0.5),
    },
    checks: { answered: true },
  };
}

async function startTime(lines: number): Promise<number> {
  using home = createHome();
  if (lines > 0) writeLines(home.eventsPath, { lines });
  const startMs = performance.now();
  await using running = await startRunning(home.path);
  await running.program.metrics();
  return performance.now() - startMs;
}

if (import.meta.main) await runBench("start_up", bench);
