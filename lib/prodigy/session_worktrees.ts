import type { ChangedFiles, Listing } from "./changed_files.ts";
import { parseAgentName } from "./worktrees.ts";

/** Agents' worktrees lie under the id of their MapReduce session, where no session's worktree is. */
const MAPREDUCE_SESSION = /^session-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface Repository {
  readonly listing: Listing;
  readonly sessionIds: readonly string[];
}

/**
 * The worktrees of runs on disk: `worktrees/<repo>/.metadata/<session>.json`. Prodigy has no pool at run time, so
 * their number is what the pool's size is taken for.
 */
export class SessionWorktrees {
  readonly #files: ChangedFiles;
  readonly #directory: string;
  #repositories = new Map<string, Repository>();
  #paths: ReadonlyMap<string, string> = new Map();

  /** @param directory `~/.prodigy/worktrees` */
  constructor(files: ChangedFiles, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** Looks again; `count` is `null` when that cannot be known. */
  look(): { readonly count: number | null; pathOf(sessionId: string): string | undefined } {
    const root = this.#files.listKept(this.#directory);
    if (root === "unreadable") return { count: null, pathOf: () => undefined };
    const next = new Map<string, Repository>();
    for (const name of root === "absent" ? [] : root.directories) {
      if (MAPREDUCE_SESSION.test(name)) continue;
      const listing = this.#files.listKept(`${this.#directory}/${name}/.metadata`);
      const known = this.#repositories.get(name);
      if (typeof listing === "string") {
        if (listing === "unreadable" && known !== undefined) next.set(name, known);
        continue;
      }
      next.set(name, known?.listing === listing ? known : { listing, sessionIds: sessionIdsOf(listing) });
    }
    if (!isSame(next, this.#repositories)) {
      const paths = new Map<string, string>();
      for (const [name, { sessionIds }] of next) {
        for (const id of sessionIds) paths.set(id, `${this.#directory}/${name}/.metadata/${id}.json`);
      }
      this.#paths = paths;
      this.#repositories = next;
    }
    const paths = this.#paths;
    return { count: paths.size, pathOf: (sessionId) => paths.get(sessionId) };
  }
}

function isSame(one: ReadonlyMap<string, Repository>, other: ReadonlyMap<string, Repository>): boolean {
  return one.size === other.size && [...one].every(([name, repository]) => other.get(name) === repository);
}

function sessionIdsOf(listing: Listing): readonly string[] {
  return listing.files.flatMap((file) => {
    if (!file.endsWith(".json")) return [];
    const name = file.slice(0, -".json".length);
    return parseAgentName(name) === null ? [name] : [];
  });
}
