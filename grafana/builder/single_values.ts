import type { ReduceDataOptions } from "@grafana/schema";
import type { Options as BarGaugeOptions } from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type { Options as GaugeOptions } from "@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen";
import type { Options as PieOptions } from "@grafana/schema/dist/esm/raw/composable/piechart/panelcfg/x/PieChartPanelCfg_types.gen";
import type { Options as StatOptions } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import { createPanel, type Panel, type PanelSpec } from "./panel.ts";
import type { Plain } from "./plain.ts";

const LAST: Plain<ReduceDataOptions> = { calcs: ["lastNotNull"], fields: "", values: false };

/** A big number, coloured by its thresholds. */
export function stat(spec: PanelSpec & { readonly thresholds: NonNullable<PanelSpec["thresholds"]> }): Panel {
  const options: Plain<Omit<StatOptions, "text">> = {
    colorMode: "value",
    graphMode: "none",
    justifyMode: "auto",
    orientation: "auto",
    percentChangeColorMode: "standard",
    reduceOptions: LAST,
    showPercentChange: false,
    textMode: "auto",
    wideLayout: true,
  };
  return createPanel(spec, { type: "stat", height: 4, options });
}

/** A dial; without its ends it would say nothing. */
export function gauge(
  spec: PanelSpec & {
    readonly field: { readonly min: number; readonly max: number };
    readonly thresholds: NonNullable<PanelSpec["thresholds"]>;
  },
): Panel {
  const options: Plain<Partial<GaugeOptions>> = {
    minVizHeight: 75,
    minVizWidth: 75,
    orientation: "auto",
    reduceOptions: LAST,
    shape: "gauge",
    showThresholdLabels: false,
    showThresholdMarkers: true,
    sizing: "auto",
  };
  return createPanel(spec, { type: "gauge", height: 6, options });
}

export function barGauge(spec: PanelSpec): Panel {
  const options: Plain<Omit<BarGaugeOptions, "text">> = {
    displayMode: "basic",
    legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: false },
    maxVizHeight: 40,
    minVizHeight: 14,
    minVizWidth: 8,
    namePlacement: "auto",
    orientation: "horizontal",
    reduceOptions: LAST,
    showUnfilled: true,
    sizing: "auto",
    valueMode: "color",
  };
  return createPanel(spec, { type: "bargauge", height: 8, options });
}

export function pie(spec: PanelSpec): Panel {
  const options: Plain<Omit<PieOptions, "text">> = {
    displayLabels: ["percent"],
    // Hidden unless asked for, and the colours alone do not say which status is which.
    legend: { calcs: [], displayMode: "table", placement: "right", showLegend: true, values: ["value", "percent"] },
    orientation: "auto",
    pieType: "donut",
    reduceOptions: LAST,
    sort: "desc",
    tooltip: { mode: "single", sort: "none" },
  };
  return createPanel(spec, { type: "piechart", height: 8, options });
}
