import type { Job } from "../metrics/work/job.ts";

export interface JobVisibilityOptions {
  readonly finishedHoldSeconds: number;
  readonly dlqHoldSeconds: number;
}

/** These stay while items lie in the dead letter queue. */
const DLQ_METRICS: ReadonlySet<string> = new Set(["prodigy_mapreduce_dlq_items", "prodigy_mapreduce_job_info"]);

/**
 * Which series of finished jobs the past showed, by their label: as a running exporter that is scraped. They are hidden
 * rather than removed, since a job resumed later must go on counting where it stood.
 *
 * @returns whether a metric shows this job.
 */
export function jobsShownAt(
  jobs: Iterable<Job>,
  atSeconds: number,
  options: JobVisibilityOptions,
): (label: string, metric: string) => boolean {
  const hidden = new Map<string, "all" | "all but dlq">();
  for (const job of jobs) {
    if (job.running || atSeconds - job.endHeardSeconds < options.finishedHoldSeconds) continue;
    hidden.set(job.label, keepsDlq(job, atSeconds, options) ? "all but dlq" : "all");
  }
  return (label, metric) => {
    const what = hidden.get(label);
    return what === undefined || (what === "all but dlq" && DLQ_METRICS.has(metric));
  };
}

function keepsDlq(job: Job, atSeconds: number, { dlqHoldSeconds }: JobVisibilityOptions): boolean {
  if (job.dlqItems === 0) return false;
  return atSeconds - Math.max(job.movedAtSeconds, job.endHeardSeconds) < dlqHoldSeconds;
}
