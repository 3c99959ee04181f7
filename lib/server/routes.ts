import type { Log } from "../telemetry/log.ts";
import { indexPage } from "./index_page.ts";
import { type MetricsFormat, negotiateFormat } from "./negotiate.ts";
import { bodyResponse, htmlResponse, textResponse } from "./responses.ts";
import { RenderedBody, SharedRender } from "./shared_render.ts";
import type { Status } from "./status.ts";

export interface HandlerDeps {
  readonly version: string;
  readonly log: Log;
  /**
   * The exposition.
   * @param scraper Who asks, as `address:port`, when it is a Prometheus; `null` for anyone else.
   */
  readonly render: (format: MetricsFormat, scraper: string | null) => Promise<string>;
  readonly contentType: (format: MetricsFormat) => string;
  /** The body of `/metrics/json`. */
  readonly json: () => unknown;
  readonly status: () => Status;
}

/** The other end of the connection; `null` when it is not known. */
export interface Remote {
  readonly hostname: string;
  readonly port: number;
}

export type Handler = (request: Request, remote: Remote | null) => Promise<Response>;

type Route = (request: Request, remote: Remote | null) => Response | Promise<Response>;

const ALLOWED_METHODS: readonly string[] = ["GET", "HEAD"];
/** Prometheus's own header on scrapes; what sends it keeps a history, so it counts as a scraper. */
const SCRAPE_HEADER = "x-prometheus-scrape-timeout-seconds";
/** Catching up takes seconds, and a Prometheus comes back at its own pace anyway. */
const RETRY_AFTER_SECONDS = "5";

/** Answers every request; it never throws, and no error's text leaves the process. */
export function createHandler(deps: HandlerDeps): Handler {
  const renders = new SharedRender();

  async function metrics(request: Request, remote: Remote | null): Promise<Response> {
    const status = deps.status();
    if (!status.ready) return notReady(request, status);
    const format = negotiateFormat(request.headers.get("accept"));
    const scraper = request.headers.has(SCRAPE_HEADER) && remote !== null ? `${remote.hostname}:${remote.port}` : null;
    const key = `${format} ${scraper === null ? "person" : "scraper"}`;
    const body = await renders.render(key, () => deps.render(format, scraper));
    return await bodyResponse(request, body, { "content-type": deps.contentType(format) });
  }

  async function metricsJson(request: Request): Promise<Response> {
    const status = deps.status();
    if (!status.ready) return notReady(request, status);
    const body = new RenderedBody(`${JSON.stringify(deps.json())}\n`);
    return await bodyResponse(request, body, { "content-type": "application/json; charset=utf-8" });
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

  const routes = new Map<string, Route>([
    ["/", (request) => htmlResponse(request, indexPage(deps.version, deps.status()))],
    ["/metrics", metrics],
    ["/metrics/json", metricsJson],
    ["/health", health],
    ["/-/healthy", health],
    ["/-/ready", ready],
  ]);
  const notFound = `Not found. There are:\n${[...routes.keys()].join("\n")}\n`;

  return async (request, remote) => {
    try {
      const route = routes.get(pathOf(request));
      if (route === undefined) return textResponse(request, 404, notFound);
      if (!ALLOWED_METHODS.includes(request.method)) {
        const allow = ALLOWED_METHODS.join(", ");
        return textResponse(request, 405, `Method not allowed. Allowed: ${allow}\n`, { allow });
      }
      return await route(request, remote);
    } catch (error) {
      deps.log.error("request_failed", { error: String(error) });
      return textResponse(request, 500, "Internal error; the exporter's log says more.\n");
    }
  };
}

function notReady(request: Request, { reasons }: Status): Response {
  const lines = ["not ready", ...reasons.map(oneLine)];
  return textResponse(request, 503, `${lines.join("\n")}\n`, { "retry-after": RETRY_AFTER_SECONDS });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** The path without a trailing slash; `""`, which is no route, when the request target is not a path. */
function pathOf(request: Request): string {
  if (!URL.canParse(request.url)) return "";
  const { pathname } = new URL(request.url);
  return pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
}
