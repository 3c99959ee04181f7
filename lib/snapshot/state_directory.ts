/**
 * The directory that holds what must survive a restart, and the lock that keeps a second exporter out of it: two would
 * overwrite each other's offsets and count everything twice.
 */
export interface StateDirectory extends Disposable {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Path of a file in it. */
  file(name: string): string;
}

export type OpenedState =
  | {
    readonly kind: "open";
    readonly directory: StateDirectory;
    /** One line each for a person; `[]` when all is well. */
    readonly warnings: readonly string[];
  }
  /** Do not start: somebody else's, or not safe to use. */
  | { readonly kind: "refused"; readonly problem: string }
  /** No directory at all (cannot be made or entered): go on with state in memory only, health degraded. */
  | { readonly kind: "unavailable"; readonly problem: string; readonly cause: unknown };

/** Who the process is. */
export interface StateOwner {
  readonly pid: number;
  /** `null` when the system tells no user ids; ownership is not checked then. */
  readonly uid: number | null;
}

const OTHERS_MAY_WRITE = 0o002;
const LOCK_FILE = "lock";

/**
 * Opens or creates (mode 0700) the state directory and takes its lock, which ends with the process, however it ends.
 *
 * A directory on a full or read-only disk opens all the same, with a warning: what it holds must still be loaded.
 */
export function openStateDirectory(path: string, owner: StateOwner): OpenedState {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    const realPath = Deno.realPathSync(path);
    const info = Deno.statSync(realPath);
    if (((info.mode ?? 0) & OTHERS_MAY_WRITE) !== 0) {
      return refused(path, "every user of this machine may write there; take that right away (chmod o-w)");
    }
    const lock = takeLock(`${realPath}/${LOCK_FILE}`, owner.pid);
    if (lock.kind === "held") {
      const who = `another prodigy-exporter${lock.holder === "" ? "" : ` (process ${lock.holder})`}`;
      return refused(path, `${who} is using it; stop that one, or give this one another state.directory`);
    }
    const warnings = [...describeOwner(info, path, owner), ...lock.warnings];
    return { kind: "open", directory: createStateDirectory(realPath, lock.file), warnings };
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
      return refused(path, "it is not a directory");
    }
    return { kind: "unavailable", problem: `Cannot use the state directory ${path}`, cause: error };
  }
}

function createStateDirectory(path: string, lock: Deno.FsFile | null): StateDirectory {
  return {
    path,
    file: (name) => `${path}/${name}`,
    // The lock file stays: removing it would let a third exporter lock a new file while a second holds this one.
    [Symbol.dispose]: () => lock?.close(),
  };
}

type Lock =
  | { readonly kind: "taken"; readonly file: Deno.FsFile | null; readonly warnings: readonly string[] }
  | { readonly kind: "held"; readonly holder: string };

function takeLock(path: string, pid: number): Lock {
  const opened = openLockFile(path);
  if (opened.file === null) return { kind: "taken", file: null, warnings: [describeReadOnly(path, opened.cause)] };
  const { file, cause } = opened;
  try {
    if (!file.tryLockSync(true)) {
      const holder = readHolder(file);
      file.close();
      return { kind: "held", holder };
    }
    if (cause !== null) return { kind: "taken", file, warnings: [describeReadOnly(path, cause)] };
    return { kind: "taken", file, warnings: writeHolder(file, path, pid) };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** `cause` is why the file is open for reading only (which a lock can do with), or not at all. */
function openLockFile(path: string): { readonly file: Deno.FsFile | null; readonly cause: unknown } {
  try {
    return { file: Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 }), cause: null };
  } catch (cause) {
    try {
      return { file: Deno.openSync(path), cause };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return { file: null, cause };
      throw error;
    }
  }
}

/** The process id serves the message of a second exporter only, so a full disk costs no more than that. */
function writeHolder(file: Deno.FsFile, path: string, pid: number): readonly string[] {
  try {
    file.truncateSync(0);
    file.writeSync(new TextEncoder().encode(`${pid}\n`));
    return [];
  } catch (error) {
    return [describeReadOnly(path, error)];
  }
}

function readHolder(file: Deno.FsFile): string {
  const buffer = new Uint8Array(32);
  const length = file.readSync(buffer) ?? 0;
  return /^\d+/.exec(new TextDecoder().decode(buffer.subarray(0, length)))?.[0] ?? "";
}

function describeReadOnly(path: string, cause: unknown): string {
  return `Cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`;
}

function describeOwner(info: Deno.FileInfo, path: string, { uid }: StateOwner): readonly string[] {
  // Volumes that belong to root, or that root uses for somebody, are common in containers; so this is no refusal.
  if (uid === null || info.uid === null || info.uid === uid) return [];
  return [`The state directory ${path} belongs to user ${info.uid}, this process runs as user ${uid}`];
}

function refused(path: string, why: string): OpenedState {
  return { kind: "refused", problem: `Cannot use the state directory ${path}: ${why}` };
}
