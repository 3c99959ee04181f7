import { LISTING_MAX_AGE_MS } from "../changed_files.ts";
import { Turns } from "./turns.ts";

/** A regular file as last seen. */
export interface SeenFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly device: number;
  readonly inode: number;
}

interface SeenDirectory {
  readonly depth: number;
  mtimeMs: number;
  listedAtMs: number;
  /** Since when one of its files was seen to move. */
  movedAtMs: number;
  /** Links, FIFOs and the like in its listing. */
  notFiles: number;
}

/** What moved within this time is hot: it is most likely to move again, so it is looked at first. */
const HOT_MS = 2 * 60_000;
/** A listing is trusted only when the directory's time stamp was older: stamps are as coarse as a timer tick. */
const SETTLED_MS = 2_000;
/** System calls between two moments at which the poll can be interrupted: some milliseconds at most. */
const CALLS_PER_SLICE = 50;
/** Sub-agents' files are three levels down: `<project>/<session>/subagents/`. */
const MAX_DEPTH = 6;
/** Prodigy never deletes its streams: memory must have an end nevertheless. */
const MAX_ENTRIES = 200_000;

/**
 * Finds what moved among the `.jsonl` files below a directory, at a cost that depends on what is in motion rather than
 * on what is there: directories are listed again only when their time stamp moved. Only the root may be a symbolic
 * link; below it, links, FIFOs and sockets are left alone.
 */
export class TreePoll {
  readonly #root: string;
  readonly #directories = new Map<string, SeenDirectory>();
  readonly #files = new Map<string, SeenFile>();
  /** Kept from poll to poll: whoever reads them may be interrupted. */
  readonly #moved = new Map<string, SeenFile>();
  readonly #unreadable = new Set<string>();
  #notFiles = 0;
  readonly #directoryTurns = new Turns();
  readonly #fileTurns = new Turns();

  constructor(root: string) {
    this.#root = root;
  }

  /** Looks for what moved; yields whenever it can be interrupted. */
  *poll(nowMs: number): Iterable<undefined> {
    let calls = 0;
    if (!this.#directories.has(this.#root)) this.#directories.set(this.#root, freshDirectory(0));
    // A Map also walks over what is added meanwhile, so that new directories are listed in the same poll.
    const isHotDirectory = ({ mtimeMs, movedAtMs }: SeenDirectory): boolean =>
      nowMs - Math.max(mtimeMs, movedAtMs) < HOT_MS;
    this.#directoryTurns.begin(countOf(this.#directories, isHotDirectory), this.#directories.size);
    for (const [path, directory] of this.#directories) {
      const isNew = directory.listedAtMs === -Infinity;
      if (!this.#directoryTurns.isDue(isHotDirectory(directory)) && !isNew && directory.depth > 0) continue;
      this.#visitDirectory(path, directory, nowMs);
      if (++calls % CALLS_PER_SLICE === 0) yield undefined;
    }
    const isHotFile = ({ mtimeMs }: SeenFile): boolean => nowMs - mtimeMs < HOT_MS;
    this.#fileTurns.begin(countOf(this.#files, isHotFile), this.#files.size);
    for (const [path, before] of this.#files) {
      const isNew = before.mtimeMs === UNSEEN;
      if (!this.#fileTurns.isDue(isHotFile(before)) && !isNew) continue;
      const now = this.#visitFile(before);
      if (now === null) {
        this.#files.delete(path);
        this.#moved.delete(path);
        this.#unreadable.delete(path);
      } else if (hasMoved(before, now)) {
        this.#files.set(path, now);
        this.#touchParent(path, nowMs);
        this.#moved.set(path, now);
      }
      if (++calls % CALLS_PER_SLICE === 0) yield undefined;
    }
  }

  /** New, grown, cut and replaced files that are not `done`, the one that rests longest first. */
  moved(): readonly SeenFile[] {
    return [...this.#moved.values()].sort((a, b) => a.mtimeMs - b.mtimeMs);
  }

  /** Takes a file off the moved ones, as it was read as it was then. */
  done(file: SeenFile): void {
    if (this.#moved.get(file.path) === file) this.#moved.delete(file.path);
    this.#unreadable.delete(file.path);
  }

  /** Keeps a file among the moved ones, as it could not be read. */
  failed(file: SeenFile): void {
    if (this.#files.has(file.path)) this.#unreadable.add(file.path);
  }

  /** Files and directories that cannot be read now. */
  get unreadable(): ReadonlySet<string> {
    return this.#unreadable;
  }

  /** Links, FIFOs and the like. */
  get notFiles(): number {
    return this.#notFiles;
  }

  /** Whether a file that `find` does not know may be there nevertheless: below what is unreadable or not mounted now. */
  isHidden(path: string): boolean {
    if (!this.#directories.has(this.#root)) return true;
    for (const unreadable of this.#unreadable) {
      if (path.startsWith(`${unreadable}/`)) return true;
    }
    return false;
  }

  /** What is known of a file; `undefined` when there is none. */
  find(path: string): SeenFile | undefined {
    return this.#files.get(path);
  }

  #visitDirectory(path: string, directory: SeenDirectory, nowMs: number): void {
    try {
      const info = directory.depth === 0 ? Deno.statSync(path) : Deno.lstatSync(path);
      if (!info.isDirectory) throw new Deno.errors.NotFound("not a directory");
      const mtimeMs = info.mtime?.getTime() ?? nowMs;
      const isSettled = mtimeMs === directory.mtimeMs && directory.listedAtMs - mtimeMs > SETTLED_MS &&
        Math.abs(nowMs - directory.listedAtMs) < LISTING_MAX_AGE_MS;
      if (isSettled) return;
      directory.mtimeMs = mtimeMs;
      this.#setNotFiles(directory, this.#list(path, directory.depth));
      directory.listedAtMs = nowMs;
      this.#unreadable.delete(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) {
        this.#setNotFiles(directory, 0);
        this.#directories.delete(path);
        this.#unreadable.delete(path);
      } else if (isFileSystemError(error)) {
        directory.listedAtMs = nowMs;
        directory.mtimeMs = -1;
        this.#unreadable.add(path);
      } else throw error;
    }
  }

  #setNotFiles(directory: SeenDirectory, count: number): void {
    this.#notFiles += count - directory.notFiles;
    directory.notFiles = count;
  }

  /** @returns how many of its entries are neither files nor directories. */
  #list(path: string, depth: number): number {
    let notFiles = 0;
    for (const entry of Deno.readDirSync(path)) {
      const child = `${path}/${entry.name}`;
      if (!entry.isFile && !entry.isDirectory) notFiles++;
      if (this.#directories.size + this.#files.size >= MAX_ENTRIES) return notFiles;
      if (entry.isDirectory) {
        if (depth < MAX_DEPTH && !this.#directories.has(child)) this.#directories.set(child, freshDirectory(depth + 1));
      } else if (entry.isFile && entry.name.endsWith(".jsonl") && !this.#files.has(child)) {
        this.#files.set(child, { path: child, sizeBytes: 0, mtimeMs: UNSEEN, device: 0, inode: 0 });
      }
    }
    return notFiles;
  }

  /** @returns `null` when it is no file any more. */
  #visitFile(before: SeenFile): SeenFile | null {
    try {
      const info = Deno.lstatSync(before.path);
      if (!info.isFile) return null;
      if (!this.#moved.has(before.path)) this.#unreadable.delete(before.path);
      return {
        path: before.path,
        sizeBytes: info.size,
        // NaN of a time that no Date holds.
        mtimeMs: info.mtime?.getTime() || 0,
        device: info.dev,
        inode: info.ino ?? 0,
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      // Hidden for now, as by its directory's mode; forgetting it would count it again later.
      if (!isFileSystemError(error)) throw error;
      this.#unreadable.add(before.path);
      return before;
    }
  }

  #touchParent(path: string, nowMs: number): void {
    const parent = this.#directories.get(path.slice(0, path.lastIndexOf("/")));
    if (parent !== undefined) parent.movedAtMs = nowMs;
  }
}

const UNSEEN = -1;

function freshDirectory(depth: number): SeenDirectory {
  return { depth, mtimeMs: -1, listedAtMs: -Infinity, movedAtMs: -Infinity, notFiles: 0 };
}

function countOf<T>(entries: ReadonlyMap<string, T>, isCounted: (entry: T) => boolean): number {
  let count = 0;
  for (const entry of entries.values()) count += isCounted(entry) ? 1 : 0;
  return count;
}

function hasMoved(before: SeenFile, now: SeenFile): boolean {
  return before.mtimeMs !== now.mtimeMs || before.sizeBytes !== now.sizeBytes || before.inode !== now.inode ||
    before.device !== now.device;
}

/** Whether the operating system refused something, as opposed to a mistake of this program. */
export function isFileSystemError(error: unknown): error is Error {
  return error instanceof Error && (error.name in Deno.errors || "code" in error);
}
