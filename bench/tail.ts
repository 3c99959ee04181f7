import { createDirectoryTail } from "../lib/source/directory_tail.ts";
import { type BenchOptions, type BenchResult, inTurns, runBench } from "./harness.ts";
import { createHome, writeLines } from "./home.ts";
import { fileToMetrics, readingFigures } from "./reading.ts";

/** One file of a million lines: followed to its end, and all the way into metrics, against the plain limit. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  using home = createHome();
  const expected = writeLines(home.eventsPath, { lines: quick ? 5_000 : 1_000_000 });
  const { tasks, isRight } = fileToMetrics(home, expected);
  let isWhole = true;
  const times = await inTurns(quick ? 1 : 4, {
    ...tasks,
    tail: () => isWhole &&= readBytes(`${home.path}/.prodigy`) === expected.sizeBytes,
  });
  return {
    figures: {
      lines: expected.lines,
      size_megabytes: expected.sizeBytes / 1e6,
      tail_lines_per_second: expected.lines / times.tail.bestMs * 1000,
      ...readingFigures(expected.lines, times),
    },
    checks: { totals: isRight(), all_bytes: isWhole },
  };
}

/** Follows the files to their ends and does nothing with the lines. */
function readBytes(prodigyHome: string): number {
  const source = createDirectoryTail({
    eventsDirectory: `${prodigyHome}/events`,
    stateDirectory: `${prodigyHome}/state`,
    lineMaxBytes: 4 * 1024 * 1024,
    rescanIntervalMs: 5_000,
    ignoreOlderThanMs: null,
  });
  let bytes = 0;
  for (const batch of source.look(Date.now())) {
    if (batch.kind === "lines") bytes += batch.sizeBytes;
  }
  source.close();
  return bytes;
}

if (import.meta.main) await runBench("tail", bench);
