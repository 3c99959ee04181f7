import { EventLines } from "./generator.ts";
import { type BenchOptions, type BenchResult, quantile, runBench } from "./harness.ts";
import { append, createHome } from "./home.ts";
import { pause, type Running, startRunning } from "./running.ts";
import { ScrapeClient } from "./scrape_client.ts";
import { writeWorkflows } from "./write_workflows.ts";

const LINES_PER_SECOND = 100_000;
const WRITES_PER_SECOND = 20;
const SERIES_OF_A_WORKFLOW = 20;

/** Scrapes by HTTP at 2,000 and 10,000 series: in peace, and while 100,000 lines come in per second. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const figures: Record<string, number> = {};
  let isKept = true;
  for (const wanted of quick ? [1_000] : [2_000, 10_000]) {
    using home = createHome();
    append(home.eventsPath, "");
    const workflows = Math.floor((wanted - 250) / SERIES_OF_A_WORKFLOW);
    const written = writeWorkflows(`${home.path}/.prodigy/events/workflows`, workflows);
    await using running = await startRunning(home.path, ["--cardinality-max-workflow-names", "2000"]);
    await running.untilLines("files", written);
    using client = await ScrapeClient.connect(running.program.port);
    await scrapeFor(client, quick ? 300 : 3_000);
    const peace = await scrapeFor(client, quick ? 500 : 10_000);
    const load = await underLoad(running, client, home.eventsPath, quick ? 2 : 25);
    isKept &&= load.isKept;
    figures[`${wanted}_series`] = await running.program.value("prodigy_exporter_series") ?? NaN;
    figures[`${wanted}_peace_p50_milliseconds`] = quantile(peace, 0.5);
    figures[`${wanted}_peace_p99_milliseconds`] = quantile(peace, 0.99);
    figures[`${wanted}_load_p50_milliseconds`] = quantile(load.timesMs, 0.5);
    figures[`${wanted}_load_p98_milliseconds`] = quantile(load.timesMs, 0.98);
    figures[`${wanted}_load_p99_milliseconds`] = quantile(load.timesMs, 0.99);
    figures[`${wanted}_load_lines_per_second`] = load.linesPerSecond;
  }
  return { figures, checks: { all_lines_read: isKept } };
}

async function scrapeFor(client: ScrapeClient, forMs: number): Promise<readonly number[]> {
  const timesMs: number[] = [];
  for (const endMs = performance.now() + forMs; performance.now() < endMs;) {
    timesMs.push(await client.scrape());
    await pause(15);
  }
  return timesMs;
}

async function underLoad(
  running: Running,
  client: ScrapeClient,
  path: string,
  seconds: number,
): Promise<{ readonly timesMs: readonly number[]; readonly linesPerSecond: number; readonly isKept: boolean }> {
  const before = await running.program.value('prodigy_exporter_lines_read_total{source="files"}') ?? 0;
  // Made beforehand and written by another process: neither may take time from the scrapes that are measured.
  const blocks = `${path}.blocks`;
  const count = seconds * LINES_PER_SECOND;
  const blockBytes = writeBlocks(blocks, count);
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      import.meta.resolve("./replay_file.ts").slice("file://".length),
    ],
    env: {
      REPLAY_FROM: blocks,
      REPLAY_TO: path,
      REPLAY_BYTES: `${blockBytes}`,
      REPLAY_PER_SECOND: `${WRITES_PER_SECOND}`,
    },
  }).spawn();
  const startMs = performance.now();
  // Not counted: what reads lines is compiled while the first ones come in.
  await scrapeFor(client, seconds / 5 * 1000);
  const timesMs = await scrapeFor(client, seconds * 4 / 5 * 1000);
  await writer.status;
  await running.untilLines("files", before + count);
  const linesPerSecond = count / (performance.now() - startMs) * 1000;
  const after = await running.program.value('prodigy_exporter_lines_read_total{source="files"}') ?? 0;
  return { timesMs, linesPerSecond, isKept: after - before === count };
}

/** @returns bytes for each write, so that the rate is kept. */
function writeBlocks(path: string, count: number): number {
  using file = Deno.openSync(path, { write: true, createNew: true });
  // No new jobs, or there would soon be more series than are to be measured.
  const lines = new EventLines({ lines: count, itemsOfAJob: count });
  for (const block of lines.blocks()) {
    for (let rest = new TextEncoder().encode(block); rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
  }
  return Math.ceil(lines.expected.sizeBytes / count * LINES_PER_SECOND / WRITES_PER_SECOND);
}

if (import.meta.main) await runBench("scrape_latency", bench);
