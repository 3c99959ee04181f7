import { createPanel, type Panel, type PanelSpec } from "./panel.ts";

/**
 * The alerts Prometheus and Grafana know whose names contain `name`; of all data sources, as the panel's option takes no
 * variable. The types of this panel's options are not in
 * `@grafana/schema`; they follow public/app/plugins/panel/alertlist/types.ts.
 */
export function alertList(spec: Omit<PanelSpec, "queries" | "unit"> & { readonly name: string }): Panel {
  const { name, ...rest } = spec;
  const options = {
    alertInstanceLabelFilter: "",
    alertName: name,
    dashboardAlerts: false,
    groupBy: [],
    groupMode: "default",
    maxItems: 20,
    showInactiveAlerts: true,
    sortOrder: 3,
    stateFilter: { error: true, firing: true, noData: false, normal: true, pending: true, recovering: true },
    viewMode: "list",
  };
  return createPanel({ ...rest, queries: [], unit: "none" }, { type: "alertlist", height: 8, options });
}
