import { run } from "./run.ts";

/** The commit a build is of. */
export interface Revision {
  /** Twelve hexadecimal digits, with "-dirty" when files were changed since; "unknown" outside a repository. */
  readonly commit: string;
  /** The commit's day in UTC, not the build's, so that the same source gives the same bytes; or "unknown". */
  readonly date: string;
}

/** What is known without a repository, as in an unpacked archive. */
export interface GivenRevision {
  readonly commit: string | undefined;
  /** Unix seconds, by the convention of reproducible builds. */
  readonly sourceDateEpoch: string | undefined;
}

/** What was given, else what git tells. */
export async function readRevision(root: string, given: GivenRevision): Promise<Revision> {
  const head = await run("git", ["log", "-1", "--format=%H %ct"], { cwd: root });
  const [commit, seconds] = head.code === 0 && head.stdout !== "" ? head.stdout.trim().split(" ") : [];
  const date = dayOf(given.sourceDateEpoch || seconds);
  // Build arguments that were not given are empty.
  if (given.commit) return { commit: given.commit, date };
  if (commit === undefined) return { commit: "unknown", date };
  const changed = await run("git", ["status", "--porcelain", "--untracked-files=no"], { cwd: root });
  return { commit: `${commit.slice(0, 12)}${changed.stdout === "" ? "" : "-dirty"}`, date };
}

function dayOf(seconds: string | undefined): string {
  return seconds === undefined || !/^\d{1,10}$/.test(seconds)
    ? "unknown"
    : new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
}
