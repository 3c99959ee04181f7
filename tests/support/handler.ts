import { createHandler, type Handler, type HandlerDeps, type HandlerOptions } from "../../lib/server/routes.ts";
import type { Status } from "../../lib/server/status.ts";
import type { Log } from "../../lib/telemetry/log.ts";
import { IDLE } from "./overview.ts";

export const SILENT: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
/** An exporter with nothing to complain of. */
export const WELL: Status = { ready: true, reasons: [], failing: false, problems: [], startedAtMs: 0 };
export const HANDLER_OPTIONS: HandlerOptions = { allowedHosts: [], maxConcurrentScrapes: 256, reloadEnabled: false };

/** A handler of small metrics, but for what a test gives. */
export function createTestHandler(deps: Partial<HandlerDeps> = {}, options: HandlerOptions = HANDLER_OPTIONS): Handler {
  return createHandler({
    version: "1.2.3",
    log: SILENT,
    render: () => Promise.resolve({ pieces: ["x 1\n"], number: 1 }),
    onScrape: () => {},
    contentType: () => "text/plain",
    json: () => ({ families: [] }),
    status: () => WELL,
    overview: () => IDLE,
    reload: () => ({ kind: "reloaded", changed: [], needRestart: [] }),
    nowMs: Date.now,
    ...deps,
  }, options);
}
