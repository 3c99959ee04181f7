import { EventLines } from "./generator.ts";
import { type BenchOptions, type BenchResult, runBench } from "./harness.ts";
import { append, createHome } from "./home.ts";
import { type Running, startRunning } from "./running.ts";

const ROUNDS = 10;

/** Resident memory after a tenth of the lines and scrapes, and after all: it must not grow with what has passed by. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const lines = quick ? 5_000 : 1_000_000;
  const scrapes = quick ? 20 : 1_000;
  using home = createHome();
  append(home.eventsPath, "");
  await using running = await startRunning(home.path);
  const residentBytes: number[] = [];
  let written = 0;
  for (const block of new EventLines({ lines }).blocks()) {
    append(home.eventsPath, block);
    written += block.split("\n").length - 1;
    if (written < lines / ROUNDS * (residentBytes.length + 1)) continue;
    await running.untilLines("files", written);
    await scrapeTimes(running, scrapes / ROUNDS);
    residentBytes.push((await running.usage()).residentBytes);
  }
  const [early = NaN] = residentBytes;
  const late = residentBytes.at(-1) ?? NaN;
  return {
    figures: {
      lines: written,
      scrapes,
      after_a_tenth_megabytes: early / 1e6,
      after_all_megabytes: late / 1e6,
      most_megabytes: Math.max(...residentBytes) / 1e6,
      growth: late / early,
    },
    checks: { all_lines_read: written === lines },
  };
}

async function scrapeTimes(running: Running, times: number): Promise<void> {
  for (let scrape = 0; scrape < times; scrape++) await running.scrape();
}

if (import.meta.main) await runBench("resident_memory", bench);
