import { bars } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { orNone, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { perInstance } from "./per_instance.ts";

/** What is read, and how far behind. */
export function inputPanels(select: Select): readonly Panel[] {
  return [
    perInstance({
      id: 201,
      title: "Lines read",
      description: `${select.help("prodigy_exporter_lines_read_total")} Per second, by source.`,
      expr: `sum by (instance, source) (rate(${select("prodigy_exporter_lines_read_total")}[${RATE}]))`,
      label: "source",
      unit: "cps",
    }),
    perInstance({
      id: 202,
      title: "Bytes read",
      description: `${select.help("prodigy_exporter_bytes_read_total")} Per second, by source.`,
      expr: `sum by (instance, source) (rate(${select("prodigy_exporter_bytes_read_total")}[${RATE}]))`,
      label: "source",
      unit: "Bps",
    }),
    perInstance({
      id: 203,
      title: "Events by type",
      description: `${select.help("prodigy_exporter_events_total")} Per second.`,
      expr: `sum by (instance, event_type) (rate(${select("prodigy_exporter_events_total")}[${RATE}])) > 0`,
      label: "event_type",
      unit: "cps",
    }),
    perInstance({
      id: 204,
      title: "Bytes behind",
      description: select.help("prodigy_exporter_source_behind_bytes"),
      expr: `sum by (instance, source) (${select("prodigy_exporter_source_behind_bytes")})`,
      label: "source",
      unit: "bytes",
    }),
    perInstance({
      id: 205,
      title: "Time behind",
      description: `${select.help("prodigy_exporter_source_behind_seconds")} The alert fires above 60 s.`,
      expr: `max by (instance, source) (${select("prodigy_exporter_source_behind_seconds")})`,
      label: "source",
      unit: "s",
    }),
    perInstance({
      id: 206,
      title: "Socket connections",
      description: select.help("prodigy_exporter_socket_connections"),
      expr: `sum by (instance) (${select("prodigy_exporter_socket_connections")})`,
      unit: "short",
    }),
  ];
}

/** What was turned away, and why. */
export function lossPanels(select: Select): readonly Panel[] {
  const counts = (
    id: number,
    title: string,
    name: string,
    by: string,
    note: string,
  ): Panel =>
    bars({
      id,
      title,
      description: `${select.help(name)} ${note}`,
      width: 8,
      queries: [{
        expr: orNone(select, by, `sum by (${by}) (increase(${select(name)}[${RATE}]))`),
        legend: `{{${by}}}`,
      }],
      unit: "short",
    });
  return [
    counts(
      301,
      "Rejected lines",
      "prodigy_exporter_lines_rejected_total",
      "reason",
      "Unknown event types are no errors: producers grow.",
    ),
    counts(302, "Duplicates", "prodigy_exporter_duplicates_total", "source", "Normal after a producer's retry."),
    counts(
      303,
      "Superseded facts",
      "prodigy_exporter_superseded_total",
      "source",
      "Normal where event lines and state files tell of the same run.",
    ),
    counts(
      304,
      "Given up as dead",
      "prodigy_exporter_reaped_total",
      "kind",
      "Runs that were killed never say that they ended.",
    ),
    counts(
      305,
      "Negative durations",
      "prodigy_exporter_durations_clamped_total",
      "instance",
      "A clock was set back.",
    ),
    counts(
      306,
      "Label values folded",
      "prodigy_exporter_limit_hits_total",
      "metric",
      "Raise the limit of that label, or find out why there are so many values.",
    ),
  ];
}
