import type { Panel } from "./panel.ts";
import type { Variable } from "./variables.ts";

export interface Annotation {
  readonly name: string;
  readonly expr: string;
  readonly title: string;
  readonly text: string;
  readonly tags: string;
  readonly color: string;
}

export interface BoardSpec {
  /** Stays the same for ever: links name it. At most 40 characters. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly annotations?: readonly Annotation[];
  readonly rows: readonly { readonly id: number; readonly title: string; readonly panels: readonly Panel[] }[];
}

/** A board, as JSON that Grafana's file provisioning takes. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Boards with this tag link to each other. */
export const TAG = "prodigy";
const COLUMNS = 24;
/** Of the classic format; the newer one is refused by file provisioning. */
const SCHEMA_VERSION = 41;

/** @throws {RangeError} when two panels share an id. */
export function createBoard(spec: BoardSpec): Board {
  const panels = layOut(spec.rows);
  const ids = new Set(panels.map(({ id }) => id));
  if (ids.size < panels.length) throw new RangeError(`Cannot build ${spec.uid} as two of its panels share an id`);
  const json = {
    uid: spec.uid,
    title: spec.title,
    description: spec.description,
    tags: [TAG],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    graphTooltip: 1,
    fiscalYearStartMonth: 0,
    liveNow: false,
    preload: false,
    refresh: "30s",
    time: { from: "now-30m", to: "now" },
    timepicker: {},
    timezone: "browser",
    weekStart: "",
    links: [{
      title: "Prodigy boards",
      type: "dashboards",
      tags: [TAG],
      asDropdown: true,
      icon: "external link",
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      tooltip: "",
      url: "",
    }],
    annotations: { list: [BUILT_IN_ANNOTATIONS, ...(spec.annotations ?? []).map(annotationJson)] },
    templating: { list: spec.variables },
    panels,
  };
  return { uid: spec.uid, title: spec.title, json };
}

const BUILT_IN_ANNOTATIONS = {
  builtIn: 1,
  datasource: { type: "grafana", uid: "-- Grafana --" },
  enable: true,
  hide: true,
  iconColor: "rgba(0, 211, 255, 1)",
  name: "Annotations & Alerts",
  type: "dashboard",
};

function annotationJson({ name, expr, title, text, tags, color }: Annotation): Readonly<Record<string, unknown>> {
  const datasource = { type: "prometheus", uid: "${datasource}" };
  return {
    name,
    datasource,
    enable: true,
    hide: false,
    iconColor: color,
    expr,
    step: "1m",
    tagKeys: tags,
    textFormat: text,
    titleFormat: title,
    useValueForTime: false,
    target: { refId: "Anno", datasource, expr, interval: "1m" },
  };
}

interface Placed {
  readonly id: number;
  readonly [field: string]: unknown;
}

/** Left to right as long as there is room, then a new line. */
function layOut(rows: BoardSpec["rows"]): readonly Placed[] {
  const placed: Placed[] = [];
  let y = 0;
  for (const { id, title, panels } of rows) {
    placed.push({ id, type: "row", title, collapsed: false, gridPos: { h: 1, w: COLUMNS, x: 0, y }, panels: [] });
    y++;
    let x = 0;
    let lineHeight = 0;
    for (const { id, width, height, json } of panels) {
      if (x + width > COLUMNS) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      placed.push({ ...json, id, gridPos: { h: height, w: width, x, y } });
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return placed;
}
