import { parseTimestampSeconds } from "../../event/timestamp.ts";
import type { Job } from "./job.ts";
import type { Run } from "./runs.ts";

/** When a job or run last moved, Unix seconds; 0 when that is not known. */
export function movedAtSeconds(work: Job | Run): number {
  const inHistory = work.lastTimestamp === null ? null : parseTimestampSeconds(work.lastTimestamp);
  return Math.max(work.movedAtSeconds, inHistory ?? 0);
}
