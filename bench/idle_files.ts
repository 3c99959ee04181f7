import { type BenchOptions, type BenchResult, runBench } from "./harness.ts";
import { append, createHome } from "./home.ts";
import { usualLines } from "./lines.ts";
import { pause, startRunning } from "./running.ts";

/** CPU of the program when 5,000 event files lie there and nothing happens. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const files = quick ? 50 : 5_000;
  using home = createHome();
  const lines = usualLines(files * 2);
  for (let number = 0; number < files; number++) {
    const path = `${home.path}/.prodigy/events/app-${number % 50}/job-${number}/events-1.jsonl`;
    append(path, `${lines[number * 2]}\n${lines[number * 2 + 1]}\n`);
  }
  await using running = await startRunning(home.path);
  await running.untilLines("files", files * 2);
  await pause(quick ? 200 : 30_000); // until what begins with a start is over, garbage and compiler too
  const before = await running.usage();
  const startMs = performance.now();
  await pause(quick ? 1_000 : 30_000);
  const elapsedSeconds = (performance.now() - startMs) / 1000;
  const after = await running.usage();
  return {
    figures: {
      files,
      cpu_percent_of_one_core: (after.cpuSeconds - before.cpuSeconds) / elapsedSeconds * 100,
      resident_megabytes: after.residentBytes / 1e6,
    },
    checks: { all_lines_read: true },
  };
}

if (import.meta.main) await runBench("idle_files", bench);
