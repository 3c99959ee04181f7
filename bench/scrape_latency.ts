import { EventLines } from "./generator.ts";
import { type BenchOptions, type BenchResult, quantile, runBench } from "./harness.ts";
import { append, createHome } from "./home.ts";
import { pause, type Running, startRunning } from "./running.ts";
import { ScrapeClient } from "./scrape_client.ts";
import { writeWorkflows } from "./write_workflows.ts";

const LINES_PER_SECOND = 100_000;
/** Not fewer: who writes the lines of 50 ms at once holds a core for 2 to 5 ms, in which scraper and exporter wait. */
const WRITES_PER_SECOND = 100;
const SERIES_OF_A_WORKFLOW = 20;
const PAUSE_MS = 8;

/** How long answers took, in milliseconds. */
interface Answers {
  readonly scrapesMs: readonly number[];
  /** Of `/-/healthy`, for which nothing is done: what the machine and the HTTP server take at the time. */
  readonly healthMs: readonly number[];
}

interface Clients {
  readonly metrics: ScrapeClient;
  readonly health: ScrapeClient;
}

interface Plan {
  readonly warmUpMs: number;
  readonly rounds: number;
  readonly roundMs: number;
}

/** Scrapes by HTTP at 2,000 and 10,000 series: in peace, and while 100,000 lines come in per second. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const figures: Record<string, number> = {};
  const plan = quick ? { warmUpMs: 300, rounds: 1, roundMs: 1_000 } : { warmUpMs: 5_000, rounds: 5, roundMs: 8_000 };
  let isKept = true;
  for (const wanted of quick ? [1_000] : [2_000, 10_000]) {
    using home = createHome();
    append(home.eventsPath, "");
    const workflows = Math.floor((wanted - 250) / SERIES_OF_A_WORKFLOW);
    const written = writeWorkflows(`${home.path}/.prodigy/events/workflows`, workflows);
    await using running = await startRunning(home.path, ["--cardinality-max-workflow-names", "2000"]);
    await running.untilLines("files", written);
    using metrics = await ScrapeClient.connect(running.program.port);
    using health = await ScrapeClient.connect(running.program.port, "/-/healthy");
    const clients = { metrics, health };
    await askFor(clients, plan.warmUpMs);
    const peace = await askFor(clients, plan.roundMs);
    const load = await underLoad(running, clients, home.eventsPath, plan);
    isKept &&= load.isKept;
    const p99sMs = load.rounds.map(({ scrapesMs }) => quantile(scrapesMs, 0.99));
    const scrapesMs = load.rounds.flatMap((round) => round.scrapesMs);
    Object.assign(figures, {
      [`${wanted}_series`]: await running.program.value("prodigy_exporter_series") ?? NaN,
      [`${wanted}_peace_p50_milliseconds`]: quantile(peace.scrapesMs, 0.5),
      [`${wanted}_peace_p99_milliseconds`]: quantile(peace.scrapesMs, 0.99),
      [`${wanted}_peace_health_p99_milliseconds`]: quantile(peace.healthMs, 0.99),
      [`${wanted}_load_p50_milliseconds`]: quantile(scrapesMs, 0.5),
      [`${wanted}_load_p99_milliseconds`]: quantile(scrapesMs, 0.99),
      [`${wanted}_load_p99_of_best_round_milliseconds`]: Math.min(...p99sMs),
      [`${wanted}_load_p99_of_median_round_milliseconds`]: quantile(p99sMs, 0.5),
      [`${wanted}_load_health_p99_milliseconds`]: quantile(load.rounds.flatMap(({ healthMs }) => healthMs), 0.99),
      [`${wanted}_load_lines_per_second`]: load.linesPerSecond,
    });
  }
  return { figures, checks: { all_lines_read: isKept } };
}

async function askFor({ metrics, health }: Clients, forMs: number): Promise<Answers> {
  const scrapesMs: number[] = [];
  const healthMs: number[] = [];
  for (const endMs = performance.now() + forMs; performance.now() < endMs;) {
    scrapesMs.push(await metrics.scrape());
    await pause(PAUSE_MS);
    healthMs.push(await health.scrape());
    await pause(PAUSE_MS);
  }
  return { scrapesMs, healthMs };
}

async function underLoad(
  running: Running,
  clients: Clients,
  path: string,
  plan: Plan,
): Promise<{ readonly rounds: readonly Answers[]; readonly linesPerSecond: number; readonly isKept: boolean }> {
  const before = await running.program.value('prodigy_exporter_lines_read_total{source="files"}') ?? 0;
  // Made beforehand and written by another process: neither may take time from the scrapes that are measured.
  const blocks = `${path}.blocks`;
  const count = (plan.warmUpMs + plan.rounds * plan.roundMs) / 1000 * LINES_PER_SECOND;
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
  await askFor(clients, plan.warmUpMs);
  const rounds: Answers[] = [];
  while (rounds.length < plan.rounds) rounds.push(await askFor(clients, plan.roundMs));
  await writer.status;
  await running.untilLines("files", before + count);
  const linesPerSecond = count / (performance.now() - startMs) * 1000;
  const after = await running.program.value('prodigy_exporter_lines_read_total{source="files"}') ?? 0;
  return { rounds, linesPerSecond, isKept: after - before === count };
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
