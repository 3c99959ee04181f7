import type { Job } from "../metrics/work/job.ts";
import { abandoned, type OpenWork } from "../metrics/work/open_work.ts";
import type { Run } from "../metrics/work/runs.ts";
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
    ...[...work.jobs.all()].filter((job) => job.running && job.shown).map((job) => ({
      movedAt: movedAtSeconds(job, times, job.session ?? job.jobId),
      record: abandoned(job.session, job.jobId, job.repository),
    })),
    ...[...work.runs.all()].filter((run) => run.active)
      .map((run) => ({ movedAt: movedAtSeconds(run, times, run.id), record: abandoned(run.id, null) })),
  ];
  return open.flatMap(({ movedAt, record }) => {
    const atSeconds = movedAt === null ? Infinity : movedAt + options.idleLimitSeconds;
    return atSeconds < options.endSeconds ? [{ atSeconds, record }] : [];
  });
}

function movedAtSeconds(work: Job | Run, times: RecordTimes, key: string): number | null {
  return work.movedAtSeconds > 0 ? work.movedAtSeconds : times.lastSecondsOf(key);
}
