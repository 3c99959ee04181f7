import { fixedColors } from "../builder/colors.ts";
import { bars, lines } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { stat } from "../builder/single_values.ts";
import { table } from "../builder/tables.ts";
import { perInstance } from "./per_instance.ts";

/** Whether it can be believed. */
export function statePanels(select: Select): readonly Panel[] {
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

/** What it holds and saves. */
export function ledgerPanels(select: Select): readonly Panel[] {
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

/** What it takes of the machine. */
export function processPanels(select: Select): readonly Panel[] {
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
