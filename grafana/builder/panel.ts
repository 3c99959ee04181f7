import type { DataTransformerConfig, FieldConfig } from "@grafana/schema";
import type { Plain } from "./plain.ts";

/** The Grafana whose panels' options these are; an export from it would say so, too. */
export const GRAFANA_VERSION = "13.2.2";

export type Field = Plain<Pick<FieldConfig, "decimals" | "min" | "max" | "noValue" | "mappings">>;
type Steps = readonly { readonly value: number | null; readonly color: string }[];

/** A query of a panel. `instant` asks for now only, else for the whole range. */
export interface Query {
  readonly expr: string;
  /** `{{label}}` stands for a label's value. */
  readonly legend?: string;
  readonly instant?: boolean;
  readonly format?: "time_series" | "table" | "heatmap";
}

/** Looks of some of a panel's fields, found by their name. */
export interface Override {
  readonly field: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What every panel has, whatever it shows. */
export interface PanelSpec {
  /** Stays the same for ever: links and alerts name it. */
  readonly id: number;
  readonly title: string;
  /** What it shows and how to read it. */
  readonly description: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly height?: number;
  readonly queries: readonly Query[];
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly field?: Field;
  /** Colours from a value on; the first holds from below. */
  readonly thresholds?: readonly (readonly [from: number, color: string])[];
  /** Colour below the first threshold. */
  readonly baseColor?: string;
  readonly overrides?: readonly Override[];
  readonly transformations?: readonly Plain<DataTransformerConfig>[];
  /** Fewer points make wider bars and boxes: what happens rarely would be hairlines otherwise. */
  readonly maxDataPoints?: number;
  /** The panel's own time range, such as `now/M` for the month so far. */
  readonly timeFrom?: string;
  readonly links?: readonly { readonly title: string; readonly url: string }[];
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** The panel's JSON without its place. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Visualization {
  readonly type: string;
  readonly height: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly color?: string;
  readonly datasourceType?: string;
}

/** Puts a specification and a visualization together. */
export function createPanel(spec: PanelSpec, visualization: Visualization): Panel {
  const { id, title, description, width, height = visualization.height } = spec;
  const { type, options, custom, color = "palette-classic", datasourceType = "prometheus" } = visualization;
  const datasource = { type: datasourceType, uid: "${datasource}" };
  const json = {
    id,
    type,
    title,
    description,
    pluginVersion: GRAFANA_VERSION,
    datasource,
    targets: spec.queries.map((query, index) => ({
      refId: refId(index),
      datasource,
      ...target(query, datasourceType),
    })),
    fieldConfig: {
      defaults: {
        unit: spec.unit,
        color: { mode: spec.thresholds === undefined ? color : "thresholds" },
        thresholds: { mode: "absolute", steps: thresholdSteps(spec) },
        ...spec.field,
        ...custom === undefined ? {} : { custom },
      },
      overrides: (spec.overrides ?? []).map(overrideJson),
    },
    options,
    ...spec.transformations === undefined ? {} : { transformations: spec.transformations },
    ...spec.maxDataPoints === undefined ? {} : { maxDataPoints: spec.maxDataPoints },
    ...spec.timeFrom === undefined ? {} : { timeFrom: spec.timeFrom },
    ...spec.links === undefined ? {} : { links: spec.links.map((link) => ({ ...link, targetBlank: false })) },
  };
  return { id, type, title, description, width, height, json };
}

function thresholdSteps({ thresholds = [], baseColor = "green" }: PanelSpec): Steps {
  return [{ value: null, color: baseColor }, ...thresholds.map(([value, color]) => ({ value, color }))];
}

function overrideJson({ field, properties }: Override): Readonly<Record<string, unknown>> {
  return {
    matcher: { id: "byName", options: field },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}

/** Grafana names the queries of a panel by letters. */
export function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function target(query: Query, datasourceType: string): Readonly<Record<string, unknown>> {
  const { expr, legend, instant = false, format = "time_series" } = query;
  if (datasourceType !== "prometheus") {
    return { rawSql: expr, rawQuery: true, editorMode: "code", format };
  }
  return {
    expr,
    editorMode: "code",
    format,
    instant,
    range: !instant,
    ...legend === undefined ? {} : { legendFormat: legend },
  };
}
