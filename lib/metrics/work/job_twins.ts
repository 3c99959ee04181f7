const TIMED_ID = /^(.*-)(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/;

/**
 * The ids the same job may go by: Prodigy 0.4.4 makes a job's id from the time twice (executor.rs:125, mapreduce/mod.rs:250),
 * and a second may begin in between.
 *
 * @returns none for an id that is no time
 */
export function twinIds(jobId: string): readonly string[] {
  const match = TIMED_ID.exec(jobId);
  if (match === null) return [];
  const [, prefix = "", ...digits] = match;
  const [year = 0, month = 1, day = 0, hour = 0, minute = 0, second = 0] = digits.map(Number);
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second);
  // A calendar is all that is asked of UTC here: Prodigy writes local time.
  return [-1000, 1000].map((byMs) => prefix + timeInId(new Date(atMs + byMs)));
}

/** `20261124_000454` */
function timeInId(at: Date): string {
  return at.toISOString().replaceAll(/[-:]|\..*/g, "").replace("T", "_");
}
