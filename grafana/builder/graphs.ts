import type { GraphFieldConfig, VizLegendOptions, VizTooltipOptions } from "@grafana/schema";
import type { Options as CandlestickOptions } from "@grafana/schema/dist/esm/raw/composable/candlestick/panelcfg/x/CandlestickPanelCfg_types.gen";
import type { Options as HeatmapOptions } from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type { Options as TimeSeriesOptions } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";
import { createPanel, type Panel, type PanelSpec } from "./panel.ts";
import type { Plain } from "./plain.ts";

/** On a range of half an hour a bar is 15 s wide, on a week an hour: few enough to be seen, and a fresh start fills them soon. */
const INTERVALS = 120;

const LEGEND: Plain<VizLegendOptions> = { calcs: [], displayMode: "list", placement: "bottom", showLegend: true };
const TOOLTIP: Plain<VizTooltipOptions> = { mode: "multi", sort: "desc" };
const GRAPH: Plain<Omit<TimeSeriesOptions, "timezone">> = { legend: LEGEND, tooltip: TOOLTIP };

export interface LineOptions {
  /** Areas on top of each other. */
  readonly stacked?: boolean;
  /** Draws the thresholds as lines. */
  readonly thresholdLines?: boolean;
}

export function lines(spec: PanelSpec, { stacked = false, thresholdLines = false }: LineOptions = {}): Panel {
  const custom: Plain<GraphFieldConfig> = {
    drawStyle: "line",
    fillOpacity: stacked ? 40 : 10,
    lineWidth: 1,
    // Quantiles of rare events have gaps; a point between two gaps would not be seen.
    showPoints: "auto",
    spanNulls: false,
    stacking: { group: "A", mode: stacked ? "normal" : "none" },
    thresholdsStyle: { mode: thresholdLines ? "line" : "off" },
  };
  const panel = createPanel(spec, { type: "timeseries", height: 8, options: GRAPH, custom });
  return thresholdLines ? withSeriesColors(panel) : panel;
}

/** Counts per interval, stacked. */
export function bars(spec: PanelSpec): Panel {
  return barPanel(spec, "prometheus");
}

/** The same of a SQL query with the columns `time`, `metric` (the series) and a count. */
export function sqlBars(spec: PanelSpec): Panel {
  return barPanel(spec, "grafana-postgresql-datasource");
}

function barPanel(spec: PanelSpec, datasourceType: string): Panel {
  const custom: Plain<GraphFieldConfig> = {
    barAlignment: -1,
    drawStyle: "bars",
    fillOpacity: 80,
    lineWidth: 0,
    stacking: { group: "A", mode: "normal" },
  };
  const options: Plain<TimeSeriesOptions> = { ...GRAPH, legend: { ...LEGEND, calcs: ["sum"] } };
  return createPanel({ maxDataPoints: INTERVALS, ...spec }, {
    type: "timeseries",
    height: 8,
    options,
    custom,
    datasourceType,
  });
}

/** How a histogram's buckets fill over time. Its one query must have the format "heatmap". */
export function heatmap(spec: PanelSpec): Panel {
  const options: Plain<HeatmapOptions> = {
    calculate: false,
    cellGap: 1,
    cellValues: { unit: "short" },
    color: { exponent: 0.5, fill: "dark-orange", mode: "scheme", reverse: false, scheme: "Oranges", steps: 64 },
    exemplars: { color: "rgba(255,0,255,0.7)" },
    filterValues: { le: 1e-9 },
    legend: { show: true },
    rowsFrame: { layout: "auto" },
    showValue: "never",
    tooltip: { mode: "single", showColorScale: false, yHistogram: true },
    yAxis: { axisPlacement: "left", reverse: false, unit: spec.unit },
  };
  return createPanel({ maxDataPoints: INTERVALS, ...spec }, { type: "heatmap", height: 8, options });
}

/** Box plots over time: the box from p25 to p75, the whiskers to p5 and p95. */
export function boxes(spec: PanelSpec): Panel {
  const options: Plain<CandlestickOptions> = {
    candleStyle: "candles",
    colorStrategy: "open-close",
    // Opening and closing stand for the quartiles, so up and down mean nothing.
    colors: { down: "blue", flat: "blue", up: "blue" },
    fields: { close: "p75", high: "p95", low: "p5", open: "p25" },
    includeAllFields: false,
    legend: LEGEND,
    mode: "candles",
    tooltip: { mode: "multi", sort: "none" },
  };
  return createPanel({ maxDataPoints: INTERVALS, ...spec }, { type: "candlestick", height: 9, options });
}

/** A threshold's colour is for the line that marks it; the series keep their own. */
function withSeriesColors(panel: Panel): Panel {
  // Made a few lines above, by `createPanel`.
  const fieldConfig = panel.json["fieldConfig"] as { readonly defaults: object; readonly overrides: unknown };
  const defaults = { ...fieldConfig.defaults, color: { mode: "palette-classic" } };
  return { ...panel, json: { ...panel.json, fieldConfig: { ...fieldConfig, defaults } } };
}
