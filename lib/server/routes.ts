import type { Log } from "../telemetry/log.ts";
import { type MetricsFormat, negotiateFormat } from "./negotiate.ts";
import type { Overview } from "./page/overview.ts";
import { pagePolicy, renderPage } from "./page/page.ts";
import { turnAway } from "./request_checks.ts";
import { type ReloadOutcome, reloadResponse } from "./reload.ts";
import { pathOf } from "./request_path.ts";
import { bodyResponse, htmlResponse, textResponse } from "./responses.ts";
import { SCRAPE_TIMEOUT_HEADER, scrapeTimeoutMs, within } from "./scrape_timeout.ts";
import { RenderedBody } from "./rendered_body.ts";
import { type Rendering, SharedRender, type SharedRendering } from "./shared_render.ts";
import type { Status } from "./status.ts";

export interface HandlerDeps {
  readonly version: string;
  readonly log: Log;
  /** The exposition, as it is shown to a Prometheus or to anyone else. Those who ask at the same time share it. */
  readonly render: (format: MetricsFormat, viewer: "scraper" | "person") => Promise<Rendering>;
  /**
   * Told for each request that is answered with a rendering, which may have begun before the request came.
   * @param scraper Who asks, as `address:port`, when it is a Prometheus; `null` for anyone else.
   */
  readonly onScrape: (scraper: string | null, rendering: number) => void;
  readonly contentType: (format: MetricsFormat) => string;
  /** The body of `/metrics/json`. */
  readonly json: () => unknown;
  readonly status: () => Status;
  /** What the page at `/` shows of the work. */
  readonly overview: () => Overview;
  /** Reads the configuration anew. */
  readonly reload: () => ReloadOutcome;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
}

/** Read anew for every request: they may change while the server runs. */
export interface HandlerOptions {
  /** Lower-case names by which the server may be addressed; empty: by every name. */
  readonly allowedHosts: readonly string[];
  /** Scrapes answered at one time. They share a rendering, so this bounds memory only. */
  readonly maxConcurrentScrapes: number;
  /** Whether `/-/reload` may be used. */
  readonly reloadEnabled: boolean;
}

/** The other end of the connection; `null` when it is not known. */
export interface Remote {
  readonly hostname: string;
  readonly port: number;
}

export type Handler = (request: Request, remote: Remote | null) => Promise<Response>;

interface Route {
  readonly methods: readonly string[];
  readonly answer: (request: Request, remote: Remote | null) => Response | Promise<Response>;
}

/** Catching up takes seconds, and a Prometheus comes back at its own pace anyway. */
const RETRY_AFTER_SECONDS = "5";

/** Answers every request; it never throws, and no error's text leaves the process. */
export function createHandler(deps: HandlerDeps, options: HandlerOptions): Handler {
  const policy = pagePolicy();
  const renders = new SharedRender();
  let scrapes = 0;

  async function metrics(request: Request, remote: Remote | null): Promise<Response> {
    const status = deps.status();
    if (!status.ready) return notReady(request, status);
    if (scrapes >= options.maxConcurrentScrapes) return retryLater(request, "too many scrapes at one time\n");
    const format = negotiateFormat(request.headers.get("accept"));
    const isScraper = request.headers.has(SCRAPE_TIMEOUT_HEADER) && remote !== null;
    scrapes++;
    try {
      const rendering = renderShared(format, isScraper ? "scraper" : "person");
      const rendered = await within(rendering, scrapeTimeoutMs(request.headers));
      if (rendered === null) return retryLater(request, "rendering takes longer than the scrape may\n");
      deps.onScrape(isScraper ? `${remote.hostname}:${remote.port}` : null, rendered.number);
      return bodyResponse(request, rendered.body, { "content-type": deps.contentType(format) });
    } finally {
      scrapes--;
    }
  }

  function renderShared(format: MetricsFormat, viewer: "scraper" | "person"): Promise<SharedRendering> {
    return renders.render(`${format} ${viewer}`, () => deps.render(format, viewer));
  }

  function metricsJson(request: Request): Response {
    const status = deps.status();
    if (!status.ready) return notReady(request, status);
    const body = new RenderedBody([JSON.stringify(deps.json()), "\n"]);
    return bodyResponse(request, body, { "content-type": "application/json; charset=utf-8" });
  }

  /**
   * 503 only when a restart would help (`failing`): whoever restarts by this answer would otherwise do so for ever
   * because a directory cannot be read. What is degraded is named, with 200; a service that is not ready yet is well.
   */
  function health(request: Request): Response {
    const { failing, problems } = deps.status();
    const verdict = failing ? "failing" : problems.length > 0 ? "degraded" : "ok";
    const lines = [verdict, ...problems.map(({ part, problem }) => `${part}: ${oneLine(problem)}`)];
    return textResponse(request, failing ? 503 : 200, `${lines.join("\n")}\n`);
  }

  function ready(request: Request): Response {
    const status = deps.status();
    return status.ready ? textResponse(request, 200, "ready\n") : notReady(request, status);
  }

  function page(request: Request): Response {
    const { version, status, overview, nowMs } = deps;
    return htmlResponse(
      request,
      renderPage({ version, status: status(), overview: overview(), nowMs: nowMs() }),
      policy,
    );
  }

  function reload(request: Request): Response {
    return reloadResponse(request, options.reloadEnabled ? deps.reload : null);
  }

  const read = (answer: Route["answer"]): Route => ({ methods: ["GET", "HEAD"], answer });
  const routes = new Map<string, Route>([
    ["/", read(page)],
    ["/metrics", read(metrics)],
    ["/metrics/json", read(metricsJson)],
    ["/health", read(health)],
    ["/-/healthy", read(health)],
    ["/-/ready", read(ready)],
    ["/-/reload", { methods: ["POST"], answer: reload }],
  ]);
  const notFound = `Not found. There are:\n${[...routes.keys()].join("\n")}\n`;

  return async (request, remote) => {
    try {
      const refusal = turnAway(request, options.allowedHosts);
      if (refusal !== null) return refusal;
      const route = routes.get(pathOf(request));
      if (route === undefined) return textResponse(request, 404, notFound);
      if (!route.methods.includes(request.method)) {
        const allow = route.methods.join(", ");
        return textResponse(request, 405, `Method not allowed. Allowed: ${allow}\n`, { allow });
      }
      return await route.answer(request, remote);
    } catch (error) {
      deps.log.error("request_failed", { error: String(error) });
      return textResponse(request, 500, "Internal error; the exporter's log says more.\n");
    }
  };
}

function notReady(request: Request, { reasons }: Status): Response {
  const lines = ["not ready", ...reasons.map(oneLine)];
  return retryLater(request, `${lines.join("\n")}\n`);
}

function retryLater(request: Request, text: string): Response {
  return textResponse(request, 503, text, { "retry-after": RETRY_AFTER_SECONDS });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
