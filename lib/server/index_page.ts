import { escapeHtml } from "./escape_html.ts";
import type { Status } from "./status.ts";

const LINKS = [
  { path: "/metrics", text: "Metrics, for Prometheus" },
  { path: "/metrics/json", text: "Metrics as JSON" },
  { path: "/health", text: "Health" },
  { path: "/-/ready", text: "Readiness" },
];

/** The page at `/`. */
export function indexPage(version: string, status: Status): string {
  const state = status.ready ? "ready" : `not ready: ${status.reasons.join("; ")}`;
  const problems = status.problems.map(({ part, problem }) => `<li>${escapeHtml(`${part}: ${problem}`)}</li>`);
  const links = LINKS.map(({ path, text }) => `<li><a href="${path}">${path}</a> ${text}</li>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>prodigy-exporter</title>
<style>:root { color-scheme: light dark } body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem }</style>
</head>
<body>
<main>
<h1>prodigy-exporter ${escapeHtml(version)}</h1>
<p>${escapeHtml(state)}</p>
${problems.length > 0 ? `<ul>${problems.join("")}</ul>` : ""}
<ul>
${links.join("\n")}
</ul>
</main>
</body>
</html>
`;
}
