import { renderOpenMetrics } from "../../lib/backfill/openmetrics.ts";
import { type TimedAmount, WindowSamples } from "../../lib/backfill/window_samples.ts";
import { decodeLine } from "../../lib/event/decode.ts";
import type { Metrics } from "../../lib/metrics/metrics.ts";
import type { MetricRow } from "../../lib/metrics/metric.ts";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { createTestMetrics } from "./metrics.ts";
import { Workload } from "./workload.ts";

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
const WINDOW_SECONDS = 2 * HOUR_SECONDS;
/** One tick of the workload, in the past's time. */
const TICK_SECONDS = 120;
const TICKS_OF_A_JOB = 60;

export interface HistoryOptions {
  /** Gets one file for each window of two hours: promtool takes 20 times as long for one large file. */
  readonly directory: string;
  /** Unix time of the last sample, a whole minute. */
  readonly endSeconds: number;
  readonly days: number;
  readonly instance: string;
}

/**
 * Writes the past of a busy exporter as OpenMetrics: what its own counting makes of the workload's events, sampled as
 * Prometheus would have, the older the coarser.
 *
 * @returns the files, in order.
 */
export function writeHistory({ directory, endSeconds, days, instance }: HistoryOptions): readonly string[] {
  const { metrics } = createTestMetrics({ unscrapedLimitSeconds: 60, dlqLimitSeconds: 6 * HOUR_SECONDS });
  const workload = new Workload({ seed: 7, ticksOfAJob: TICKS_OF_A_JOB });
  const samples = new WindowSamples();
  const startSeconds = endSeconds - days * DAY_SECONDS;
  let nextTick = startSeconds;
  let lastSeconds = startSeconds;
  for (let at = startSeconds; at <= endSeconds; at += stepAt(endSeconds - at)) {
    for (; nextTick <= at; nextTick += TICK_SECONDS) fold(metrics, workload, nextTick);
    emitOwn(metrics, startSeconds, at - lastSeconds);
    sample(metrics, samples, at);
    lastSeconds = at;
  }
  const labels = [["job", "prodigy"], ["instance", instance]] as const;
  return [...samples.takeBefore(Infinity)].map(({ index, families }) => {
    const path = `${directory}/${index * WINDOW_SECONDS}.om`;
    Deno.writeTextFileSync(path, [...renderOpenMetrics(families, labels)].join(""));
    return path;
  });
}

function stepAt(ageSeconds: number): number {
  if (ageSeconds <= 2 * HOUR_SECONDS) return 15;
  return ageSeconds <= DAY_SECONDS ? 60 : 240;
}

function fold(metrics: Metrics, workload: Workload, atSeconds: number): void {
  metrics.work.nowSeconds = atSeconds;
  for (const line of workload.tick(atSeconds * 1000)) {
    const record = decodeLine(line, null);
    if ("rejected" in record) throw new Error(`The workload wrote what is no event: ${record.detail} in ${line}`);
    metrics.fold.fold(record);
  }
  metrics.ledger.family("prodigy_storage_events_written_total").emit(20);
  metrics.upkeep.tick(atSeconds * 1000);
}

/** What Prometheus adds by itself. */
const UP: MetricRow = {
  name: "up",
  kind: "gauge",
  help: "1 while the target answers.",
  labels: [],
  stability: "stable",
  maxOpenValues: 1,
  exactness: "",
  from: {},
};

function sample(metrics: Metrics, samples: WindowSamples, atSeconds: number): void {
  for (const { row, series } of [...metrics.ledger.families()].map((one) => ({ row: one.row, series: one.series() }))) {
    for (const { labels, amount: { value, counts } } of series) {
      const amount: TimedAmount = { atSeconds, value, counts: counts?.slice() ?? null };
      samples.add(row, labels, atSeconds, amount);
    }
  }
  samples.add(UP, [], atSeconds, { value: 1, counts: null });
}

const OPEN_VALUES: Readonly<Record<string, string>> = {
  event_type: "agent_started",
  metric: "prodigy_workflow_active",
};
/** Own gauges that are not just some number. */
const GAUGES: Readonly<Record<string, number>> = {
  prodigy_exporter_build_info: 1,
  prodigy_exporter_source_up: 1,
  prodigy_exporter_store_up: 1,
  prodigy_exporter_config_last_reload_successful: 1,
  prodigy_exporter_series: 800,
  prodigy_exporter_series_limit: 20_000,
};

/** The exporter's metrics about itself, which no event feeds. */
function emitOwn(metrics: Metrics, startSeconds: number, passedSeconds: number): void {
  for (const { name, kind, labels } of METRIC_TABLE.filter((row) => /^(prodigy_exporter|process)_/.test(row.name))) {
    const { emit } = metrics.ledger.family(name);
    // Busy for a fiftieth of the time; anything else happens now and then.
    const value = kind === "counter"
      ? passedSeconds / 50
      : /^process_start_time|_timestamp_seconds$/.test(name)
      ? startSeconds
      : GAUGES[name] ?? 12;
    let combinations: readonly (readonly string[])[] = [[]];
    for (const label of labels) {
      const values = label.values ?? [OPEN_VALUES[label.name] ?? "x"];
      combinations = combinations.flatMap((prefix) => values.map((one) => [...prefix, one]));
    }
    for (const [first, second, third, fourth] of combinations) emit(value, first, second, third, fourth);
  }
}
