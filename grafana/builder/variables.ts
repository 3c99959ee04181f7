import type { MetricFacts } from "./select.ts";

/** A template variable as it stands in a dashboard's JSON. */
export interface Variable {
  readonly name: string;
  readonly type: "datasource" | "query" | "textbox";
  readonly label: string;
  readonly description: string;
  readonly [field: string]: unknown;
}

/** The data source the viewer reads from; the provisioned one has the uid `prometheus`. */
export function datasourceVariable(type: string, current: { readonly text: string; readonly value: string }): Variable {
  return {
    name: "datasource",
    type: "datasource",
    label: "Data source",
    description: "Where the board reads from.",
    query: type,
    regex: "",
    current,
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    skipUrlSync: false,
  };
}

/** Offers the values of a label; several can be chosen. */
export function labelVariable(name: string, label: string, selector: string): Variable {
  const definition = `label_values(${selector}, ${name})`;
  return {
    name,
    type: "query",
    label,
    description: `Values of the label ${name}.`,
    datasource: { type: "prometheus", uid: "${datasource}" },
    definition,
    query: { qryType: 1, query: definition, refId: `Variable-${name}` },
    regex: "",
    sort: 1,
    // When the time range changes, so that a range of the past offers what was there then.
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: ".+",
    current: { selected: true, text: ["All"], value: ["$__all"] },
    hide: 0,
    options: [],
    skipUrlSync: false,
  };
}

/** A number the viewer types in. */
export function numberVariable(name: string, label: string, description: string, value: number): Variable {
  const text = String(value);
  return {
    name,
    type: "textbox",
    label,
    description,
    query: text,
    current: { selected: true, text, value: text },
    hide: 0,
    options: [{ selected: true, text, value: text }],
    skipUrlSync: false,
  };
}

/** Data source, job and instance: every board has them first. */
export const COMMON_VARIABLES: readonly Variable[] = [
  datasourceVariable("prometheus", { text: "Prometheus", value: "prometheus" }),
  labelVariable("job", "Job", "prodigy_exporter_build_info"),
  labelVariable("instance", "Instance", 'prodigy_exporter_build_info{job=~"$job"}'),
];

/** @throws {TypeError} when the metric has no such label. */
export function metricVariable(rows: readonly MetricFacts[], metric: string, name: string, label: string): Variable {
  const row = rows.find((one) => one.name === metric);
  if (!row?.labels.some((one) => one.name === name)) {
    throw new TypeError(`Cannot offer ${name} as ${metric} has no such label`);
  }
  return labelVariable(name, label, `${metric}{job=~"$job", instance=~"$instance"}`);
}
