/**
 * Names of event files. Prodigy writes `events-X.jsonl` and renames it to `events-X.jsonl.bak` and then to
 * `events-X.<time>.jsonl.gz`, which is plain text; log rotators make `X.jsonl.1`, `X.jsonl-20261124` and `X.jsonl.2.gz`.
 */
const EVENT_FILE = /^(?<stem>.+?)(?:\.(?<prodigyTime>\d{8}_\d{6}))?\.jsonl(?:[.-](?<rotation>\d[\d._-]*?))?(?:\.gz)?$/;

/** A name under which a file may be on its way from one event file name to another: worth a look at its identity. */
export function isPassingName(name: string): boolean {
  return name.includes(".jsonl");
}

export function isEventFileName(name: string): boolean {
  return EVENT_FILE.test(name);
}

/** Whether the name is one that rotation gives, and not the one the writer writes to. */
export function isRotatedName(name: string): boolean {
  return isEventFileName(name) && !name.endsWith(".jsonl");
}

/** What the names (or paths) of one event file and of its rotated parts have in common. */
export function rotationStem(name: string): string {
  return EVENT_FILE.exec(name)?.groups?.["stem"] ?? name;
}

/**
 * Orders paths so that lines come in the order they were written: by directory, by stem, and within one stem the oldest
 * part first (times ascend, rotation counters descend, the file being written comes last).
 */
export function compareEventPaths(a: string, b: string): number {
  const [left, right] = [ageOf(a), ageOf(b)];
  return compare(left.family, right.family) || right.counter - left.counter || compare(left.time, right.time) ||
    compare(a, b);
}

interface Age {
  readonly family: string;
  readonly counter: number;
  /** The file being written has "~", which sorts behind every digit; a rotated one without a time has "". */
  readonly time: string;
}

/** More digits than a rotation counter has make a date (`X.jsonl-20261124`). */
const COUNTER_MAX_DIGITS = 5;

function ageOf(path: string): Age {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  const groups = EVENT_FILE.exec(name)?.groups;
  const family = path.slice(0, slash + 1) + (groups?.["stem"] ?? name);
  const rotation = groups?.["rotation"];
  if (rotation !== undefined && rotation.length <= COUNTER_MAX_DIGITS) {
    return { family, counter: Number.parseInt(rotation, 10), time: "" };
  }
  return { family, counter: 0, time: rotation ?? groups?.["prodigyTime"] ?? (name.endsWith(".jsonl") ? "~" : "") };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const SESSION_ID = /^(?:session-[0-9a-f-]{36}|workflow-\d+)$/;

/**
 * The Prodigy session a path tells, or `null`. `relativePath` is below the events directory or the state directory.
 *
 * - `events/session-<uuid>/mapreduce-<time>/…`: that session's MapReduce job.
 * - `events/<repo>/session-<uuid>/…`: `null`; Prodigy makes this uuid up for the file and never uses it again.
 * - `state/<session>/mapreduce/…`: that session; older versions have a repository's name there, which is no session.
 */
export function runIdOfPath(root: "events" | "state", relativePath: string): string | null {
  const [first, second] = relativePath.split("/");
  if (first === undefined || second === undefined || !SESSION_ID.test(first)) return null;
  const isJob = root === "events" ? second.startsWith("mapreduce-") : second === "mapreduce";
  return isJob ? first : null;
}

/**
 * The repository a path tells, or `null`: the first directory of `events/<repo>/<job>/…` and `state/<repo>/mapreduce/…`,
 * where that is no session's and no job's.
 */
export function repositoryOfPath(relativePath: string): string | null {
  const [first, second] = relativePath.split("/");
  if (first === undefined || second === undefined || isEventFileName(second)) return null;
  return SESSION_ID.test(first) || first.startsWith("mapreduce-") ? null : first;
}
