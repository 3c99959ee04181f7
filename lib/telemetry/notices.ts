import type { Problem } from "../config/problem.ts";
import type { RejectReason } from "../event/rejected.ts";
import type { SourceName } from "../source/source.ts";
import type { Log } from "./log.ts";

/** Adds to a counter of the metric table. */
export type Count = (metric: string, value: number, ...labels: readonly string[]) => void;

/** The log and the counters of everything that can happen to a line: one call, one log line, its samples. */
export class Notices {
  readonly #count: Count;
  readonly #log: Log;
  readonly #limitsLogged = new Map<string, number>();

  constructor(count: Count, log: Log) {
    this.#count = count;
    this.#log = log;
  }

  linesRead(source: SourceName, lines: number, sizeBytes: number): void {
    this.#count("prodigy_exporter_lines_read_total", lines, source);
    this.#count("prodigy_exporter_bytes_read_total", sizeBytes, source);
  }

  eventsFolded(source: SourceName, byType: ReadonlyMap<string, { readonly count: number }>): void {
    let total = 0;
    for (const [type, { count }] of byType) {
      this.#count("prodigy_exporter_events_total", count, type);
      total += count;
    }
    if (source === "files") this.#count("prodigy_storage_events_written_total", total);
  }

  duplicates(source: SourceName, count: number): void {
    this.#count("prodigy_exporter_duplicates_total", count, source);
  }

  superseded(source: SourceName, count: number): void {
    this.#count("prodigy_exporter_superseded_total", count, source);
  }

  durationsClamped(count: number): void {
    this.#count("prodigy_exporter_durations_clamped_total", count);
  }

  /** @param detail a field or type name, never content. */
  rejected(source: SourceName, reason: RejectReason, count: number, detail: string): void {
    this.#count("prodigy_exporter_lines_rejected_total", count, source, reason);
    // New event types are expected as producers grow; everything else is data that was not counted.
    const level = reason === "unknown_event_type" ? "info" : "warn";
    this.#log[level]("line_rejected", { source, reason, ...(detail === "" ? {} : { detail }) });
  }

  /** The first folded values of each metric are named, so that an operator can see what floods it. */
  limitHit(metric: string, openValues: readonly string[]): void {
    this.#count("prodigy_exporter_limit_hits_total", 1, metric);
    const logged = this.#limitsLogged.get(metric) ?? 0;
    if (logged >= MAX_LIMITS_LOGGED) return;
    this.#limitsLogged.set(metric, logged + 1);
    this.#log.warn("label_value_folded", { metric, value: openValues.join(",") });
  }

  reaped(kind: "run" | "job", count: number): void {
    this.#count("prodigy_exporter_reaped_total", count, kind);
    this.#log.info("reaped", { kind, count });
  }

  sourceProblem(source: SourceName, problem: string): void {
    this.#log.warn("source_problem", { source, problem });
  }

  sourceRecovered(source: SourceName): void {
    this.#log.info("source_recovered", { source });
  }

  /** @param changed names of options, as the next. */
  reloaded(changed: readonly string[], needRestart: readonly string[]): void {
    this.#count("prodigy_exporter_reloads_total", 1, "success");
    this.#log.info("config_reloaded", { changed: changed.join(",") });
    if (needRestart.length > 0) this.#log.warn("config_needs_restart", { options: needRestart.join(",") });
  }

  /** @param problems without secrets. */
  notReloaded(problems: readonly Omit<Problem, "key">[]): void {
    this.#count("prodigy_exporter_reloads_total", 1, "failed");
    for (const { origin, position, message } of problems) {
      this.#log.error("config_not_reloaded", { origin, ...position, problem: message });
    }
  }

  snapshotFailed(problem: string): void {
    this.#count("prodigy_exporter_snapshot_failures_total", 1);
    this.#log.warn("snapshot_failed", { problem });
  }
}

const MAX_LIMITS_LOGGED = 10;
