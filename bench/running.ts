import { type Program, startProgram, valueIn } from "../tests/support/program.ts";
import { until } from "../tests/support/deadline.ts";

const DEADLINE_MS = 120_000;
/** As Prometheus does: it says how long it will wait, and is shown what scrapers are shown. */
const SCRAPER = { "x-prometheus-scrape-timeout-seconds": "10" };

/** The real program, as a user starts it. */
export interface Running extends AsyncDisposable {
  readonly program: Program;
  scrape(): Promise<void>;
  /** CPU time and resident memory of the program, as it tells itself. */
  usage(): Promise<{ readonly cpuSeconds: number; readonly residentBytes: number }>;
  untilLines(source: "files" | "socket", count: number): Promise<void>;
}

export async function startRunning(home: string, args: readonly string[] = []): Promise<Running> {
  const program = await startProgram({ home, args });
  async function scrape(): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${program.port}/metrics`, { headers: SCRAPER });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`The program answered ${response.status}: ${body}`);
  }
  return {
    program,
    scrape,
    async usage(): ReturnType<Running["usage"]> {
      const body = await program.metrics();
      return {
        cpuSeconds: valueIn(body, "process_cpu_seconds_total") ?? NaN,
        residentBytes: valueIn(body, "process_resident_memory_bytes") ?? NaN,
      };
    },
    async untilLines(source, count): Promise<void> {
      const series = `prodigy_exporter_lines_read_total{source="${source}"}`;
      await until(`${count} lines are read`, async () => (await program.value(series) ?? 0) >= count, DEADLINE_MS);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

export function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
