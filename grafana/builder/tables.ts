import type { TableFieldOptions } from "@grafana/schema";
import type { Options as TableOptions } from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import { createPanel, type Override, type Panel, type PanelSpec, type Query, refId } from "./panel.ts";
import type { Plain } from "./plain.ts";

/** A column with a query of its own. */
export interface ValueColumn {
  readonly title: string;
  readonly expr: string;
  readonly unit: string;
  readonly decimals?: number;
  /** Colours the cells from these values on; the first colour holds from below. */
  readonly colors?: readonly [base: string, ...steps: readonly (readonly [from: number, color: string])[]];
  /** Words instead of numbers. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
}

/** A column of a label's values. */
export interface LabelColumn {
  readonly label: string;
  readonly title: string;
  readonly width?: number;
  /** Where a click on the cell leads. */
  readonly link?: { readonly title: string; readonly url: string };
}

export interface TableSpec extends Omit<PanelSpec, "queries" | "unit" | "transformations" | "overrides"> {
  readonly labels: readonly LabelColumn[];
  readonly values: readonly ValueColumn[];
  /** Title of the column that sorts it, largest first. */
  readonly sortBy: string;
}

/** A table of what is now, or of the whole range: rows that share their labels are one. */
export function table(spec: TableSpec): Panel {
  const { labels, values, sortBy, ...rest } = spec;
  const queries: readonly Query[] = values.map(({ expr }) => ({ expr, instant: true, format: "table" }));
  const names = [
    ...labels.map(({ label, title }) => [label, title] as const),
    ...values.map(({ title }, index) => [values.length === 1 ? "Value" : `Value #${refId(index)}`, title] as const),
  ];
  return tablePanel({
    ...rest,
    queries,
    unit: "short",
    overrides: [...labels.map(labelOverride), ...values.map(valueOverride)],
    transformations: [
      { id: "merge", options: {} },
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(names.map(([name], index) => [name, index])),
          renameByName: Object.fromEntries(names),
        },
      },
    ],
  }, sortBy);
}

/** Rows as they come from a SQL query, which names its own columns. */
export function sqlTable(spec: Omit<PanelSpec, "transformations">): Panel {
  return tablePanel(spec, null, "grafana-postgresql-datasource");
}

function tablePanel(spec: PanelSpec, sortBy: string | null, datasourceType = "prometheus"): Panel {
  const options: Plain<TableOptions> = {
    cellHeight: "sm",
    frameIndex: 0,
    showHeader: true,
    sortBy: sortBy === null ? [] : [{ desc: true, displayName: sortBy }],
  };
  const custom: Pick<Plain<TableFieldOptions>, "align" | "cellOptions" | "inspect"> = {
    align: "auto",
    cellOptions: { type: "auto" },
    inspect: false,
  };
  return createPanel(spec, { type: "table", height: 8, options, custom, color: "fixed", datasourceType });
}

function labelOverride({ title, link, width }: LabelColumn): Override {
  return {
    field: title,
    properties: {
      ...width === undefined ? {} : { "custom.width": width },
      ...link === undefined ? {} : { links: [{ ...link, targetBlank: false }] },
    },
  };
}

function valueOverride({ title, unit, decimals, colors, words }: ValueColumn): Override {
  const [base, ...steps] = colors ?? [];
  return {
    field: title,
    properties: {
      unit,
      ...decimals === undefined ? {} : { decimals },
      ...base === undefined ? {} : {
        color: { mode: "thresholds" },
        thresholds: {
          mode: "absolute",
          steps: [{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))],
        },
        "custom.cellOptions": { type: "color-background", mode: "basic" },
      },
      ...words === undefined ? {} : {
        mappings: [{ type: "value", options: words }],
        "custom.cellOptions": { type: "color-text" },
      },
    },
  };
}
