import { EventLines } from "./generator.ts";
import { type BenchOptions, type BenchResult, runBench } from "./harness.ts";
import { append, createHome } from "./home.ts";
import { pause, startRunning } from "./running.ts";

const EVENTS_PER_SECOND = 100;
const WRITES_PER_SECOND = 10;

/** What watching costs: CPU of the program while 100 events are written per second, and it is scraped. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const seconds = quick ? 2 : 30;
  const count = seconds * EVENTS_PER_SECOND;
  const lines = [...new EventLines({ lines: count }).blocks()].join("").split("\n").slice(0, count);
  using home = createHome();
  append(home.eventsPath, "");
  await using running = await startRunning(home.path);
  await pause(quick ? 200 : 3_000); // the compiler is busy after the start
  const before = await running.usage();
  const startMs = performance.now();
  const each = EVENTS_PER_SECOND / WRITES_PER_SECOND;
  for (let write = 0; write < count / each; write++) {
    const block = lines.slice(write * each, (write + 1) * each);
    append(home.eventsPath, `${block.join("\n")}\n`);
    if (write % (WRITES_PER_SECOND * 5) === 0) await running.scrape();
    await pause(startMs + (write + 1) * 1000 / WRITES_PER_SECOND - performance.now());
  }
  await running.untilLines("files", count);
  const elapsedSeconds = (performance.now() - startMs) / 1000;
  const after = await running.usage();
  return {
    figures: {
      events_per_second: count / elapsedSeconds,
      cpu_percent_of_one_core: (after.cpuSeconds - before.cpuSeconds) / elapsedSeconds * 100,
      resident_megabytes: after.residentBytes / 1e6,
    },
    checks: { all_lines_read: true },
  };
}

if (import.meta.main) await runBench("metrics_overhead", bench);
