import { type BenchOptions, type BenchResult, inTurns, ratios, runBench } from "./harness.ts";
import { createHome, writeLines } from "./home.ts";
import { readSplitParse } from "./plain_limit.ts";
import { hasCounted, readAll } from "./reading.ts";

/** From a file with bad lines in it to metrics, against read + split + JSON.parse of the same file. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  using home = createHome();
  const expected = writeLines(home.eventsPath, { lines: quick ? 5_000 : 200_000, badEvery: 50 });
  let isRight = true;
  const times = await inTurns(quick ? 1 : 7, {
    plain: () => void readSplitParse(home.eventsPath),
    program: async () => {
      isRight &&= hasCounted(await readAll(home.path), expected);
    },
  });
  const perSecond = ({ bestMs }: { readonly bestMs: number }): number => expected.lines / bestMs * 1000;
  return {
    figures: {
      lines: expected.lines,
      program_lines_per_second: perSecond(times.program),
      plain_lines_per_second: perSecond(times.plain),
      ...ratios(times.program, times.plain),
    },
    checks: { totals: isRight },
  };
}

if (import.meta.main) await runBench("end_to_end", bench);
