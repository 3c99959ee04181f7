import { type BenchOptions, type BenchResult, quantile, runBench } from "./harness.ts";
import { createHome, writeLines } from "./home.ts";
import { startRunning } from "./running.ts";
import { writeWorkflows } from "./write_workflows.ts";

/** Scrapes of the running program by HTTP, in each format, while nothing else happens. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const scrapes = quick ? 5 : 200;
  using home = createHome();
  const expected = writeLines(home.eventsPath, { lines: 5_000 });
  const written = writeWorkflows(`${home.path}/.prodigy/events/workflows`, quick ? 10 : 80);
  await using running = await startRunning(home.path);
  await running.untilLines("files", expected.lines + written);
  const figures: Record<string, number> = {};
  let isWhole = true;
  const formats = {
    text: { path: "/metrics", accept: "text/plain", encoding: "identity" },
    text_gzip: { path: "/metrics", accept: "text/plain", encoding: "gzip" },
    openmetrics: { path: "/metrics", accept: "application/openmetrics-text; version=1.0.0", encoding: "identity" },
    json: { path: "/metrics/json", accept: "application/json", encoding: "identity" },
  };
  for (const [name, { path, accept, encoding }] of Object.entries(formats)) {
    const timesMs: number[] = [];
    for (let scrape = 0; scrape < scrapes; scrape++) {
      const startMs = performance.now();
      const response = await fetch(`http://127.0.0.1:${running.program.port}${path}`, {
        headers: { accept, "accept-encoding": encoding },
      });
      const body = await response.text();
      timesMs.push(performance.now() - startMs);
      isWhole &&= response.status === 200 && body.includes("prodigy_workflow_executions");
    }
    figures[`${name}_p50_milliseconds`] = quantile(timesMs, 0.5);
    figures[`${name}_p99_milliseconds`] = quantile(timesMs, 0.99);
  }
  const series = await running.program.value("prodigy_exporter_series") ?? NaN;
  return { figures: { series, ...figures }, checks: { all_answers_whole: isWhole } };
}

if (import.meta.main) await runBench("metrics_export", bench);
