import { isEventFileName, isPassingName } from "./event_file_name.ts";

/** A directory tree to look for event files in. */
export interface TailRoot {
  readonly kind: "events" | "state";
  readonly directory: string;
}

/** A regular file seen in a tree. */
export interface FoundFile {
  readonly root: TailRoot["kind"];
  readonly path: string;
  /** Path below the root's directory. */
  readonly relativePath: string;
  readonly info: Deno.FileInfo;
  /** `false`: its name is not one of an event file; of interest only when the file is known already. */
  readonly isEventFile: boolean;
}

/** Deeper than anything Prodigy makes, and an end to trees that some tool let run wild. */
const MAX_DEPTH = 12;
/**
 * A directory's modification time has the resolution of a kernel tick (4-10 ms), of some seconds on old file systems. A
 * listing made that soon after a change may have missed a second change with the same time, so it is made again.
 */
const SETTLED_AFTER_MS = 3_000;
/**
 * Of the directories without subdirectories, one in so many is visited per pass once nothing has changed in it for an
 * hour: nearly all directories are those of runs long finished.
 */
const QUIET_EVERY_PASSES = 4;
const QUIET_AFTER_MS = 3_600_000;
/** Where there are more, that is true of those which changed a moment ago as well, and about so many are visited. */
const MANY_DIRECTORIES = 500;
const QUIET_AMONG_MANY_AFTER_MS = 10_000;
/** Every so many passes all directories are listed: some network file systems do not tell their changes reliably. */
const LIST_ALL_EVERY_PASSES = 60;

interface ScannedDirectory {
  readonly root: TailRoot;
  readonly depth: number;
  /** `null`: to be listed at the next visit. */
  listedMtimeMs: number | null;
  subdirectories: readonly string[];
  /** Of its entries with an event file's name: links out of the tree, FIFOs and the like. */
  notFiles: number;
  /** The last pass in which it was seen to be there. */
  seenInPass: number;
  /** Different for each, to spread the visits of quiet directories over the passes. */
  readonly number: number;
}

/**
 * Walks the trees again and again, a slice per call. A visit costs one stat; only a directory whose modification time
 * has changed is listed, and each of its files is looked at then. Polling, because `Deno.watchFs` misses files in
 * quickly made folders.
 *
 * Symbolic links to directories are never followed: what is within the tree is found by its own path, and loops cannot
 * occur. FIFOs, sockets and devices are left out by their type, before anything opens them.
 */
export class DirectoryScan {
  readonly #roots: readonly TailRoot[];
  readonly #wallClockMs: () => number;
  readonly #directories = new Map<string, ScannedDirectory>();
  readonly #problems = new Map<string, { readonly text: string; readonly passNumber: number }>();
  #queue: string[] = [];
  #passNumber = 0;
  #passesDone = 0;
  #isVisitAll = false;
  #notFiles = 0;

  /** @param wallClockMs the machine's time, to be compared with the file system's */
  constructor(roots: readonly TailRoot[], wallClockMs: () => number) {
    this.#roots = roots;
    this.#wallClockMs = wallClockMs;
  }

  /** Number of the pass that is under way or was the last. */
  get passNumber(): number {
    return this.#passNumber;
  }

  /** Number of the last pass that saw the whole tree. */
  get passesDone(): number {
    return this.#passesDone;
  }

  get directoryCount(): number {
    return this.#directories.size;
  }

  /** Links out of the trees, FIFOs and the like that are named as event files are. */
  get notFiles(): number {
    return this.#notFiles;
  }

  /** What cannot be read, one line each. */
  get problems(): readonly string[] {
    return [...this.#problems.values()].map(({ text }) => text);
  }

  /** Begins again at the roots. @param everything also visits directories that seem to be finished with */
  startPass(everything: boolean): void {
    this.#passNumber++;
    this.#isVisitAll = everything;
    this.#queue = [];
    for (const root of this.#roots) this.#enter(root.directory, root, 0);
  }

  /** Goes on with the pass; at most `maxDirectories` visits. */
  *advance(maxDirectories: number): Generator<FoundFile> {
    if (this.#passesDone === this.#passNumber) return;
    for (let visits = 0; visits < maxDirectories; visits++) {
      const path = this.#queue.pop();
      if (path === undefined) {
        this.#endPass();
        return;
      }
      yield* this.#visit(path);
    }
  }

  /** Lists one directory now, because something in it has moved. */
  *listAgain(path: string): Generator<FoundFile> {
    const directory = this.#directories.get(path);
    if (directory === undefined) return;
    directory.listedMtimeMs = null;
    yield* this.#visit(path);
  }

  #enter(path: string, root: TailRoot, depth: number): void {
    const known = this.#directories.get(path);
    // A directory may have been reached already: listAgain() can be quicker than the pass.
    if (known?.seenInPass === this.#passNumber) return;
    if (known === undefined) {
      const number = this.#directories.size;
      this.#directories.set(path, {
        root,
        depth,
        listedMtimeMs: null,
        subdirectories: [],
        notFiles: 0,
        seenInPass: this.#passNumber,
        number,
      });
    } else {
      known.seenInPass = this.#passNumber;
    }
    if (known === undefined || this.#isVisitDue(known)) this.#queue.push(path);
  }

  #isVisitDue({ depth, listedMtimeMs, subdirectories, number }: ScannedDirectory): boolean {
    if (this.#isVisitAll || this.#isListAll || depth === 0) return true;
    if (listedMtimeMs === null || subdirectories.length > 0) return true;
    const manyTimes = Math.ceil(this.#directories.size / MANY_DIRECTORIES);
    const quietAfterMs = manyTimes > 1 ? QUIET_AMONG_MANY_AFTER_MS : QUIET_AFTER_MS;
    return this.#wallClockMs() - listedMtimeMs < quietAfterMs ||
      (number + this.#passNumber) % Math.max(QUIET_EVERY_PASSES, manyTimes) === 0;
  }

  get #isListAll(): boolean {
    return this.#passNumber % LIST_ALL_EVERY_PASSES === 0;
  }

  #endPass(): void {
    this.#passesDone = this.#passNumber;
    for (const [path, directory] of this.#directories) {
      if (directory.seenInPass === this.#passNumber) continue;
      this.#directories.delete(path);
      this.#notFiles -= directory.notFiles;
    }
    for (const [path, { passNumber }] of this.#problems) {
      if (passNumber !== this.#passNumber) this.#problems.delete(path);
    }
  }

  *#visit(path: string): Generator<FoundFile> {
    const directory = this.#directories.get(path);
    if (directory === undefined) return;
    try {
      // The root may be a symbolic link; below it, only real directories are entered.
      const info = directory.depth === 0 ? Deno.statSync(path) : Deno.lstatSync(path);
      if (!info.isDirectory) throw new Deno.errors.NotADirectory(path);
      const mtimeMs = info.mtime?.getTime() ?? null;
      if (this.#isListAll || mtimeMs === null || mtimeMs !== directory.listedMtimeMs) {
        yield* this.#list(path, directory, mtimeMs);
      }
    } catch (error) {
      directory.listedMtimeMs = null;
      directory.subdirectories = [];
      this.#report(path, error);
    }
    for (const subdirectory of directory.subdirectories) {
      this.#enter(subdirectory, directory.root, directory.depth + 1);
    }
  }

  *#list(path: string, directory: ScannedDirectory, mtimeMs: number | null): Generator<FoundFile> {
    const entries = [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1);
    const isSettled = mtimeMs !== null && this.#wallClockMs() - mtimeMs > SETTLED_AFTER_MS;
    directory.listedMtimeMs = isSettled ? mtimeMs : null;
    directory.subdirectories = directory.depth >= MAX_DEPTH ? [] : entries
      .filter((entry) => entry.isDirectory && !isArchive(directory, entry.name))
      .map((entry) => `${path}/${entry.name}`);
    let notFiles = 0;
    for (const entry of entries) {
      if (entry.isDirectory || !isPassingName(entry.name)) continue;
      const found = this.#look(path, directory, entry);
      if (found !== null) yield found;
      else if (!entry.isFile) notFiles++;
    }
    this.#notFiles += notFiles - directory.notFiles;
    directory.notFiles = notFiles;
  }

  #look(path: string, directory: ScannedDirectory, entry: Deno.DirEntry): FoundFile | null {
    if (!entry.isFile && !entry.isSymlink) return null;
    const { root } = directory;
    const entryPath = `${path}/${entry.name}`;
    try {
      const filePath = entry.isSymlink ? targetWithin(root.directory, entryPath) : entryPath;
      if (filePath === null) return null;
      const info = Deno.lstatSync(filePath);
      if (!info.isFile) return null;
      const relativePath = filePath.slice(root.directory.length + 1);
      return { root: root.kind, path: filePath, relativePath, info, isEventFile: isEventFile(root, relativePath) };
    } catch (error) {
      directory.listedMtimeMs = null;
      this.#report(entryPath, error);
      return null;
    }
  }

  #report(path: string, error: unknown): void {
    // Not there (yet, or any more) is normal for every path here. A link that loops or leads nowhere is not a file.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.FilesystemLoop) return;
    if (!(error instanceof Error)) throw error;
    this.#problems.set(path, { text: `${path}: ${error.name}`, passNumber: this.#passNumber });
  }
}

/** Retention moves old events to `events/archive/`: every line there has been counted, or is too old to be. */
function isArchive({ root, depth }: ScannedDirectory, name: string): boolean {
  return root.kind === "events" && depth === 0 && name === "archive";
}

const JOB_EVENTS_PATH = /(?:^|\/)mapreduce\/jobs\/[^/]+\/events\/[^/]+$/;

/** The state tree holds much else; only a job's `events` folder has event files. */
function isEventFile(root: TailRoot, relativePath: string): boolean {
  const name = relativePath.slice(relativePath.lastIndexOf("/") + 1);
  return isEventFileName(name) && (root.kind === "events" || JOB_EVENTS_PATH.test(relativePath));
}

/** The real path behind a link, if it lies within the root. Written as a path below `rootDirectory`. */
function targetWithin(rootDirectory: string, link: string): string | null {
  const root = Deno.realPathSync(rootDirectory);
  const target = Deno.realPathSync(link);
  return target.startsWith(`${root}/`) ? rootDirectory + target.slice(root.length) : null;
}
