import { run } from "./run.ts";

/** The commit a build is of. */
export interface Revision {
  /** Twelve hexadecimal digits, with "-dirty" when files were changed since; "unknown" outside a repository. */
  readonly commit: string;
  /** The commit's day in UTC, not the build's, so that the same source gives the same bytes; or "unknown". */
  readonly date: string;
}

/** Reads it from git, else the date from SOURCE_DATE_EPOCH, as of an unpacked archive. */
export async function readRevision(root: string, sourceDateEpoch: string | undefined): Promise<Revision> {
  const head = await run("git", ["log", "-1", "--format=%H %ct"], { cwd: root });
  const [commit, seconds] = head.code === 0 ? head.stdout.trim().split(" ") : [undefined, sourceDateEpoch];
  const date = seconds === undefined ? "unknown" : new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
  if (commit === undefined) return { commit: "unknown", date };
  const changed = await run("git", ["status", "--porcelain", "--untracked-files=no"], { cwd: root });
  return { commit: `${commit.slice(0, 12)}${changed.stdout === "" ? "" : "-dirty"}`, date };
}
