import { type Fingerprint, sameFingerprint } from "./fingerprint.ts";

/**
 * What can happen to a file that is being read, and what the reader does about it.
 *
 * | accident | who does it | how it is known | what is done | lost by nature |
 * |---|---|---|---|---|
 * | growth | the writer | size | read on | |
 * | rename rotation | logrotate, Prodigy (`.jsonl` -> `.bak` -> plain-text `.jsonl.gz`) | the identity has another path | read on in the same file to its end; what has the old path is a new file | |
 * | replacement | retention (writes a new file, renames it over) | the path has another identity | old file to its end by its handle, new file from 0; repeated lines are known by their event ids | |
 * | deletion | `prodigy clean` | no path has the identity | read by the open handle to its end | what nobody had opened |
 * | deletion, inode used again | the file system | other birth time; without one, other content | the new file from 0 | as for deletion |
 * | truncation in place | `> file` | size below the place read to | from 0 | what was not yet read |
 * | copytruncate | logrotate's option of that name | as truncation; or, when the file has grown past the old place meanwhile, other content | from 0 | what came between the last look and the truncation, unless the copy is within the tree |
 *
 * Two files with equal heads are two files: content alone never makes two files one. It only tells whether *the same*
 * inode still holds what was read from it. When a file is truncated and then grows past the old place with the same
 * first and last 256 bytes up to there, nothing can tell it from growth; event lines carry an id, which rules that out.
 */

/** Device and inode, and the time of birth where the file system knows it: an inode is given out again. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  readonly birthMs: number | null;
}

export function identityKey(identity: FileIdentity): string {
  return `${identity.dev}:${identity.ino}:${identity.birthMs ?? "-"}`;
}

export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.birthMs === b.birthMs;
}

export type PlaceDecision =
  /** The path still leads to the file. */
  | "in_place"
  /** Another path leads to it. */
  | "renamed"
  /** The path leads to another file, and no known path to this one. */
  | "replaced"
  /** No path leads to it. */
  | "vanished";

/** @param seen the identity now found at the known path, and whether another path was found that has the known one */
export function decidePlace(
  known: FileIdentity,
  seen: { readonly atPath: FileIdentity | null; readonly elsewhere: boolean },
): PlaceDecision {
  if (seen.atPath !== null && isSameFile(seen.atPath, known)) return "in_place";
  if (seen.elsewhere) return "renamed";
  return seen.atPath === null ? "vanished" : "replaced";
}

/** What was read of a file. */
export interface ReadContent {
  /** End of the last whole line. */
  readonly offsetBytes: number;
  /** End of everything read: `offsetBytes`, or more when the last line is not finished. */
  readonly positionBytes: number;
  /** The first bytes of the file, at most as many as `offsetBytes`. */
  readonly head: Fingerprint;
  /** The bytes just before `offsetBytes`. */
  readonly beforeOffset: Fingerprint;
  /** The bytes just before `positionBytes`. */
  readonly beforePosition: Fingerprint;
}

/** What the file holds now at the same three places; fewer bytes where it has become shorter. */
export interface SeenContent {
  readonly sizeBytes: number;
  readonly head: Fingerprint;
  readonly beforeOffset: Fingerprint;
  readonly beforePosition: Fingerprint;
}

export type ContentDecision =
  /** Nothing to read. */
  | "unchanged"
  /** Read on. */
  | "grown"
  /** The whole lines are still there, the unfinished one after them is not: read on from `offsetBytes`. */
  | "partial_line_lost"
  /** The file is shorter than what was read of it: from 0. */
  | "truncated"
  /** The file is long enough but holds something else (truncated and grown again, or another file): from 0. */
  | "rewritten";

/**
 * A file that was only shortened may still begin with lines that were counted. It is read from 0 all the same, because
 * it may as well hold new lines that look like the old ones: repeated events are recognised by their ids, lost ones are
 * not.
 */
export function decideContent(known: ReadContent, seen: SeenContent): ContentDecision {
  if (seen.sizeBytes < known.offsetBytes) return "truncated";
  if (!sameFingerprint(known.head, seen.head)) return "rewritten";
  if (!sameFingerprint(known.beforeOffset, seen.beforeOffset)) return "rewritten";
  if (seen.sizeBytes < known.positionBytes) return "partial_line_lost";
  if (!sameFingerprint(known.beforePosition, seen.beforePosition)) return "partial_line_lost";
  return seen.sizeBytes === known.positionBytes ? "unchanged" : "grown";
}
