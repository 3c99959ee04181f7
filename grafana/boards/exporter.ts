import { type Board, createBoard } from "../builder/board.ts";
import { fixedColors } from "../builder/colors.ts";
import { bars, lines } from "../builder/graphs.ts";
import type { Panel, PanelSpec } from "../builder/panel.ts";
import { orNone, orZero, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { stat } from "../builder/single_values.ts";
import { table } from "../builder/tables.ts";
import { COMMON_VARIABLES } from "../builder/variables.ts";

/** Whether the exporter can be believed: is it up, does it keep up, what did it turn away. */
export function exporterBoard(select: Select): Board {
  return createBoard({
    uid: "prodigy-exporter",
    title: "Prodigy / Exporter",
    description: "Whether prodigy-exporter is up, keeps up, and what it turned away.",
    variables: COMMON_VARIABLES,
    rows: [
      { id: 100, title: "State", panels: statePanels(select) },
      { id: 200, title: "Input", panels: inputPanels(select) },
      { id: 300, title: "Turned away", panels: lossPanels(select) },
      { id: 400, title: "Series and snapshot", panels: ledgerPanels(select) },
      { id: 500, title: "Process", panels: processPanels(select) },
      { id: 600, title: "Event store (PostgreSQL), at 0 while it is off", panels: storePanels(select) },
    ],
  });
}

/** A line for each instance, and for each value of `label`. */
function perInstance(
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

function statePanels(select: Select): readonly Panel[] {
  return [
    stat({
      id: 101,
      title: "Exporters up",
      description:
        "Share of the chosen exporters that answered the last scrape. While one catches up after a start it " +
        "answers 503 and counts as down.",
      width: 4,
      queries: [{ expr: 'avg(up{job=~"$job", instance=~"$instance"})', instant: true }],
      unit: "percentunit",
      field: { min: 0, max: 1 },
      thresholds: [[0.5, "orange"], [1, "green"]],
      baseColor: "red",
    }),
    stat({
      id: 102,
      title: "Sources with problems",
      description: "Sources (files, socket, state, claude) that report a problem. /health says which.",
      width: 4,
      queries: [{ expr: `sum(1 - ${select("prodigy_exporter_source_up")})`, instant: true }],
      unit: "short",
      thresholds: [[1, "red"]],
    }),
    stat({
      id: 103,
      title: "Longest behind",
      description: select.help("prodigy_exporter_source_behind_seconds"),
      width: 4,
      queries: [{ expr: `max(${select("prodigy_exporter_source_behind_seconds")})`, instant: true }],
      unit: "s",
      thresholds: [[10, "orange"], [60, "red"]],
    }),
    stat({
      id: 104,
      title: "Series budget used",
      description: "Series held, of those that open label values may take. Past it new label values fold into other.",
      width: 4,
      queries: [{
        expr: `max(${select("prodigy_exporter_series")} / ${select("prodigy_exporter_series_limit")})`,
        instant: true,
      }],
      unit: "percentunit",
      field: { min: 0, max: 1, decimals: 1 },
      thresholds: [[0.7, "orange"], [0.9, "red"]],
    }),
    table({
      id: 105,
      title: "Versions",
      description: select.help("prodigy_exporter_build_info"),
      width: 8,
      height: 4,
      labels: [
        { label: "instance", title: "Instance" },
        { label: "version", title: "Version" },
        { label: "commit", title: "Commit" },
        { label: "deno", title: "Deno" },
      ],
      values: [{
        title: "Uptime",
        expr: `max by (instance, version, commit, deno) ((time() - ${
          select("process_start_time_seconds")
        }) * on (job, instance) group_left (version, commit, deno) ${select("prodigy_exporter_build_info")})`,
        unit: "s",
      }],
      sortBy: "Uptime",
    }),
  ];
}

function inputPanels(select: Select): readonly Panel[] {
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

function lossPanels(select: Select): readonly Panel[] {
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

function ledgerPanels(select: Select): readonly Panel[] {
  return [
    perInstance({
      id: 401,
      title: "Series",
      description: "Series held. The limit is for series of open label values only.",
      expr: `sum by (instance) (${select("prodigy_exporter_series")})`,
      unit: "short",
    }),
    perInstance({
      id: 402,
      title: "Snapshot age",
      description: `${select.help("prodigy_exporter_snapshot_age_seconds")} It grows while nothing changes.`,
      expr: `max by (instance) (${select("prodigy_exporter_snapshot_age_seconds")})`,
      unit: "s",
    }),
    bars({
      id: 403,
      title: "Snapshot failures",
      description:
        `${select.help("prodigy_exporter_snapshot_failures_total")} Counts since the last snapshot would be ` +
        "counted again or lost by a crash.",
      width: 8,
      queries: [{
        expr: `sum by (instance) (increase(${select("prodigy_exporter_snapshot_failures_total")}[${RATE}]))`,
        legend: "{{instance}}",
      }],
      unit: "short",
    }),
    perInstance({
      id: 404,
      title: "Snapshot size",
      description: select.help("prodigy_exporter_snapshot_size_bytes"),
      expr: `max by (instance) (${select("prodigy_exporter_snapshot_size_bytes")})`,
      unit: "bytes",
    }),
    perInstance({
      id: 405,
      title: "Journal size",
      description: `${select.help("prodigy_exporter_journal_bytes")} A snapshot empties it.`,
      expr: `max by (instance) (${select("prodigy_exporter_journal_bytes")})`,
      unit: "bytes",
    }),
    lines({
      id: 406,
      title: "Scrapes and renderings",
      description: `${select.help("prodigy_exporter_scrapes_total")} ${
        select.help("prodigy_exporter_renderings_total")
      } Per second.`,
      width: 8,
      queries: ([
        ["scrapes", "prodigy_exporter_scrapes_total"],
        ["renderings", "prodigy_exporter_renderings_total"],
      ] as const).map(([what, name]) => ({
        expr: `sum by (instance) (rate(${select(name)}[${RATE}]))`,
        legend: `{{instance}} ${what}`,
      })),
      unit: "cps",
      field: { min: 0 },
    }),
    bars({
      id: 407,
      title: "Configuration read anew",
      description: select.help("prodigy_exporter_reloads_total"),
      width: 8,
      queries: [{
        expr: `sum by (result) (increase(${select("prodigy_exporter_reloads_total")}[${RATE}]))`,
        legend: "{{result}}",
      }],
      unit: "short",
      overrides: fixedColors("success", "failed"),
    }),
    perInstance({
      id: 408,
      title: "Age of the configuration in use",
      description: select.help("prodigy_exporter_config_last_reload_success_timestamp_seconds"),
      expr: `max by (instance) (time() - ${select("prodigy_exporter_config_last_reload_success_timestamp_seconds")})`,
      unit: "s",
    }),
  ];
}

function processPanels(select: Select): readonly Panel[] {
  return [
    perInstance({
      id: 501,
      title: "CPU",
      description: "Share of one core.",
      expr: `sum by (instance) (rate(${select("process_cpu_seconds_total")}[${RATE}]))`,
      unit: "percentunit",
    }),
    perInstance({
      id: 502,
      title: "Resident memory",
      description: select.help("process_resident_memory_bytes"),
      expr: `sum by (instance) (${select("process_resident_memory_bytes")})`,
      unit: "bytes",
    }),
    perInstance({
      id: 503,
      title: "Heap",
      description: select.help("process_heap_bytes"),
      expr: `sum by (instance) (${select("process_heap_bytes")})`,
      unit: "bytes",
    }),
  ];
}

function storePanels(select: Select): readonly Panel[] {
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
