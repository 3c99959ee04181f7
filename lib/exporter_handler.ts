import type { Config } from "./config/options.ts";
import { expositionJson } from "./metrics/exposition_json.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { CONTENT_TYPES } from "./metrics/prom_lines.ts";
import { buildOverview, type SourceLag } from "./overview.ts";
import { createHandler, type Handler, type HandlerDeps } from "./server/routes.ts";
import type { Count } from "./telemetry/notices.ts";
import { VERSION } from "./version.ts";

export interface ExporterHandlerDeps extends Pick<HandlerDeps, "log" | "status" | "reload"> {
  readonly metrics: Metrics;
  readonly count: Count;
  /** Brings up to date what no event tells. */
  readonly updateOwnMetrics: () => void;
  readonly lags: () => readonly SourceLag[];
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/** Answers what the exporter is asked over HTTP. @param config Its reloadable options may change later. */
export function createExporterHandler(config: Config, deps: ExporterHandlerDeps): Handler {
  const { log, status, reload, metrics, count, updateOwnMetrics, lags, now } = deps;
  return createHandler({
    version: VERSION,
    log,
    render: async (format, viewer) => {
      const number = metrics.beginRendering();
      updateOwnMetrics();
      count("prodigy_exporter_renderings_total", 1);
      return { pieces: await metrics.exposition.pieces(format, viewer), number };
    },
    onScrape: (scraper, rendering) => {
      metrics.noteScrape(scraper, now(), rendering);
      count("prodigy_exporter_scrapes_total", 1);
    },
    contentType: (format) => CONTENT_TYPES[format],
    json: () => {
      updateOwnMetrics();
      count("prodigy_exporter_scrapes_total", 1);
      return expositionJson(metrics.ledger);
    },
    status,
    overview: () => buildOverview(metrics, lags(), now() / 1000),
    reload,
    nowMs: now,
  }, {
    get allowedHosts() {
      return config["server.allowed_hosts"].map((host) => host.toLowerCase());
    },
    get maxConcurrentScrapes() {
      return config["server.max_concurrent_scrapes"];
    },
    get reloadEnabled() {
      return config["server.reload_enabled"];
    },
  });
}
