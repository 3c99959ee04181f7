import type { Select } from "./select.ts";

/** Ranges Grafana fills in: what a point of a graph stands for, and all that is looked at. */
export const RATE = "$__rate_interval";
export const RANGE = "$__range";

/** A histogram's quantile over a range, per label when `by` names some. */
export function quantile(
  q: number,
  buckets: string,
  options: { readonly range: string; readonly by?: readonly string[] },
): string {
  return `histogram_quantile(${q}, sum by (${
    ["le", ...options.by ?? []].join(", ")
  }) (increase(${buckets}[${options.range}])))`;
}

/** A histogram's mean over a range. */
export function mean(
  select: Select,
  name: string,
  options: {
    readonly range: string;
    readonly by?: readonly string[];
    readonly matchers?: Readonly<Record<string, string>>;
  },
): string {
  const by = options.by === undefined ? "" : ` by (${options.by.join(", ")})`;
  const { range, matchers } = options;
  return `sum${by} (increase(${select.sum(name, matchers)}[${range}])) / sum${by} (increase(${
    select.count(name, matchers)
  }[${range}]))`;
}

/** A gauge of things that may not exist reads 0 instead of "no data", as long as an exporter is there to say so. */
export function orZero(select: Select, expression: string): string {
  return `${expression} or 0 * count(${select("prodigy_exporter_build_info")})`;
}

/** The same by a label: without any value there is one series, "none", at 0. */
export function orNone(select: Select, label: string, expression: string): string {
  const none = `label_replace(0 * count(${select("prodigy_exporter_build_info")}), "${label}", "none", "", "")`;
  return `${expression} or ${none} unless on () ${expression}`;
}
