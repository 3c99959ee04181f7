import { REJECT_REASONS } from "../../event/rejected.ts";
import { SOURCE_NAMES, UNREAD_REASONS } from "../../source/source.ts";
import type { MetricRow } from "../metric.ts";

/** The tables of the event store. */
const STORE_TABLES = [
  "workflow_executions",
  "step_executions",
  "mapreduce_jobs",
  "agent_executions",
  "dlq_items",
  "claude_usage",
  "events",
];

const SOURCE = { name: "source", values: SOURCE_NAMES };
/** State files have no lines. */
const LINE_SOURCE = { name: "source", values: SOURCE_NAMES.filter((name) => name !== "state") };

/** The exporter's own metrics are written by the parts that know, not by events. */
function own(
  kind: MetricRow["kind"],
  name: string,
  help: string,
  labels: MetricRow["labels"] = [],
  maxOpenValues = 1,
): MetricRow {
  return { name, kind, help, labels, stability: "experimental", maxOpenValues, exactness: "Exact.", from: {} };
}

export const EXPORTER_ROWS: readonly MetricRow[] = [
  own(
    "gauge",
    "prodigy_exporter_build_info",
    "Always 1: version of the exporter, the commit it was built from and its day, and what it runs on.",
    [
      { name: "version" },
      { name: "commit" },
      { name: "commit_date" },
      { name: "deno" },
    ],
    4,
  ),
  own("counter", "prodigy_exporter_lines_read_total", "Whole, non-blank lines read.", [LINE_SOURCE]),
  own("counter", "prodigy_exporter_bytes_read_total", "Bytes of whole lines read.", [LINE_SOURCE]),
  own("counter", "prodigy_exporter_lines_rejected_total", "Lines that were not counted as events, by reason.", [
    SOURCE,
    { name: "reason", values: REJECT_REASONS },
  ]),
  own("counter", "prodigy_exporter_events_total", "Events folded, by type.", [{ name: "event_type" }], 64),
  own("counter", "prodigy_exporter_duplicates_total", "Events dropped because their id was seen before.", [SOURCE]),
  own(
    "counter",
    "prodigy_exporter_superseded_total",
    "Facts not counted because another source had told them, or tells them better.",
    [SOURCE],
  ),
  own("counter", "prodigy_exporter_durations_clamped_total", "Negative durations read as 0."),
  own("gauge", "prodigy_exporter_source_up", "1 while the source has no problem.", [SOURCE]),
  own(
    "gauge",
    "prodigy_exporter_files_unread",
    "Files and directories there are that are not read: links, FIFOs and the like; too large ones; unreadable ones.",
    [SOURCE, { name: "reason", values: UNREAD_REASONS }],
  ),
  own("gauge", "prodigy_exporter_source_behind_bytes", "Bytes known to be there and not yet read.", [SOURCE]),
  own("gauge", "prodigy_exporter_source_behind_seconds", "For how long the source has been behind.", [SOURCE]),
  own("gauge", "prodigy_exporter_series", "Time series held."),
  own("gauge", "prodigy_exporter_series_limit", "Time series of open label values that may be held."),
  own("counter", "prodigy_exporter_limit_hits_total", 'Label values folded into "other", by metric.', [
    { name: "metric" },
  ], 64),
  own("counter", "prodigy_exporter_reaped_total", "Runs and jobs given up as dead after a long idle time.", [
    { name: "kind", values: ["run", "job"] },
  ]),
  own("gauge", "prodigy_exporter_snapshot_age_seconds", "Time since the last snapshot was written."),
  own("counter", "prodigy_exporter_snapshot_failures_total", "Snapshots that could not be written."),
  own("gauge", "prodigy_exporter_snapshot_size_bytes", "Size of the last snapshot."),
  own("gauge", "prodigy_exporter_journal_bytes", "Size of the socket journal."),
  own("gauge", "prodigy_exporter_socket_connections", "Open connections of the event socket."),
  own("gauge", "prodigy_exporter_store_up", "1 while the event store has no problem; absent when it is off."),
  own("gauge", "prodigy_exporter_store_queue", "Events waiting for the event store."),
  own("counter", "prodigy_exporter_store_batches_total", "Batches written to the event store."),
  own("counter", "prodigy_exporter_store_rows_total", "Rows written to the event store, by table.", [
    { name: "table", values: STORE_TABLES },
  ]),
  own("counter", "prodigy_exporter_store_write_seconds_total", "Time from the first try to write a batch to success."),
  own("counter", "prodigy_exporter_store_retries_total", "Tries to write that failed and are made again."),
  own("counter", "prodigy_exporter_store_dropped_total", "Events dropped because too many waited for the event store."),
  own(
    "counter",
    "prodigy_exporter_store_set_aside_total",
    "Events left out because the database refuses what is in them.",
  ),
  own(
    "counter",
    "prodigy_exporter_store_lines_lost_total",
    "Events stored without what only their lines tell, because the queue had no room for it.",
  ),
  own("counter", "prodigy_exporter_scrapes_total", "Answered requests for metrics."),
  own("counter", "prodigy_exporter_renderings_total", "Expositions rendered; who asks at the same time shares one."),
  own("counter", "prodigy_exporter_reloads_total", "Times the configuration was read anew, by result.", [
    { name: "result", values: ["success", "failed"] },
  ]),
  own("gauge", "prodigy_exporter_config_last_reload_successful", "1 unless the configuration read last is unusable."),
  own(
    "gauge",
    "prodigy_exporter_config_last_reload_success_timestamp_seconds",
    "Unix time of the last successful reading of the configuration.",
  ),
  own("counter", "process_cpu_seconds_total", "Total user and system CPU time spent in seconds."),
  own("gauge", "process_resident_memory_bytes", "Resident memory size in bytes."),
  own("gauge", "process_heap_bytes", "Process heap size in bytes."),
  own("gauge", "process_start_time_seconds", "Start time of the process since unix epoch in seconds."),
];
