import { type BenchOptions, type BenchResult, inTurns, runBench } from "./harness.ts";
import { createHome, writeLines } from "./home.ts";
import { fileToMetrics, readingFigures } from "./reading.ts";

/** From a file with bad lines in it to metrics, against read + split + JSON.parse of the same file. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  using home = createHome();
  const expected = writeLines(home.eventsPath, { lines: quick ? 5_000 : 200_000, badEvery: 50 });
  const { tasks, isRight } = fileToMetrics(home, expected);
  const times = await inTurns(quick ? 1 : 7, tasks);
  return {
    figures: { lines: expected.lines, ...readingFigures(expected.lines, times) },
    checks: { totals: isRight() },
  };
}

if (import.meta.main) await runBench("end_to_end", bench);
