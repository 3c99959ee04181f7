import { type BoardJson, dataPanels, isPrometheusBoard, type PanelJson } from "./board_json.ts";

/** Panels without queries of their own: what they show comes from elsewhere. */
const WITHOUT_TARGETS = new Set(["alertlist", "text"]);

/**
 * What Grafana's dashboard-linter asks of a board, in our own words, and what a real render taught. A rule that does
 * not hold for a board is named in grafana/dashboards/.lint with the reason.
 */
export const LINT_RULES: Readonly<Record<string, (board: BoardJson) => readonly string[]>> = {
  "template-datasource-rule": ({ templating }) => {
    const found = templating.list.filter(({ type }) => type === "datasource");
    const [only] = found;
    return found.length === 1 && only?.name === "datasource" && only.label === "Data source"
      ? []
      : ['there must be one data source variable "datasource" with the label "Data source"'];
  },
  "template-job-rule": (board) => targetVariable(board, "job", "Job"),
  "template-instance-rule": (board) => targetVariable(board, "instance", "Instance"),
  "template-on-time-change-reload-rule": ({ templating }) =>
    templating.list.filter(({ type, refresh }) => type === "query" && refresh !== 2).map(({ name }) =>
      `variable ${name} must be renewed when the time range changes`
    ),
  "panel-datasource-rule": (board) =>
    ofPanels(board, ({ datasource }) => datasource?.uid === "${datasource}", "must use the data source variable"),
  "panel-title-description-rule": (board) =>
    ofPanels(board, ({ title, description = "" }) => title !== "" && description !== "", "needs title and description"),
  "panel-units-rule": (board) =>
    ofPanels(board, ({ fieldConfig }) => (fieldConfig?.defaults.unit ?? "") !== "", "needs a unit"),
  "panel-no-targets-rule": (board) =>
    ofPanels(
      board,
      ({ type, targets = [] }) => WITHOUT_TARGETS.has(type) === (targets.length === 0),
      "must have queries, if its kind shows any",
    ),
  "target-job-rule": (board) => everySelector(board, 'job=~"$job"'),
  "target-instance-rule": (board) => everySelector(board, 'instance=~"$instance"'),
  "target-rate-interval-rule": (board) =>
    expressions(board).filter((expr) => /\bi?rate\([^[]+\[(?!\$__rate_interval\])/.test(expr)).map((expr) =>
      `rate() must be over $__rate_interval: ${expr}`
    ),
  "uneditable-dashboard-rule": ({ editable }) => editable ? ["must not be editable: the files are the truth"] : [],
  // Ours from here on.
  "own-identity-rule": (board) => [
    ...board.id === undefined ? [] : ["must have no id: it is another one on every Grafana"],
    ...board.uid.length > 0 && board.uid.length <= 40 ? [] : ["needs a uid of at most 40 characters"],
    ...board.schemaVersion >= 39 && board.schemaVersion <= 41 ? [] : ["must be of the classic format"],
  ],
  "own-panel-ids-rule": ({ panels }) =>
    new Set(panels.map(({ id }) => id)).size === panels.length ? [] : ["panel ids must differ"],
  "own-no-overlap-rule": ({ panels }) =>
    panels.flatMap((panel, index) =>
      panels.slice(index + 1).filter((other) => overlaps(panel, other)).map((other) =>
        `panels ${panel.id} and ${other.id} overlap`
      )
    ),
  "own-within-grid-rule": (board) =>
    board.panels.filter(({ gridPos: { x, w } }) => x + w > 24).map(({ id }) => `panel ${id} is wider than the board`),
  "own-pie-legend-rule": (board) =>
    ofPanels(board, ({ type, options }) => type !== "piechart" || hasLegend(options), "must show the legend"),
  "own-gauge-ends-rule": (board) =>
    ofPanels(
      board,
      ({ type, fieldConfig }) =>
        type !== "gauge" || (fieldConfig?.defaults.min !== undefined && fieldConfig.defaults.max !== undefined),
      "needs min and max",
    ),
  "own-status-colour-rule": (board) =>
    ofPanels(
      board,
      ({ type, targets = [], fieldConfig }) =>
        !/timeseries|piechart/.test(type) ||
        !targets.some(({ legendFormat }) => legendFormat === "{{status}}") ||
        ["success"].every((name) => fieldConfig?.overrides.some(({ matcher }) => matcher.options === name)),
      "must fix the colours of statuses",
    ),
  "own-no-bucket-bound-rule": (board) =>
    expressions(board).filter((expr) => /\ble(=|=~)"/.test(expr)).map((expr) => `names a bucket's bound: ${expr}`),
  "own-range-fresh-rule": ({ time }) =>
    time.from === "now-30m" ? [] : ["wider ranges have longer steps: a fresh start would show nothing for minutes"],
};

function targetVariable({ templating }: BoardJson, name: string, label: string): readonly string[] {
  const variable = templating.list.find((one) => one.name === name);
  if (variable === undefined) return [`there must be a variable ${name}`];
  const { type, multi, allValue, datasource } = variable;
  const isGood = type === "query" && variable.label === label && multi === true && allValue === ".+" &&
    datasource?.uid === "${datasource}";
  return isGood ? [] : [`variable ${name} must be a query with the label ${label}, several values, and .+ for all`];
}

function ofPanels(board: BoardJson, isGood: (panel: PanelJson) => boolean, problem: string): readonly string[] {
  return dataPanels(board).filter((panel) => !isGood(panel)).map(({ id, title }) =>
    `panel ${id} (${title}) ${problem}`
  );
}

/** All PromQL a board has. */
function expressions(board: BoardJson): readonly string[] {
  return dataPanels(board).flatMap(({ targets = [] }) =>
    targets.flatMap(({ expr }) => expr === undefined ? [] : [expr])
  );
}

function everySelector(board: BoardJson, matcher: string): readonly string[] {
  if (!isPrometheusBoard(board)) return ["the board has no PromQL"];
  // Metric names are the only words before a brace or a range; functions are before a parenthesis.
  return expressions(board).filter((expr) => {
    const named = expr.match(/\b(?:prodigy_\w+|process_\w+|up)\b/g) ?? [];
    return named.length !== expr.split(matcher).length - 1;
  }).map((expr) => `every selector must have ${matcher}: ${expr}`);
}

function overlaps({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function hasLegend(options: PanelJson["options"]): boolean {
  const legend = options?.["legend"] as { readonly showLegend?: boolean } | undefined;
  return legend?.showLegend === true;
}
