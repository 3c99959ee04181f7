import type { MetricRow } from "../metric.ts";
import type { Facts } from "../work/facts.ts";
import type { Emit } from "../metric.ts";
import { STEP_STATUS, STEP_TYPE, VALIDATION_RESULT, WORKFLOW_NAME, WORKFLOW_STATUS } from "./labels.ts";

/** A run may get a better name than it was started under: then the former name's gauge falls, too. */
function setActiveRuns(_event: unknown, facts: Facts, emit: Emit): void {
  emit(facts.activeRuns, facts.workflowName);
  if (facts.formerWorkflowName !== null) emit(facts.formerActiveRuns, facts.formerWorkflowName);
}

/** Workflows and their steps. Prodigy has no events for these: ours, or derived from its sessions and checkpoints. */
export const WORKFLOW_ROWS: readonly MetricRow[] = [
  {
    name: "prodigy_workflow_executions_total",
    kind: "counter",
    help: "Workflow runs that ended, by outcome.",
    labels: [WORKFLOW_NAME, WORKFLOW_STATUS],
    stability: "stable",
    maxOpenValues: 200,
    exactness: "Exact from events; from state files exact for success and failed, cancelled is derived from " +
      "worktree metadata, and a killed run is never counted.",
    from: {
      workflow_completed: (event, facts, emit) => emit(1, facts.workflowName, event.status),
    },
  },
  {
    name: "prodigy_workflow_duration_seconds",
    kind: "histogram",
    help: "Duration of ended workflow runs, from start to completion.",
    labels: [WORKFLOW_NAME],
    buckets: [1, 5, 10, 30, 60, 300, 600, 1800],
    stability: "stable",
    maxOpenValues: 200,
    exactness:
      "Exact from events; from state files completed_at - started_at, which spans the pause of a resumed run. A " +
      "merge after the run counts only when it is over before the end has settled (readers.settle), or before the first look.",
    from: {
      workflow_completed: (event, facts, emit) => {
        if (event.durationSeconds !== null) emit(event.durationSeconds, facts.workflowName);
      },
    },
  },
  {
    name: "prodigy_workflow_steps_total",
    kind: "counter",
    help: "Steps executed by workflow runs.",
    labels: [WORKFLOW_NAME],
    stability: "stable",
    maxOpenValues: 200,
    exactness: "Exact from events; from state files exact for plain workflows, none for MapReduce and for steps " +
      "re-run by a resume.",
    from: {
      step_completed: (event, facts, emit) => {
        if (event.status !== "skipped") emit(1, facts.workflowName);
      },
    },
  },
  {
    name: "prodigy_workflow_active",
    kind: "gauge",
    help: "Workflow runs in progress.",
    labels: [WORKFLOW_NAME],
    stability: "stable",
    maxOpenValues: 200,
    exactness: "Exact from events; from state files a run counts until it ends, is interrupted or is idle too long, " +
      "because Prodigy stores no process id.",
    from: {
      workflow_started: setActiveRuns,
      workflow_completed: setActiveRuns,
      work_abandoned: (event, facts, emit) => {
        if (event.jobId === null) setActiveRuns(event, facts, emit);
      },
    },
  },
  {
    name: "prodigy_step_executions_total",
    kind: "counter",
    help: "Workflow steps that ended, by type and outcome.",
    labels: [STEP_TYPE, STEP_STATUS],
    stability: "stable",
    maxOpenValues: 1,
    exactness:
      "Exact from events; from checkpoints exact for success, the type of a failed step is read off its message, and no " +
      "step is skipped.",
    from: {
      step_completed: (event, _facts, emit) => emit(1, event.stepType, event.status),
    },
  },
  {
    name: "prodigy_step_duration_seconds",
    kind: "histogram",
    help: "Duration of workflow steps.",
    labels: [STEP_TYPE],
    buckets: [0.1, 1, 5, 10, 30, 60],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact from events; from checkpoints exact for successful steps, approximate for failed ones.",
    from: {
      step_completed: (event, _facts, emit) => {
        if (event.durationSeconds !== null && event.status !== "skipped") emit(event.durationSeconds, event.stepType);
      },
    },
  },
  {
    name: "prodigy_step_on_failure_recoveries_total",
    kind: "counter",
    help: "Steps that failed, ran their on_failure handler and went on.",
    labels: [STEP_TYPE],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact from events; Prodigy's files do not tell.",
    isToldByLinesOnly: true,
    from: {
      step_completed: (event, _facts, emit) => {
        if (event.onFailureRecovered) emit(1, event.stepType);
      },
    },
  },
  {
    name: "prodigy_step_validations_total",
    kind: "counter",
    help: "Validations of workflow steps, by result.",
    labels: [STEP_TYPE, VALIDATION_RESULT],
    stability: "stable",
    maxOpenValues: 1,
    exactness: "Exact from events; Prodigy's files do not tell.",
    isToldByLinesOnly: true,
    from: {
      step_completed: (event, _facts, emit) => {
        if (event.validation !== null) emit(1, event.stepType, event.validation);
      },
      step_validated: (event, _facts, emit) => emit(1, event.stepType, event.result),
    },
  },
];
