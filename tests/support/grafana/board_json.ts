/** A dashboard's JSON as Grafana's classic format has it, as far as the checks look at it. */
export interface BoardJson {
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly schemaVersion: number;
  readonly tags: readonly string[];
  readonly time: { readonly from: string };
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
  readonly panels: readonly PanelJson[];
  readonly id?: unknown;
}

export interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly query: string | { readonly query: string };
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly refresh?: number;
  readonly datasource?: { readonly uid: string };
}

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly TargetJson[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly min?: number;
      readonly max?: number;
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
    };
    readonly overrides: readonly OverrideJson[];
  };
  readonly options?: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly { readonly id: string; readonly options: Readonly<Record<string, unknown>> }[];
  readonly maxDataPoints?: number;
  readonly timeFrom?: string;
}

export interface OverrideJson {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface TargetJson {
  readonly refId: string;
  readonly datasource: { readonly uid: string };
  readonly expr?: string;
  readonly rawSql?: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly format: string;
}

const DASHBOARDS = new URL("../../../grafana/dashboards/", import.meta.url);

/** The boards as they are checked in; a test holds them to what the builder makes. */
export async function readBoards(): Promise<readonly BoardJson[]> {
  const names = (await Array.fromAsync(Deno.readDir(DASHBOARDS))).map(({ name }) => name);
  const files = names.filter((name) => name.endsWith(".json")).sort();
  // Only the builder writes these files.
  return await Promise.all(files.map(async (name) => JSON.parse(await Deno.readTextFile(new URL(name, DASHBOARDS)))));
}

export function isPrometheusBoard(board: BoardJson): boolean {
  return board.templating.list.some(({ type, query }) => type === "datasource" && query === "prometheus");
}

/** Panels that show data. */
export function dataPanels(board: BoardJson): readonly PanelJson[] {
  return board.panels.filter(({ type }) => type !== "row");
}

/** The unit a query's values are shown in: the column's own in a table, else the panel's. */
export function unitOfTarget(panel: PanelJson, target: TargetJson): string | undefined {
  const shown = panel.transformations?.find(({ id }) => id === "organize")?.options["renameByName"];
  const names = (shown ?? {}) as Readonly<Record<string, string>>;
  const title = names[`Value #${target.refId}`] ?? names["Value"];
  const override = panel.fieldConfig?.overrides.find(({ matcher }) => matcher.options === title);
  const unit = override?.properties.find(({ id }) => id === "unit")?.value;
  return typeof unit === "string" ? unit : panel.fieldConfig?.defaults.unit;
}

/** Labels a table turns into columns; `null` when the panel is no such table. */
export function labelColumns(panel: PanelJson): readonly string[] | null {
  const shown = panel.transformations?.find(({ id }) => id === "organize")?.options["renameByName"];
  return shown === undefined ? null : Object.keys(shown as object).filter((name) => !name.startsWith("Value"));
}
