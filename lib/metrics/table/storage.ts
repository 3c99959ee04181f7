import type { MetricRow } from "../metric.ts";

/** What lies on disk. `prodigy_storage_events_written_total` is fed by the pipeline, which sees the files' lines. */
export const STORAGE_ROWS: readonly MetricRow[] = [
  {
    name: "prodigy_worktree_pool_size",
    kind: "gauge",
    help: "Worktrees available: as a worktree_pool_changed event says, else the session worktrees on disk.",
    labels: [],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact from events; Prodigy 0.4.4 has no pool at run time, so from state files it is defined as the " +
      "session worktrees on disk.",
    from: {
      worktree_pool_changed: (event, _facts, emit) => emit(event.available),
    },
  },
  {
    name: "prodigy_storage_events_written_total",
    kind: "counter",
    help: "Event records found in Prodigy's event store.",
    labels: [],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact; unmodified Prodigy 0.4.4 leaves its event files empty.",
    from: {},
  },
  {
    name: "prodigy_checkpoints_created_total",
    kind: "counter",
    help: "Checkpoints written by workflows and MapReduce jobs.",
    labels: [],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact from events; from state files one per completed step and one at the end, as Prodigy writes them.",
    from: {
      checkpoint_created: (_event, _facts, emit) => emit(1),
    },
  },
];
