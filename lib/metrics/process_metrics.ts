import type { Ledger } from "./ledger.ts";

/** What the process can truthfully say of itself without rights beyond its own. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/**
 * The standard `process_*` metrics. Open file descriptors are left out: they can only be read from /proc, which needs
 * every permission, and a metric that is always 0 would lie.
 */
export class ProcessMetrics {
  readonly #ledger: Ledger;
  readonly #read: () => ProcessUsage;
  #cpuSeconds = 0;

  /** @param startSeconds Unix time the process started. */
  constructor(ledger: Ledger, startSeconds: number, read: () => ProcessUsage) {
    this.#ledger = ledger;
    this.#read = read;
    ledger.family("process_start_time_seconds").emit(startSeconds);
  }

  /** To be called before each answer. */
  update(): void {
    const usage = this.#read();
    this.#ledger.family("process_cpu_seconds_total").emit(Math.max(0, usage.cpuSeconds - this.#cpuSeconds));
    this.#cpuSeconds = usage.cpuSeconds;
    this.#ledger.family("process_resident_memory_bytes").emit(usage.residentBytes);
    this.#ledger.family("process_heap_bytes").emit(usage.heapBytes);
  }
}
