import type { Prometheus, QueriedSeries } from "../prometheus.ts";
import type { BoardJson, PanelJson, TargetJson, VariableJson } from "./board_json.ts";
import { intervalOf } from "./interval.ts";

export interface View {
  readonly rangeSeconds: number;
  /** Unix time of the range's end. */
  readonly endSeconds: number;
  readonly scrapeIntervalSeconds: number;
  /** What the viewer chose, as regular expressions; all by default. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Asks what Grafana would ask for a panel. */
export async function runTarget(
  prometheus: Pick<Prometheus, "query" | "queryRange">,
  panel: PanelJson,
  target: TargetJson,
  view: View,
): Promise<readonly QueriedSeries[]> {
  const rangeSeconds = rangeOf(panel, view);
  const interval = intervalOf(rangeSeconds, panel, view.scrapeIntervalSeconds);
  const promql = fillIn(target.expr ?? "", view, {
    $__rate_interval: `${interval.rateIntervalSeconds}s`,
    $__interval: `${interval.stepSeconds}s`,
    $__range: `${rangeSeconds}s`,
    $budget_usd: "500",
  });
  if (target.instant === true) return await prometheus.query(promql, view.endSeconds);
  const { stepSeconds } = interval;
  // Grafana asks for whole steps only, so the newest point may be almost a step old.
  return await prometheus.queryRange(promql, {
    startSeconds: Math.floor((view.endSeconds - rangeSeconds) / stepSeconds) * stepSeconds,
    endSeconds: Math.floor(view.endSeconds / stepSeconds) * stepSeconds,
    stepSeconds,
  });
}

/** What a query variable offers. */
export async function runVariable(
  prometheus: Pick<Prometheus, "api">,
  variable: VariableJson,
  view: View,
): Promise<readonly string[]> {
  const query = typeof variable.query === "string" ? variable.query : variable.query.query;
  const [, selector = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
  const parameters = new URLSearchParams({
    "match[]": fillIn(selector, view, {}),
    start: String(view.endSeconds - view.rangeSeconds),
    end: String(view.endSeconds),
  });
  // An array of strings, as the HTTP API documents it.
  return await prometheus.api(`label/${label}/values`, parameters) as readonly string[];
}

function fillIn(text: string, { variables = {} }: View, values: Readonly<Record<string, string>>): string {
  let filled = text;
  for (const [name, value] of Object.entries(values)) filled = filled.replaceAll(name, value);
  return filled.replaceAll(/"\$([a-z]\w*)"/g, (_, name: string) => `"${variables[name] ?? ".+"}"`);
}

/** A panel's own range: since midnight or since the first of the month, in UTC. */
function rangeOf({ timeFrom }: PanelJson, { rangeSeconds, endSeconds }: View): number {
  const end = new Date(endSeconds * 1000);
  const startMs = timeFrom === "now/d"
    ? Date.UTC(end.getUTCFullYear(), end.getUTCMonth(), end.getUTCDate())
    : timeFrom === "now/M"
    ? Date.UTC(end.getUTCFullYear(), end.getUTCMonth(), 1)
    : null;
  return startMs === null ? rangeSeconds : Math.max(60, Math.floor(endSeconds - startMs / 1000));
}

export interface PanelQuery {
  readonly board: BoardJson;
  readonly panel: PanelJson;
  readonly target: TargetJson;
}

export function queriesOf(boards: readonly BoardJson[]): readonly PanelQuery[] {
  return boards.flatMap((board) =>
    board.panels.flatMap((panel) =>
      (panel.targets ?? []).filter(({ expr }) => expr !== undefined).map((target) => ({ board, panel, target }))
    )
  );
}

export function titleOf({ board, panel, target }: PanelQuery): string {
  return `${board.uid} ${panel.id} ${panel.title} ${target.refId}`;
}
