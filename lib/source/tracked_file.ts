import type { FilePlace } from "./file_place.ts";
import { type ContentAccident, FileTail, placeAtEnd, type Tail } from "./file_tail.ts";
import { EMPTY_FINGERPRINT } from "./fingerprint.ts";
import { GZIP_END, GzipTail, isGzip } from "./gzip_tail.ts";
import type { LostContent, NewFile } from "./read_before.ts";
import type { Batch } from "./source.ts";
import { type FileIdentity, identityKey, isSameFile } from "./tail_decision.ts";

/** What is known of a file between two looks, and over restarts. */
export interface FileRecord {
  readonly identity: FileIdentity;
  /** The last path it had. */
  readonly path: string;
  readonly place: FilePlace;
  /** How long the file was when it was read to its end. */
  readonly seenBytes: number;
  /** What was seen after the place is the beginning of a line. */
  readonly hasPartialLine: boolean;
  /** Modification time of what was read; `null` when it does not tell whether there is something new. */
  readonly mtimeMs: number | null;
  /** Older than what is to be read: it begins at its end, as soon as that can be found. */
  readonly beginsAtEnd: boolean;
}

export interface TrackedFileDeps {
  readonly lineMaxBytes: number;
  readonly gzipMaxBytes: number;
  /** Shared by all files; only one is read at a time. */
  readonly buffer: Uint8Array;
  readonly counts: TailCounts;
  /** The machine's time, to be compared with the file system's. */
  readonly wallClockMs: () => number;
  /** Content of a file was lost by truncation. */
  readonly lose: (lost: LostContent) => void;
  /** How many files there are. */
  readonly fileCount: () => number;
  /** Where to begin in a file that was never read, when it is a copy of what was; else `null`. */
  readonly placeIn: (file: NewFile) => FilePlace | null;
}

/** What has happened to files since the start. */
export interface TailCounts {
  truncated: number;
  renamed: number;
  departed: number;
  readErrors: number;
}

/** As for directories (directory_scan.ts): a second change soon after the first may leave no trace in the time. */
const SETTLED_AFTER_MS = 3_000;
const FIRST_STAT_INTERVAL_MS = 1_000;
const LAST_STAT_INTERVAL_MS = 15_000;
/** A file that was written just now is looked at as often, however many there are. */
const BUSY_MS = 10_000;
/**
 * Of each file in the interval of the others: a hundred looks a second. One at a file that nobody has asked for lately
 * takes 20 us and more, ten times one in a loop.
 */
const STAT_SHARE_MS = 10;
const LONGEST_SHARE_MS = 60_000;
const FIRST_RETRY_AFTER_MS = 5_000;
const LAST_RETRY_AFTER_MS = 600_000;

/** One file by its identity, under whatever path: open or not, with its place and what was last seen of it. */
export class TrackedFile {
  readonly identity: FileIdentity;
  readonly key: string;
  readonly runId: string | null;
  readonly repository: string | null;
  readonly #deps: TrackedFileDeps;
  #path: string;
  #place: FilePlace;
  #seenBytes: number;
  #mtimeMs: number | null;
  #hasPartialLine: boolean;
  #beginsAtEnd: boolean;
  #sizeBytes = 0;
  #isDue = false;
  #statDueMs = 0;
  #activeAtMs: number;
  #tail: Tail | null = null;
  #away: { readonly sinceMs: number; readonly scanPass: number } | null = null;
  #problem: string | null = null;
  #failures = 0;
  #retryAtMs = 0;

  constructor(
    record: FileRecord,
    deps: TrackedFileDeps,
    options: { readonly runId: string | null; readonly repository: string | null; readonly activeAtMs: number },
  ) {
    this.identity = record.identity;
    this.key = identityKey(record.identity);
    this.runId = options.runId;
    this.repository = options.repository;
    this.#deps = deps;
    this.#path = record.path;
    this.#place = record.place;
    this.#seenBytes = record.seenBytes;
    this.#mtimeMs = record.mtimeMs;
    this.#hasPartialLine = record.hasPartialLine;
    this.#beginsAtEnd = record.beginsAtEnd;
    this.#activeAtMs = options.activeAtMs;
  }

  get path(): string {
    return this.#path;
  }

  get isOpen(): boolean {
    return this.#tail !== null;
  }

  /** Since when and since which scan pass no path is known that leads to it; `null` when its path does. */
  get away(): { readonly sinceMs: number; readonly scanPass: number } | null {
    return this.#away;
  }

  /** When something was last read from it. */
  get activeAtMs(): number {
    return this.#activeAtMs;
  }

  get hasBeenRead(): boolean {
    return this.#tail !== null || this.#seenBytes > 0 || this.#place.offsetBytes > 0;
  }

  get problem(): string | null {
    return this.#problem;
  }

  /** Unread bytes as of the last stat. What cannot be read is a problem, not a backlog. */
  get behindBytes(): number {
    if (this.#problem !== null || this.#beginsAtEnd) return 0;
    return Math.max(0, this.#sizeBytes - (this.#tail?.seenBytes ?? this.#seenBytes));
  }

  /** Closed, read to its end as of the last stat, and without a problem: until the next stat there is nothing to do. */
  get isAtRest(): boolean {
    return this.#tail === null && !this.#isDue && this.#problem === null && this.behindBytes === 0;
  }

  /** An unfinished line is kept back at the end. */
  get hasPartialLine(): boolean {
    return this.#tail?.hasPartialLine ?? this.#hasPartialLine;
  }

  /** How many directory entries lead to the open file; `null` when it is not open. */
  get linkCount(): number | null {
    return this.#tail?.stat().nlink ?? null;
  }

  toRecord(): FileRecord {
    return {
      identity: this.identity,
      path: this.#path,
      place: this.#tail?.place ?? this.#place,
      seenBytes: this.#tail?.seenBytes ?? this.#seenBytes,
      mtimeMs: this.#isDue ? null : this.#mtimeMs,
      hasPartialLine: this.hasPartialLine,
      beginsAtEnd: this.#beginsAtEnd,
    };
  }

  /** Whether the next look should read it. */
  wantsRead(nowMs: number): boolean {
    return (this.#tail !== null || this.#isDue) && nowMs >= this.#retryAtMs;
  }

  /** When its path is to be looked at next. */
  get statDueMs(): number {
    return this.#statDueMs;
  }

  /** Takes note of a stat of its path. */
  observe(info: Deno.FileInfo, nowMs: number): void {
    const mtimeMs = info.mtime?.getTime() ?? null;
    if (mtimeMs !== this.#mtimeMs) {
      this.#tail?.doubtHead();
      this.#retryAtMs = 0;
    }
    // The same size and another time: the same content rewritten, or other content of that size.
    if (info.size !== this.#seenBytes || (mtimeMs !== this.#mtimeMs && this.#seenBytes > 0)) this.#isDue = true;
    this.#sizeBytes = info.size;
    const isSettled = mtimeMs !== null && this.#deps.wallClockMs() - mtimeMs > SETTLED_AFTER_MS;
    this.#mtimeMs = isSettled ? mtimeMs : null;
    this.#statDueMs = nowMs + this.#statIntervalMs(nowMs);
  }

  leave(nowMs: number, scanPass: number): void {
    this.#away ??= { sinceMs: nowMs, scanPass };
  }

  arriveAt(path: string): void {
    this.#path = path;
    this.#away = null;
  }

  /** Reads to the end. Errors of the file system become `problem`; the file is tried again later. */
  *read(nowMs: number): Generator<Batch> {
    try {
      this.#tail ??= this.#open();
      if (this.#tail !== null) yield* this.#readTail(this.#tail, nowMs);
      this.#isDue = false;
      this.#problem = null;
      this.#failures = 0;
    } catch (error) {
      this.#fail(error, nowMs);
    }
  }

  /** Closes the file and keeps the place; an unfinished line will be read again. */
  park(): void {
    if (this.#tail === null) return;
    this.#place = this.#tail.place;
    this.#seenBytes = this.#tail.seenBytes;
    this.#hasPartialLine = this.#tail.hasPartialLine;
    this.#tail.close();
    this.#tail = null;
  }

  /** `null` when the path now leads elsewhere, which the next look at paths will find out. */
  #open(): Tail | null {
    const file = Deno.openSync(this.#path, { read: true });
    try {
      if (isSameFile(identityOf(file.statSync()), this.identity)) return this.#startTail(file);
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return null;
  }

  #startTail(file: Deno.FsFile): Tail {
    const options = { ...this.#deps, from: this.#place };
    const isPacked = isGzip(file);
    const tail = isPacked ? new GzipTail(file, options) : new FileTail(file, options);
    if (this.#beginsAtEnd) {
      tail.moveTo(isPacked ? GZIP_END : placeAtEnd(file, this.#deps.buffer));
    } else if (!this.hasBeenRead) {
      const place = this.#deps.placeIn({ path: this.#path, content: tail });
      if (place !== null) tail.moveTo(isPacked ? { ...place, head: EMPTY_FINGERPRINT } : place);
    }
    this.#beginsAtEnd = false;
    return tail;
  }

  *#readTail(tail: Tail, nowMs: number): Generator<Batch> {
    // Not the tail's own count: one that was just opened reads the unfinished line again, which is nothing new.
    const before = this.#seenBytes;
    for (const piece of tail.read()) {
      this.#activeAtMs = nowMs;
      if (piece.kind === "lines") {
        const { runId, repository } = this;
        yield { kind: "lines", source: "files", runId, repository, lines: piece.lines, sizeBytes: piece.sizeBytes };
      } else if (piece.kind === "too_long") {
        yield rejected("line_too_long");
      } else if (piece.kind === "unterminated") {
        yield rejected("unterminated_line");
      } else {
        yield* this.#survive(piece);
      }
    }
    if (tail.seenBytes !== before) this.#activeAtMs = nowMs;
    this.#seenBytes = tail.seenBytes;
    this.#sizeBytes = tail.seenBytes;
  }

  *#survive({ decision, before, partialLost }: ContentAccident): Generator<Batch> {
    if (decision !== "partial_line_lost") {
      this.#deps.counts.truncated++;
      this.#deps.lose({ path: this.#path, place: before });
    }
    if (partialLost) yield rejected("unterminated_line");
  }

  /**
   * The longer nothing was written, the less often a path is looked at: thousands of files are long finished. And the
   * more there are, as most of those will not be written any more either.
   */
  #statIntervalMs(nowMs: number): number {
    const idleMs = nowMs - (this.#mtimeMs ?? nowMs);
    const ownMs = Math.min(LAST_STAT_INTERVAL_MS, Math.max(FIRST_STAT_INTERVAL_MS, idleMs / 100));
    const shareMs = idleMs < BUSY_MS ? 0 : Math.min(LONGEST_SHARE_MS, this.#deps.fileCount() * STAT_SHARE_MS);
    const intervalMs = Math.max(ownMs, shareMs);
    // Up to a third less, by inode, so that files which were found together are not due together for ever.
    return intervalMs * (1 - (this.identity.ino % 1_000) / 3_000);
  }

  #fail(error: unknown, nowMs: number): void {
    if (!(error instanceof Error)) throw error;
    this.park();
    // The path was left by the file since it was last looked at: found out, and followed, by the next look at paths.
    if (error instanceof Deno.errors.NotFound) return;
    this.#deps.counts.readErrors++;
    // The messages of the file system's errors repeat the path, their names say what it is.
    this.#problem = `${this.#path}: ${error.name === "Error" ? error.message : error.name}`;
    this.#retryAtMs = nowMs + Math.min(LAST_RETRY_AFTER_MS, FIRST_RETRY_AFTER_MS * 2 ** this.#failures);
    this.#failures++;
  }
}

export function identityOf(info: Deno.FileInfo): FileIdentity {
  return { dev: info.dev, ino: info.ino ?? 0, birthMs: info.birthtime?.getTime() ?? null };
}

function rejected(reason: "line_too_long" | "unterminated_line"): Batch {
  return { kind: "rejected", source: "files", reason, count: 1 };
}
