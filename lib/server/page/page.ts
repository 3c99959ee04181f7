import { createHash } from "node:crypto";
import type { Status } from "../status.ts";
import { formatDuration } from "./format.ts";
import { Html, html } from "./html.ts";
import type { Overview } from "./overview.ts";
import script from "./page.js" with { type: "text" };
import styles from "./page.css" with { type: "text" };
import { figures, jobList, problemList, recentEndList, sourceTable, workflowList } from "./sections.ts";

export interface PageContent {
  readonly version: string;
  readonly status: Status;
  readonly overview: Overview;
  readonly nowMs: number;
}

const LINKS = [
  { path: "metrics", text: "for Prometheus" },
  { path: "metrics/json", text: "the same as JSON" },
  { path: "health", text: "how the exporter is" },
  { path: "-/ready", text: "whether it may be scraped" },
];

/** What the page needs and no more: its own script and styles, and itself for news. */
export function pagePolicy(): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(styles)}'`,
    "connect-src 'self'",
    // The empty icon of the page's head, so that browsers do not ask for another.
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** The page at `/`: complete as it is; its script only brings the same page's news into it. */
export function renderPage({ version, status, overview, nowMs }: PageContent): string {
  const state = status.ready ? "ready" : `not ready: ${status.reasons.join("; ") || "starting"}`;
  const links = LINKS.map(({ path, text }) => html`<li><a href="./${path}">/${path}</a> ${text}</li>`);
  return html`
    <!DOCTYPE html>
    <html lang="en" data-version="${version}">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>prodigy-exporter</title>
        <link rel="icon" href="data:,">
        <style>${new Html(styles)}</style>
      </head>
      <body>
        <header>
          <h1>prodigy-exporter <small>${version}</small></h1>
          <p id="connection" role="status"></p>
        </header>
        <main id="news">
    <p id="state"><b class="${status.ready ? "done" : "failed"}">${state}</b> <small>up ${formatDuration(
      Math.max(nowMs - status.startedAtMs, 0) / 1000,
    )}</small></p>
    ${problemList(status)}
    ${overviewSections(overview, nowMs)}
        </main>
        <nav aria-labelledby="endpoints">
          <h2 id="endpoints">Endpoints</h2>
          <ul>${links}</ul>
        </nav>
        <script>${new Html(script)}</script>
      </body>
    </html>
  `.toString();
}

function overviewSections(overview: Overview, nowMs: number): Html {
  return html`${figures(overview)}
${jobList(overview.jobs)}
${workflowList(overview.workflows)}
${recentEndList(overview.recentEnds, nowMs)}
${sourceTable(overview.sources)}`;
}
