import type { Log } from "./log.ts";
import type { Count } from "./notices.ts";

/** The log and the counters of everything that can happen to the event store. */
export class StoreNotices {
  readonly #count: Count;
  readonly #log: Log;

  constructor(count: Count, log: Log) {
    this.#count = count;
    this.#log = log;
  }

  written(rows: Readonly<Record<string, number>>, seconds: number): void {
    this.#count("prodigy_exporter_store_batches_total", 1);
    this.#count("prodigy_exporter_store_write_seconds_total", seconds);
    for (const [table, count] of Object.entries(rows)) {
      if (count > 0) this.#count("prodigy_exporter_store_rows_total", count, table);
    }
  }

  /** @param problem tells neither URL nor data */
  fault(problem: string, isNew: boolean): void {
    this.#count("prodigy_exporter_store_retries_total", 1);
    if (isNew) this.#log.warn("store_unavailable", { problem });
  }

  recovered(): void {
    this.#log.info("store_recovered");
  }

  dropped(): void {
    this.#count("prodigy_exporter_store_dropped_total", 1);
  }

  dropWarning(count: number): void {
    this.#log.warn("store_events_dropped", { count });
  }

  textLost(): void {
    this.#count("prodigy_exporter_store_lines_lost_total", 1);
  }

  setAside(eventType: string, reason: string): void {
    this.#count("prodigy_exporter_store_set_aside_total", 1);
    this.#log.warn("store_event_set_aside", { event_type: eventType, reason });
  }

  setAsideNotKept(problem: string): void {
    this.#log.warn("store_set_aside_not_kept", { problem });
  }

  migrated(from: number, to: number): void {
    this.#log.info("store_migrated", { from, to });
  }

  partitionsDropped(names: readonly string[]): void {
    this.#log.info("store_partitions_dropped", { partitions: names.join(",") });
  }

  problem(problem: string): void {
    this.#log.warn("store_problem", { problem });
  }

  /** Events that were not written when the exporter stopped. */
  left(count: number): void {
    this.#log.warn("store_events_left", { count });
  }

  defect(error: unknown): void {
    this.#log.error("store_defect", { error: error instanceof Error ? error.stack ?? error.message : String(error) });
  }
}
