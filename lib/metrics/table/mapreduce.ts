import type { Emit, MetricRow, Samples } from "../metric.ts";
import type { Facts } from "../work/facts.ts";
import { ITEM_ERROR_TYPE, ITEM_STATUS, JOB_ID, JOB_STATUS } from "./labels.ts";

/** Jobs come and go, each with a label of its own; past this they fold into "other". */
export const MAX_JOBS = 500;

function setActive(_event: unknown, { job }: Facts, emit: Emit): void {
  emit(job.runningCount, job.label);
}
function setAgents(_event: unknown, { job }: Facts, emit: Emit): void {
  emit(job.agentsRunning, job.label);
}
function setWorktrees(_event: unknown, { job }: Facts, emit: Emit): void {
  emit(job.worktrees, job.label);
}
function setDlqItems(_event: unknown, { job }: Facts, emit: Emit): void {
  emit(job.dlqItems, job.label);
}
function setPending(_event: unknown, { job }: Facts, emit: Emit): void {
  if (job.pendingItems !== null) emit(job.pendingItems, job.label);
}
/** `work_abandoned` speaks of a run or of a job. */
function ifJob(set: (event: unknown, facts: Facts, emit: Emit) => void): Samples<"work_abandoned"> {
  return (event, facts, emit) => {
    if (event.jobId !== null) set(event, facts, emit);
  };
}

/** MapReduce jobs and their agents. Gauges are sizes of sets after the event, never sums of +1 and -1. */
export const MAPREDUCE_ROWS: readonly MetricRow[] = [
  {
    name: "prodigy_mapreduce_jobs_active",
    kind: "gauge",
    help: "1 while the MapReduce job runs, 0 after its end until the series is removed.",
    labels: [JOB_ID],
    stability: "stable",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact from events; from state files a job is active while its session is.",
    from: {
      job_started: setActive,
      job_resumed: setActive,
      job_completed: setActive,
      job_failed: setActive,
      agent_started: setActive,
      agent_completed: setActive,
      agent_failed: setActive,
      work_abandoned: ifJob(setActive),
    },
  },
  {
    name: "prodigy_mapreduce_agents_active",
    kind: "gauge",
    help: "Agents running now.",
    labels: [JOB_ID],
    stability: "stable",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact from events; from state files the agents' worktree metadata on disk, less those in the DLQ.",
    from: {
      job_started: setAgents,
      agent_started: setAgents,
      agent_completed: setAgents,
      agent_failed: setAgents,
      job_completed: setAgents,
      job_failed: setAgents,
      work_abandoned: ifJob(setAgents),
    },
  },
  {
    name: "prodigy_mapreduce_items_total",
    kind: "counter",
    help: "Work items by outcome; dlq counts items put into the dead letter queue, in addition to failed.",
    labels: [JOB_ID, ITEM_STATUS],
    stability: "stable",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact from events; from state files failed and dlq are the DLQ's files, success is agents seen to " +
      "finish, corrected at the job's end by the session's own count.",
    from: {
      agent_completed: (_event, { job }, emit) => emit(1, job.label, "success"),
      agent_failed: (_event, { job }, emit) => emit(1, job.label, "failed"),
      dlq_item_added: (_event, { job }, emit) => emit(1, job.label, "dlq"),
    },
  },
  {
    name: "prodigy_mapreduce_dlq_items",
    kind: "gauge",
    help: "Items in the dead letter queue now.",
    labels: [JOB_ID],
    stability: "stable",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact from events; from state files the items' files.",
    from: {
      job_started: setDlqItems,
      dlq_item_added: setDlqItems,
      dlq_item_removed: setDlqItems,
    },
  },
  {
    name: "prodigy_agent_duration_seconds",
    kind: "histogram",
    help: "Duration of agents that succeeded.",
    labels: [JOB_ID],
    buckets: [1, 10, 30, 60, 300, 600],
    stability: "stable",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact from events; from state files from the agent's start to when its metadata was seen gone, so as " +
      "fine as the poll interval, and only for agents seen live.",
    from: {
      agent_completed: (event, { job }, emit) => {
        if (event.durationSeconds !== null) emit(event.durationSeconds, job.label);
      },
    },
  },
  {
    name: "prodigy_mapreduce_worktrees_active",
    kind: "gauge",
    help: "Git worktrees of the job's agents that exist now.",
    labels: [JOB_ID],
    stability: "stable",
    maxOpenValues: MAX_JOBS,
    exactness:
      "Exact from events; from state files the agents' worktree metadata on disk while the job runs, with what " +
      "failed agents leave behind; 0 after its end.",
    from: {
      job_started: setWorktrees,
      worktree_created: setWorktrees,
      worktree_cleaned: setWorktrees,
      job_completed: setWorktrees,
      job_failed: setWorktrees,
      work_abandoned: ifJob(setWorktrees),
    },
  },
  {
    name: "prodigy_mapreduce_jobs_total",
    kind: "counter",
    help: "MapReduce jobs that ended, by outcome.",
    labels: [JOB_STATUS],
    stability: "experimental",
    maxOpenValues: 1,
    exactness: "Exact from events; from state files as the session's end.",
    from: {
      job_completed: (_event, { job }, emit) => {
        if (job.endedNow) emit(1, "success");
      },
      job_failed: (_event, { job }, emit) => {
        if (job.endedNow) emit(1, "failed");
      },
    },
  },
  {
    name: "prodigy_mapreduce_job_duration_seconds",
    kind: "histogram",
    help: "Duration of ended MapReduce jobs.",
    labels: [],
    buckets: [10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200],
    stability: "experimental",
    maxOpenValues: 1,
    exactness: "Exact from events (failed jobs state none); from state files the duration of the session.",
    from: {
      job_completed: (event, { job }, emit) => {
        if (job.endedNow && event.durationSeconds !== null) emit(event.durationSeconds);
      },
      job_failed: (event, { job }, emit) => {
        if (job.endedNow && event.durationSeconds !== null) emit(event.durationSeconds);
      },
    },
  },
  {
    name: "prodigy_mapreduce_job_items",
    kind: "gauge",
    help: "Work items of the job in total.",
    labels: [JOB_ID],
    stability: "experimental",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact from events; state files tell only where a job checkpoint exists.",
    from: {
      job_started: (_event, { job }, emit) => {
        if (job.totalItems !== null) emit(job.totalItems, job.label);
      },
    },
  },
  {
    name: "prodigy_mapreduce_items_pending",
    kind: "gauge",
    help: "Work items neither running nor finished.",
    labels: [JOB_ID],
    stability: "experimental",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact from events; state files tell only where a job checkpoint exists.",
    from: {
      job_started: setPending,
      queue_depth_changed: setPending,
      agent_started: setPending,
      agent_completed: setPending,
      agent_failed: setPending,
      job_completed: setPending,
      job_failed: setPending,
      work_abandoned: ifJob(setPending),
    },
  },
  {
    name: "prodigy_mapreduce_job_info",
    kind: "gauge",
    help: "Always 1: which full job id and session a job_id label stands for.",
    labels: [JOB_ID, { name: "job_full_id" }, { name: "session_id" }],
    stability: "experimental",
    maxOpenValues: MAX_JOBS,
    exactness: "Exact; set when a job is first heard of.",
    from: {},
  },
  {
    name: "prodigy_mapreduce_item_failures_total",
    kind: "counter",
    help: "Failed work items by Prodigy's error type, where a DLQ item tells it.",
    labels: [ITEM_ERROR_TYPE],
    stability: "experimental",
    maxOpenValues: 1,
    exactness: "Exact from state files; nothing where event lines tell of a job's agents, because they tell no type.",
    from: {
      agent_failed: (event, _facts, emit) => {
        if (event.errorType !== null) emit(1, event.errorType);
      },
    },
  },
  {
    name: "prodigy_agent_retries_total",
    kind: "counter",
    help: "Agents started again after a failure.",
    labels: [],
    stability: "experimental",
    maxOpenValues: 1,
    exactness: "Exact from events; Prodigy 0.4.4 does not retry in its map phase.",
    from: {
      agent_retrying: (_event, _facts, emit) => emit(1),
    },
  },
];
