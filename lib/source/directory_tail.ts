import { DirectoryScan } from "./directory_scan.ts";
import { compareEventPaths } from "./event_file_name.ts";
import { ReadBefore } from "./read_before.ts";
import { type Batch, pauseOf, type Source, type SourceHealth } from "./source.ts";
import { decidePlace } from "./tail_decision.ts";
import { parseTailState, type TailState } from "./tail_state.ts";
import { identityOf, type TailCounts, type TrackedFile } from "./tracked_file.ts";
import { type Encounter, lookAt, TrackedFiles } from "./tracked_files.ts";

export interface DirectoryTailOptions {
  /** Prodigy's events directory; all event files below it are read, except its `archive/`. */
  readonly eventsDirectory: string;
  /** Prodigy's state directory; event files of MapReduce jobs below it are read. */
  readonly stateDirectory: string;
  readonly lineMaxBytes: number;
  /** Read anew for every look. */
  readonly rescanIntervalMs: number;
  /** At the very first start, of files not modified for this long only what comes is read; `null`: all is read. */
  readonly ignoreOlderThanMs: number | null;
  /** The most recently active files are kept open; the others are watched by their paths. */
  readonly maxOpenFiles?: number;
  /** A deleted file is let go when nothing has been written to it for this long. */
  readonly goneQuietMs?: number;
  readonly maxTrackedFiles?: number;
  /** A real gzip file with more than this is not read. */
  readonly gzipMaxBytes?: number;
  /** Largest batch. */
  readonly chunkBytes?: number;
  /** The machine's time, to be compared with the file system's; it does not decide when something is due. */
  readonly wallClockMs?: () => number;
}

export interface DirectoryTailStats extends Readonly<TailCounts> {
  readonly trackedFiles: number;
  readonly openFiles: number;
  readonly directories: number;
}

export interface DirectoryTail extends Source {
  /** The next look goes to every path, as if all were due. */
  wake(): void;
  stats(): DirectoryTailStats;
}

/** Directories visited in a row once the tree is known: some 2 ms. */
const DIRECTORIES_A_SLICE = 400;
const SLICE_EVERY_MS = 200;
/** Longest that a look takes for what was not looked at before it. */
const MAX_SLICES = 5;
const CLOCK_STEP_MS = 1_000;
const CLOSE_WHEN_IDLE_MS = 300_000;
/** A file that was moved out of the trees may well be written on, unlike a deleted one. */
const MOVED_QUIET_FACTOR = 10;

/**
 * The file source: every event file of the two trees, now and later, each line once.
 *
 * A look asks first where the known files are (open files are asked by reading them, the others by a stat of their path
 * every second, or up to a minute when long idle or one of many), then goes on walking the trees, then reads what is
 * due: files it knows before new ones, so that a copy of a truncated file is known as such. Files are told apart by
 * identity, so a file may have any number of names between two looks; see tail_decision.ts for what can happen to a file.
 */
export function createDirectoryTail(options: DirectoryTailOptions): DirectoryTail {
  return new TreeTail(options);
}

class TreeTail implements DirectoryTail {
  readonly name = "files";
  readonly #options: Required<DirectoryTailOptions>;
  /** As it was given, because its value may change. */
  readonly #pace: Pick<DirectoryTailOptions, "rescanIntervalMs">;
  readonly #counts: TailCounts = { truncated: 0, renamed: 0, departed: 0, readErrors: 0 };
  readonly #readBefore = new ReadBefore();
  readonly #scan: DirectoryScan;
  readonly #files: TrackedFiles;
  /** Open files, the least recently active first. */
  readonly #open = new Set<TrackedFile>();
  /** The whole tree was seen once, in this run or an earlier one. */
  #treeSeen = false;
  #firstPassDone = false;
  #isWoken = true;
  #passBeganMs = -Infinity;
  #lookedAtMs = -Infinity;

  constructor(options: DirectoryTailOptions) {
    this.#pace = options;
    this.#options = {
      maxOpenFiles: 64,
      goneQuietMs: 60_000,
      maxTrackedFiles: 100_000,
      gzipMaxBytes: 256 * 1024 * 1024,
      chunkBytes: 128 * 1024,
      wallClockMs: Date.now,
      ...options,
    };
    this.#scan = new DirectoryScan([
      { kind: "events", directory: withoutFinalSlash(options.eventsDirectory) },
      { kind: "state", directory: withoutFinalSlash(options.stateDirectory) },
    ], this.#options.wallClockMs);
    this.#files = new TrackedFiles({
      ...this.#options,
      buffer: new Uint8Array(this.#options.chunkBytes),
      readBefore: this.#readBefore,
      counts: this.#counts,
    });
  }

  wake(): void {
    this.#isWoken = true;
  }

  *look(nowMs: number): Generator<Batch> {
    const sinceMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    // When the clock was put back, what is due by it would have to wait until then.
    const everything = this.#isWoken || sinceMs < -CLOCK_STEP_MS;
    this.#isWoken = false;
    this.#lookAtPaths(nowMs, everything);
    yield* this.#lookForFiles(nowMs, everything, sinceMs);
    yield* this.#readFiles(nowMs);
    yield* this.#letGo(nowMs);
    this.#closeIdle(nowMs);
  }

  health(): SourceHealth {
    let behindBytes = 0;
    const problems = [...this.#scan.problems];
    for (const file of this.#files.busy()) {
      behindBytes += file.behindBytes;
      if (file.problem !== null) problems.push(file.problem);
    }
    if (this.#files.isFull) {
      problems.unshift(`more than ${this.#options.maxTrackedFiles} event files: the rest is not read`);
    }
    const [first, ...others] = problems;
    const unread = { not_a_file: this.#scan.notFiles, unreadable: problems.length };
    if (first === undefined) return { behindBytes, problem: null, unread };
    return { behindBytes, problem: others.length === 0 ? first : `${first} (and ${others.length} more)`, unread };
  }

  stats(): DirectoryTailStats {
    return {
      ...this.#counts,
      trackedFiles: this.#files.size,
      openFiles: this.#open.size,
      directories: this.#scan.directoryCount,
    };
  }

  saveState(): TailState {
    return {
      treeSeen: this.#treeSeen,
      files: this.#files.toRecords(),
      lostContents: [...this.#readBefore.entries],
    };
  }

  loadState(value: unknown): void {
    const state = parseTailState(value);
    this.#treeSeen = state.treeSeen;
    this.#files.restore(state.files);
    this.#readBefore.restore(state.lostContents);
  }

  close(): void {
    for (const file of this.#open) file.park();
    this.#open.clear();
  }

  #lookAtPaths(nowMs: number, everything: boolean): void {
    const encounter = this.#encounter(nowMs);
    const changed = new Set<string>();
    for (const file of everything ? this.#files : this.#files.statsDue(nowMs)) {
      if (file.away !== null) continue;
      const seen = lookAt(file.path);
      if (seen === "unreadable") continue;
      const atPath = seen === null ? null : identityOf(seen);
      if (seen !== null && decidePlace(file.identity, { atPath, elsewhere: false }) === "in_place") {
        this.#files.observe(file, seen, nowMs);
      } else {
        this.#files.leave(file, encounter);
        changed.add(file.path.slice(0, file.path.lastIndexOf("/")));
      }
    }
    for (const directory of changed) {
      for (const found of this.#scan.listAgain(directory)) this.#files.meet(found, encounter);
    }
  }

  /** @param sinceMs time since the last look: after a longer one several slices of a pass are due, with pauses between */
  *#lookForFiles(nowMs: number, everything: boolean, sinceMs: number): Generator<Batch> {
    const isBetweenPasses = this.#scan.passesDone === this.#scan.passNumber;
    if (everything || (isBetweenPasses && nowMs - this.#passBeganMs >= this.#pace.rescanIntervalMs)) {
      this.#scan.startPass(everything);
      this.#passBeganMs = nowMs;
    }
    const encounter = this.#encounter(nowMs);
    const directories = everything ? Infinity : DIRECTORIES_A_SLICE;
    const slices = Math.max(1, Math.min(MAX_SLICES, Math.ceil(sinceMs / SLICE_EVERY_MS)));
    for (let slice = 0; slice < slices; slice++) {
      if (slice > 0) yield pauseOf(this.name);
      for (const found of this.#scan.advance(directories)) this.#files.meet(found, encounter);
      if (this.#scan.passesDone === this.#scan.passNumber) break;
    }
    if (!this.#firstPassDone && this.#scan.passesDone > 0) this.#endFirstPass();
  }

  /** What the last run knew and is not in the tree any more is gone; a packed copy of it may be there instead. */
  #endFirstPass(): void {
    this.#firstPassDone = true;
    this.#treeSeen = true;
    for (const { path, place } of this.#files.remembered) {
      this.#readBefore.remember({ path, place });
    }
  }

  #encounter(nowMs: number): Encounter {
    const { ignoreOlderThanMs } = this.#options;
    const oldBeforeMs = this.#treeSeen || ignoreOlderThanMs === null ? null : nowMs - ignoreOlderThanMs;
    return { nowMs, scanPass: this.#scan.passNumber, oldBeforeMs };
  }

  *#readFiles(nowMs: number): Generator<Batch> {
    const known: TrackedFile[] = [];
    const fresh: TrackedFile[] = [];
    for (const file of this.#files.busy()) {
      if (file.wantsRead(nowMs)) (file.hasBeenRead ? known : fresh).push(file);
    }
    fresh.sort((a, b) => compareEventPaths(a.path, b.path));
    for (const file of [...known, ...fresh]) {
      try {
        yield* file.read(nowMs);
      } finally {
        // Also when the consumer stops here.
        this.#keepOpen(file, nowMs);
        this.#files.noteBusy(file);
      }
      if (this.#open.size > this.#options.maxOpenFiles) yield* this.#closeOne();
    }
  }

  #keepOpen(file: TrackedFile, nowMs: number): void {
    if (file.isOpen && file.activeAtMs !== nowMs && this.#open.has(file)) return;
    this.#open.delete(file);
    if (file.isOpen) this.#open.add(file);
  }

  /** Closes the least recently active file that can be opened again; a file without a path only when all are such. */
  *#closeOne(): Generator<Batch> {
    for (const file of this.#open) {
      if (file.away !== null) continue;
      file.park();
      this.#open.delete(file);
      return;
    }
    const [oldest] = this.#open;
    if (oldest !== undefined) yield* this.#depart(oldest);
  }

  #closeIdle(nowMs: number): void {
    for (const file of this.#open) {
      if (file.away !== null || nowMs - file.activeAtMs < CLOSE_WHEN_IDLE_MS) continue;
      file.park();
      this.#open.delete(file);
    }
  }

  /** Gives up files that no path leads to: at once when closed, else when nothing more is written to them. */
  *#letGo(nowMs: number): Generator<Batch> {
    for (const file of [...this.#files.away]) {
      // A pass that had begun before the file left may have been where it went before it came.
      if (file.away === null || this.#scan.passesDone <= file.away.scanPass) continue;
      const { linkCount } = file;
      const quietMs = this.#options.goneQuietMs * (linkCount === 0 ? 1 : MOVED_QUIET_FACTOR);
      const isQuiet = nowMs - Math.max(file.away.sinceMs, file.activeAtMs) >= quietMs;
      if (linkCount === null || isQuiet) yield* this.#depart(file);
    }
  }

  *#depart(file: TrackedFile): Generator<Batch> {
    const { hasPartialLine } = file;
    this.#open.delete(file);
    this.#files.depart(file);
    this.#counts.departed++;
    if (hasPartialLine) yield { kind: "rejected", source: "files", reason: "unterminated_line", count: 1 };
  }
}

function withoutFinalSlash(directory: string): string {
  return directory.length > 1 && directory.endsWith("/") ? directory.slice(0, -1) : directory;
}
