import { lines } from "../builder/graphs.ts";
import type { Panel, PanelSpec } from "../builder/panel.ts";

/** A line for each instance, and for each value of `label`. */
export function perInstance(
  spec: Omit<PanelSpec, "queries" | "width"> & {
    readonly expr: string;
    readonly label?: string;
    readonly width?: number;
  },
): Panel {
  const { expr, label, ...rest } = spec;
  const legend = label === undefined ? "{{instance}}" : `{{instance}} {{${label}}}`;
  return lines({ width: 8, field: { min: 0 }, ...rest, queries: [{ expr, legend }] });
}
