import { join } from "node:path";
import { assemble, type Assembly, type AssemblyDeps, createSeenEvents, type ReadingMode } from "./assembly.ts";
import { abandonedWork } from "./backfill/abandoned.ts";
import { FinalCounts } from "./backfill/final_counts.ts";
import { createStepGrid, windowOf, windowStart } from "./backfill/grid.ts";
import { type ExtraLabels, renderOpenMetrics } from "./backfill/openmetrics.ts";
import { RecordTimes } from "./backfill/record_times.ts";
import { labelsOnly, Replay } from "./backfill/replay.ts";
import { resolved } from "./backfill/resolved.ts";
import { Sampler } from "./backfill/sampler.ts";
import { Spool } from "./backfill/spool.ts";
import { WindowSamples } from "./backfill/window_samples.ts";
import type { Config } from "./config/options.ts";
import { type EventRecord, ownRecord } from "./event/record.ts";
import { captured } from "./metrics/capture.ts";
import type { Verdict } from "./metrics/work/precedence.ts";
import { Pipeline } from "./pipeline.ts";
import type { Log } from "./telemetry/log.ts";

export interface BackfillOptions {
  readonly outDirectory: string;
  /** Samples are written from then to `endSeconds`, Unix seconds. */
  readonly sinceSeconds: number;
  readonly endSeconds: number;
  readonly stepSeconds: number;
  readonly labels: ExtraLabels;
}

export interface BackfillResult {
  readonly files: readonly string[];
  readonly beginSeconds: number | null;
}

/** The backfill cannot be written; the message says what to do. */
export class BackfillError extends Error {
  override readonly name = "BackfillError";
}

const EXTENSION = ".om";
const SPOOL_DIRECTORY = ".spool";
/** Windows before `since` that are sorted by themselves; all that is older is sorted in one go. */
const OLD_WINDOWS = 360;
/** Rounds in which a starting exporter reads what it calls history. */
const ROUNDS = 5;
/** For the second reading, which would report everything again. */
const SILENT: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/**
 * Writes the past found on disk as OpenMetrics with times, a file for each window of two hours, for
 * `promtool tsdb create-blocks-from openmetrics`.
 *
 * Everything is read twice. First as a starting exporter reads it, which gives the counts it would begin with and what
 * of each record counts when several sources tell the same. Then what counts is replayed in order of time; so the last
 * sample of every series is what the exporter shows at its start.
 *
 * @throws {BackfillError} when the directory cannot be used.
 */
export async function writeBackfill(
  config: Config,
  options: BackfillOptions,
  deps: AssemblyDeps,
): Promise<BackfillResult> {
  const { outDirectory, endSeconds } = options;
  prepareDirectory(outDirectory);
  // As `start`: what it leaves alone must not be counted here either.
  const mode: ReadingMode = { ignoreOlderThanMs: config["readers.ignore_older_than"] * 1000, settles: false };
  const oldest = windowOf(options.sinceSeconds) - OLD_WINDOWS;
  using spool = new Spool(join(outDirectory, SPOOL_DIRECTORY), (at) => Math.max(windowOf(at), oldest));

  const first = assemble(config, mode, deps);
  const begunAtSeconds = await readPast(first, spool, config, options, deps);
  if (begunAtSeconds === null) return { files: [], beginSeconds: null };

  const { metrics } = assemble(config, mode, { ...deps, log: SILENT });
  metrics.work.jobs.loadState(labelsOnly(captured(first.metrics.work.jobs.capture())));
  const grid = createStepGrid(options.stepSeconds);
  const samples = new WindowSamples();
  const final = new FinalCounts(first.metrics.ledger);
  const replay = new Replay(metrics, new Sampler(samples, options.stepSeconds, final), {
    grid,
    beginSeconds: grid.atOrBefore(Math.max(options.sinceSeconds, begunAtSeconds)),
    endSeconds,
    finishedHoldSeconds: config["cardinality.finished_job_hold"],
    dlqHoldSeconds: config["cardinality.dlq_hold"],
  });
  const beginSeconds = Math.max(options.sinceSeconds, begunAtSeconds);
  const files: string[] = [];
  const write = (before: number): void => {
    for (const { index, families } of samples.takeBefore(before)) {
      const path = join(outDirectory, fileName(index));
      writePieces(path, renderOpenMetrics(families, options.labels));
      files.push(path);
    }
  };
  const firstWindow = windowOf(grid.atOrBefore(beginSeconds));
  for (const window of spool.windows().filter((one) => one < firstWindow)) replay.skip(spool.read(window));
  for (let window = firstWindow; window <= windowOf(endSeconds); window++) {
    replay.window(window, spool.read(window));
    // A sample may still be put one step back, into the window before.
    write(window);
  }
  replay.finish();
  write(Infinity);
  return { files, beginSeconds };
}

/** Reads as a start would, and puts every record that counts into the spool. @returns the first one's time. */
async function readPast(
  { metrics, notices, fileSources }: Assembly,
  spool: Spool,
  config: Config,
  { endSeconds }: BackfillOptions,
  deps: AssemblyDeps,
): Promise<number | null> {
  const idleLimitSeconds = config["readers.idle_limit"];
  const times = new RecordTimes({ nowSeconds: deps.now() / 1000, idleLimitSeconds });
  let firstSeconds = Infinity;
  const fold = (record: EventRecord): Verdict => {
    const atSeconds = times.secondsOf(record);
    if (atSeconds > endSeconds) return "drop";
    const verdict = metrics.fold.fold(record);
    if (verdict === "drop") return verdict;
    if (atSeconds < endSeconds) firstSeconds = Math.min(firstSeconds, atSeconds);
    spool.add({ atSeconds, record: resolved(ownRecord(record), metrics.work) });
    return verdict;
  };
  const pipeline = new Pipeline({
    sources: fileSources,
    seen: createSeenEvents(config),
    work: metrics.work,
    fold: { fold },
    notices,
    now: deps.now,
  });
  const { signal } = new AbortController();
  try {
    for (let round = 0; round < ROUNDS && await pipeline.round(signal); round++);
  } finally {
    for (const source of fileSources) source.close();
  }
  for (const end of abandonedWork(metrics.work, times, { idleLimitSeconds, endSeconds })) spool.add(end);
  metrics.upkeep.tick(endSeconds * 1000);
  return firstSeconds === Infinity ? null : firstSeconds;
}

/** @throws {BackfillError} when it is no directory of ours. */
function prepareDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
    const [earlier] = Array.from(Deno.readDirSync(path)).filter(({ name }) => name.endsWith(EXTENSION));
    if (earlier === undefined) return;
    throw new BackfillError(`Cannot write into ${path} as it holds an earlier backfill: name another directory`);
  } catch (error) {
    if (error instanceof BackfillError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackfillError(`Cannot write into ${path}: ${reason}`, { cause: error });
  }
}

/** `prodigy-20261124T0800Z.om` */
function fileName(window: number): string {
  const time = new Date(windowStart(window) * 1000).toISOString().slice(0, 16).replaceAll(/[-:]/g, "");
  return `prodigy-${time}Z${EXTENSION}`;
}

function writePieces(path: string, pieces: Iterable<string>): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  const encoder = new TextEncoder();
  for (const piece of pieces) {
    const bytes = encoder.encode(piece);
    for (let offset = 0; offset < bytes.length;) offset += file.writeSync(bytes.subarray(offset));
  }
}
