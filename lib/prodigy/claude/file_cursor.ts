import type { Place } from "./place.ts";
import { readPlace } from "./session_accounts.ts";

/** How far a file was read, and what its lines so far say about the next ones. */
export interface FileCursor {
  offset: number;
  device: number;
  inode: number;
  /** The offset lies inside a line that is too long and being skipped. */
  isInside: boolean;
  /** Where the last line with a working directory stood. */
  place: Place | null;
}

/** A short form, as there is one for each file in every snapshot. */
export function saveCursor({ offset, device, inode, isInside, place }: FileCursor): unknown {
  const position = [offset, device, inode, isInside];
  return place === null ? position : [...position, place.runId, place.jobId, place.agentId];
}

/** @throws {TypeError} when `state` is not what `saveCursor` gave. */
export function loadCursor(state: unknown): FileCursor {
  const [offset, device, inode, isInside, ...ids]: readonly unknown[] = Array.isArray(state) ? state : [];
  if (
    typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0 || typeof device !== "number" ||
    typeof inode !== "number" || typeof isInside !== "boolean"
  ) throw new TypeError("Cannot load a file's position as its fields must be as saved");
  const [runId, jobId, agentId] = ids;
  return { offset, device, inode, isInside, place: readPlace(ids.length === 0 ? null : { runId, jobId, agentId }) };
}
