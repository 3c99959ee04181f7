/** What the working directory of a Claude session tells about the Prodigy run it belongs to. */
export interface Place {
  /** Prodigy's session id. */
  readonly runId: string | null;
  readonly jobId: string | null;
  readonly agentId: string | null;
}

/** In the path of every Prodigy worktree, wherever its home is (Prodigy 0.4.4 has no option for this part). */
export const WORKTREES = "/.prodigy/worktrees/";
const AGENT_PREFIX = "mapreduce-agent-";
const RUN_ID = /^(?:workflow|session)-/;
const MAX_ID_LENGTH = 200;

/**
 * Reads a working directory: `…/.prodigy/worktrees/<repo>/<run>` for a run's own worktree,
 * `…/.prodigy/worktrees/<run>/mapreduce-agent-<job>_agent_<n>` for an agent's, or any directory below.
 *
 * @returns `null` when it is not in a Prodigy worktree.
 */
export function parsePlace(cwd: string): Place | null {
  const start = `${cwd}/`.indexOf(WORKTREES);
  if (start === -1) return null;
  const [parent = "", worktree = ""] = cwd.slice(start + WORKTREES.length).split("/", 2);
  if (worktree.startsWith(AGENT_PREFIX)) {
    const agentId = worktree.slice(AGENT_PREFIX.length);
    const jobEnd = agentId.lastIndexOf("_agent_");
    return { runId: idOf(parent), jobId: jobEnd > 0 ? idOf(agentId.slice(0, jobEnd)) : null, agentId: idOf(agentId) };
  }
  const runId = !RUN_ID.test(worktree) && RUN_ID.test(parent) ? parent : worktree;
  return { runId: idOf(runId), jobId: null, agentId: null };
}

function idOf(part: string): string | null {
  return part === "" || part.length > MAX_ID_LENGTH ? null : part;
}
