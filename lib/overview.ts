import type { Metrics } from "./metrics/metrics.ts";
import { PRICE_TABLE_DATE } from "./metrics/price_table.ts";
import { OTHER, UNKNOWN } from "./metrics/label_values.ts";
import type { Job } from "./metrics/work/job.ts";
import { jobLabel } from "./metrics/work/job_label.ts";
import type { Run } from "./metrics/work/runs.ts";
import type { EndedRun, JobProgress, Overview, RunningWorkflow, SourceState, Usage } from "./server/page/overview.ts";

/** What a source says of itself, and for how long it has been behind. */
export type SourceLag = Omit<SourceState, "rejectedLines">;

/** `workflow-<milliseconds>` differs at its end, `session-<uuid>` and whatever else others send anywhere. */
const RUN_LABEL_LENGTHS = { millis: 13, other: 8 } as const;

/** What the page shows of the work: the metrics' own memory, in a person's words. */
export function buildOverview(metrics: Metrics, sources: readonly SourceLag[], nowSeconds: number): Overview {
  const { work, dayBook } = metrics;
  const jobs = [...work.jobs.all()].filter((job) => job.shown && job.running);
  const runs = [...work.runs.all()].filter((run) => run.active);
  const { agentsSucceeded, agentsFailed, runsSucceeded, runsFailed } = dayBook.today.at(nowSeconds, nowSeconds) ??
    { agentsSucceeded: 0, agentsFailed: 0, runsSucceeded: 0, runsFailed: 0 };
  return {
    workflows: runs.map((run) => describeRun(run, nowSeconds)).sort(longestFirst),
    jobs: jobs.map((job) => describeJob(job, nowSeconds)).sort(longestFirst),
    agentsRunning: jobs.reduce((sum, job) => sum + job.agentsRunning, 0),
    today: { agentsSucceeded, agentsFailed, runsSucceeded, runsFailed },
    recentEnds: dayBook.ends.all.map(({ kind, name, outcome, endedAtSeconds, durationSeconds }): EndedRun => {
      return { kind, name, outcome, endedAtMs: endedAtSeconds * 1000, durationSeconds };
    }),
    sources: sources.map((source) => ({ ...source, rejectedLines: rejectedLines(metrics, source.name) })),
    usageToday: usageToday(metrics, nowSeconds),
  };
}

function describeRun(run: Run, nowSeconds: number): RunningWorkflow {
  const { id, name, startedAtSeconds, stepsDone, totalSteps } = run;
  return {
    name: name ?? UNKNOWN,
    runLabel: jobLabel(id, "auto", RUN_LABEL_LENGTHS[/^workflow-\d+$/.test(id) ? "millis" : "other"]),
    elapsedSeconds: elapsedSeconds(startedAtSeconds, nowSeconds),
    // Runs of MapReduce have no steps that anything tells of.
    stepsDone: stepsDone === 0 && totalSteps === null ? null : stepsDone,
    stepsTotal: totalSteps,
  };
}

function describeJob(job: Job, nowSeconds: number): JobProgress {
  return {
    // Beyond the budget jobs share a label in metrics; a person still wants to tell them apart.
    label: job.label === OTHER ? jobLabel(job.jobId, "auto", RUN_LABEL_LENGTHS.other) : job.label,
    elapsedSeconds: elapsedSeconds(job.startedAtSeconds, nowSeconds),
    total: job.totalItems,
    done: job.agentsSucceeded,
    failed: job.agentsFailed,
    dlq: job.dlqItems,
    agentsRunning: job.agentsRunning,
  };
}

function elapsedSeconds(sinceSeconds: number | null, nowSeconds: number): number | null {
  return sinceSeconds === null ? null : Math.max(0, nowSeconds - sinceSeconds);
}

interface Elapsed {
  readonly elapsedSeconds: number | null;
}

function longestFirst(a: Elapsed, b: Elapsed): number {
  return (b.elapsedSeconds ?? 0) - (a.elapsedSeconds ?? 0);
}

function rejectedLines({ ledger }: Metrics, source: string): number {
  return ledger.family("prodigy_exporter_lines_rejected_total").series()
    .filter(({ labels }) => labels[0] === source)
    .reduce((sum, { amount }) => sum + amount.value, 0);
}

function usageToday({ dayBook }: Metrics, nowSeconds: number): Usage | null {
  const counts = dayBook.today.at(nowSeconds, nowSeconds);
  if (counts === null) return null;
  const { inputTokens, outputTokens, cacheTokens, costUsd } = counts;
  if (inputTokens + outputTokens + cacheTokens === 0) return null;
  const unpricedModels = dayBook.today.unpricedModels();
  return { inputTokens, outputTokens, cacheTokens, costUsd, unpricedModels, pricesOf: PRICE_TABLE_DATE };
}
