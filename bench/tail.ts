import { createDirectoryTail } from "../lib/source/directory_tail.ts";
import { type BenchOptions, type BenchResult, inTurns, ratios, runBench } from "./harness.ts";
import { createHome, writeLines } from "./home.ts";
import { readSplitParse } from "./plain_limit.ts";
import { hasCounted, readAll } from "./reading.ts";

/** One file of a million lines: followed to its end, and all the way into metrics, against the plain limit. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  using home = createHome();
  const expected = writeLines(home.eventsPath, { lines: quick ? 5_000 : 1_000_000 });
  let isRight = true;
  let isWhole = true;
  const times = await inTurns(quick ? 1 : 4, {
    plain: () => void readSplitParse(home.eventsPath),
    tail: () => isWhole &&= readBytes(`${home.path}/.prodigy`) === expected.sizeBytes,
    program: async () => {
      isRight &&= hasCounted(await readAll(home.path), expected);
    },
  });
  const perSecond = ({ bestMs }: { readonly bestMs: number }): number => expected.lines / bestMs * 1000;
  return {
    figures: {
      lines: expected.lines,
      size_megabytes: expected.sizeBytes / 1e6,
      tail_lines_per_second: perSecond(times.tail),
      program_lines_per_second: perSecond(times.program),
      plain_lines_per_second: perSecond(times.plain),
      ...ratios(times.program, times.plain),
    },
    checks: { totals: isRight, all_bytes: isWhole },
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
