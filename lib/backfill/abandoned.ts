import type { Job } from "../metrics/work/job.ts";
import type { OpenWork } from "../metrics/work/open_work.ts";
import type { Run } from "../metrics/work/runs.ts";
import { abandoned } from "../metrics/work/upkeep.ts";
import type { RecordTimes } from "./record_times.ts";
import type { TimedRecord } from "./spool.ts";

/**
 * The ends that nothing tells: runs and jobs still open after all was read, given up when they had not moved for the
 * idle limit. Found afterwards, since in between nobody knows whether they will move again.
 */
export function abandonedWork(
  work: OpenWork,
  times: RecordTimes,
  options: { readonly idleLimitSeconds: number; readonly endSeconds: number },
): readonly TimedRecord[] {
  const open = [
    ...[...work.jobs.all()].filter((job) => job.running && job.shown)
      .map((job) => ({ movedAt: movedAtSeconds(job, times, job.session ?? job.jobId), of: [job.session, job.jobId] })),
    ...[...work.runs.all()].filter((run) => run.active)
      .map((run) => ({ movedAt: movedAtSeconds(run, times, run.id), of: [run.id, null] })),
  ];
  return open.flatMap(({ movedAt, of: [runId = null, jobId = null] }) => {
    const atSeconds = movedAt === null ? Infinity : movedAt + options.idleLimitSeconds;
    return atSeconds < options.endSeconds ? [{ atSeconds, record: abandoned(runId, jobId) }] : [];
  });
}

function movedAtSeconds(work: Job | Run, times: RecordTimes, key: string): number | null {
  return work.movedAtSeconds > 0 ? work.movedAtSeconds : times.lastSecondsOf(key);
}
