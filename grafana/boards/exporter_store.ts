import { bars, lines } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { orZero, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";

/** The optional event store. */
export function eventStorePanels(select: Select): readonly Panel[] {
  const counts = (id: number, title: string, names: readonly (readonly [legend: string, name: string])[]): Panel =>
    bars({
      id,
      title,
      description: names.map(([, name]) => select.help(name)).join(" "),
      width: 8,
      queries: names.map(([legend, name]) => ({ expr: `sum(increase(${select(name)}[${RATE}]))`, legend })),
      unit: "short",
    });
  return [
    lines({
      id: 601,
      title: "Queue",
      description: `${select.help("prodigy_exporter_store_queue")} Beyond 10,000 the oldest are dropped.`,
      width: 8,
      queries: [{ expr: orZero(select, `sum(${select("prodigy_exporter_store_queue")})`), legend: "events" }],
      unit: "short",
      field: { min: 0 },
    }),
    lines({
      id: 602,
      title: "Rows written",
      description: `${select.help("prodigy_exporter_store_rows_total")} Per second.`,
      width: 8,
      queries: [{
        expr: `sum by (table) (rate(${select("prodigy_exporter_store_rows_total")}[${RATE}]))`,
        legend: "{{table}}",
      }],
      unit: "cps",
      field: { min: 0 },
    }),
    lines({
      id: 603,
      title: "Time spent writing",
      description: `${select.help("prodigy_exporter_store_write_seconds_total")} As a share of the time.`,
      width: 8,
      queries: [{
        expr: `sum by (instance) (rate(${select("prodigy_exporter_store_write_seconds_total")}[${RATE}]))`,
        legend: "{{instance}}",
      }],
      unit: "percentunit",
      field: { min: 0 },
    }),
    counts(604, "Batches and retries", [
      ["batches", "prodigy_exporter_store_batches_total"],
      ["retries", "prodigy_exporter_store_retries_total"],
    ]),
    counts(605, "Lost to the store", [
      ["dropped", "prodigy_exporter_store_dropped_total"],
      ["set aside", "prodigy_exporter_store_set_aside_total"],
      ["without their lines", "prodigy_exporter_store_lines_lost_total"],
    ]),
  ];
}
