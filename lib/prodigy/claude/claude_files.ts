import type { EventRecord } from "../../event/record.ts";
import { type Batch, pauseOf } from "../../source/source.ts";
import { append } from "../append.ts";
import { isFields } from "./fields.ts";
import { type FileCursor, loadCursor, saveCursor } from "./file_cursor.ts";
import { decodeClaudeLine } from "./line.ts";
import { findCwd, mayCount } from "./line_filter.ts";
import { CHUNK_BYTES, type LinePiece, readLinePieces } from "./line_pieces.ts";
import type { ClaudeMeter } from "./meter.ts";
import { parsePlace, WORKTREES } from "./place.ts";
import type { RunActivity } from "./run_activity.ts";
import { isFileSystemError, type SeenFile, TreePoll } from "./tree_poll.ts";

export interface ClaudeFilesOptions {
  readonly directory: string;
  /** Prodigy's saved streams; else Claude Code's transcripts. */
  readonly isStream: boolean;
  /** Count lines from outside Prodigy's worktrees, too. Streams are Prodigy's wherever they ran. */
  readonly countsAll: boolean;
  /** Files that have not moved for longer when first seen are not read; `null`: read all. */
  readonly ignoreOlderThanMs: number | null;
  readonly lineMaxBytes: number;
}

/** What reading one stretch of a file came to. */
interface Stretch {
  readonly records: readonly EventRecord[];
  /** Lines that were looked at, without blank ones and those that are too long. */
  readonly lines: number;
  readonly tooLong: number;
}
const NOTHING_TOLD: Stretch = { records: [], lines: 0, tooLong: 0 };
const NOTHING_READ = { lines: 0, sizeBytes: 0 };

/** What opening a file costs, counted like bytes read. */
const OPEN_COST_BYTES = 4096;
const START_IN_NAME = /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)-/;

/** Reads what is appended to the streams or transcripts below a directory. */
export class ClaudeFiles {
  readonly #options: ClaudeFilesOptions;
  readonly #root: string;
  readonly #tree: TreePoll;
  readonly #cursors = new Map<string, FileCursor>();
  readonly #meter: ClaudeMeter;
  readonly #activity: RunActivity;
  /** Files found to be read in this look, the one that rests longest first, and which of them is the next. */
  #due: readonly SeenFile[] = [];
  #next = 0;
  #behindBytes = 0;
  /** Of the look that goes on, Unix time in milliseconds. */
  #nowMs = 0;
  /** Read since the consumer was last given a turn. */
  #sliceBytes = 0;

  constructor(options: ClaudeFilesOptions, meter: ClaudeMeter, activity: RunActivity) {
    this.#options = options;
    this.#root = options.directory.replace(/(?<=.)\/+$/, "");
    this.#tree = new TreePoll(this.#root);
    this.#meter = meter;
    this.#activity = activity;
  }

  /** Begins a look: finds what moved. @param ignoreBeforeMs files that moved last before that are not read when new */
  *find(nowMs: number, ignoreBeforeMs: number): Iterable<Batch> {
    this.#nowMs = nowMs;
    for (const _ of this.#tree.poll(nowMs)) yield pauseOf("claude");
    this.#forget(nowMs);
    this.#due = this.#tree.moved().filter((file) => this.#isDue(file, ignoreBeforeMs));
    this.#next = 0;
    this.#behindBytes = this.#due.reduce((sum, file) => sum + this.#unread(file), 0);
  }

  /** When the file moved last that `readNext` reads, Unix time in milliseconds; `Infinity` when there is none. */
  get nextMtimeMs(): number {
    return this.#due[this.#next]?.mtimeMs ?? Infinity;
  }

  /** Reads on in the file that rests longest of those found. */
  *readNext(): Iterable<Batch> {
    const file = this.#due[this.#next++];
    if (file === undefined) return;
    const before = this.#unread(file);
    yield* this.#read(file);
    this.#behindBytes = this.#next === this.#due.length ? 0 : Math.max(0, this.#behindBytes - before);
  }

  get behindBytes(): number {
    return this.#behindBytes;
  }

  get unreadable(): ReadonlySet<string> {
    return this.#tree.unreadable;
  }

  /** Links, FIFOs and the like among them. */
  get notFiles(): number {
    return this.#tree.notFiles;
  }

  #unread(file: SeenFile): number {
    return Math.max(0, file.sizeBytes - (this.#cursors.get(file.path)?.offset ?? 0));
  }

  #isDue(file: SeenFile, ignoreBeforeMs: number): boolean {
    const known = this.#cursors.get(file.path);
    // One that was copied is another file, with the old one's time.
    const isKnown = known !== undefined && known.device === file.device && known.inode === file.inode;
    if (isKnown || file.mtimeMs >= ignoreBeforeMs) return true;
    this.#tree.done(file);
    // A transcript may be taken up again after weeks: it counts from where it stood. A stream never grows.
    if (!this.#options.isStream) this.#cursors.set(file.path, newCursor(file, file.sizeBytes));
    return false;
  }

  /** Drops positions in deleted files, and in streams so old (nobody deletes them) that they would not be read again. */
  #forget(nowMs: number): void {
    const oldBeforeMs = nowMs - (this.#options.ignoreOlderThanMs ?? Infinity);
    for (const path of this.#cursors.keys()) {
      const file = this.#tree.find(path);
      // A hidden file would be counted again when it comes back.
      const isPast = file === undefined
        ? !this.#tree.isHidden(path)
        : this.#options.isStream && file.mtimeMs < oldBeforeMs;
      if (isPast) this.#cursors.delete(path);
    }
  }

  *#read(seen: SeenFile): Iterable<Batch> {
    using file = this.#open(seen);
    if (file === null) return;
    const cursor = this.#cursorOf(seen, file.statSync());
    const pieces = readLinePieces(file, cursor, this.#options.lineMaxBytes);
    this.#sliceBytes += OPEN_COST_BYTES;
    let read = NOTHING_READ;
    for (;;) {
      const piece = this.#nextPiece(pieces, seen);
      if (piece === null) break;
      const from = cursor.offset;
      const { records, lines, tooLong } = this.#foldPiece(piece, cursor, seen);
      const sizeBytes = cursor.offset - from;
      this.#sliceBytes += sizeBytes;
      if (lines > 0) read = { lines: read.lines + lines, sizeBytes: read.sizeBytes + sizeBytes };
      if (records.length > 0) {
        yield { kind: "records", source: "claude", records, read };
        read = NOTHING_READ;
      }
      if (tooLong > 0) yield { kind: "rejected", source: "claude", reason: "line_too_long", count: tooLong };
      const isSliceFull = this.#sliceBytes >= CHUNK_BYTES;
      if (isSliceFull && records.length === 0 && tooLong === 0) yield pauseOf("claude");
      if (isSliceFull || records.length > 0 || tooLong > 0) this.#sliceBytes = 0;
    }
    if (read.lines > 0) yield { kind: "records", source: "claude", records: [], read };
    const runId = cursor.place?.runId ?? null;
    if (runId !== null) this.#activity.touch(runId, seen.mtimeMs / 1000);
  }

  #open(seen: SeenFile): Deno.FsFile | null {
    try {
      // A FIFO in a file's place would block; the poll saw a regular file just now.
      return Deno.openSync(seen.path, { read: true });
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      this.#tree.failed(seen);
      return null;
    }
  }

  /** @returns `null` at the file's end, and when it cannot be read further now. */
  #nextPiece(pieces: Generator<LinePiece, void>, seen: SeenFile): LinePiece | null {
    try {
      const step = pieces.next();
      if (step.done !== true) return step.value;
      this.#tree.done(seen);
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      this.#tree.failed(seen);
    }
    return null;
  }

  /** Where to read on: at the start when the path holds another file now, or this one was cut. */
  #cursorOf(seen: SeenFile, info: Deno.FileInfo): FileCursor {
    const known = this.#cursors.get(seen.path);
    const isSame = known !== undefined && known.device === info.dev && known.inode === (info.ino ?? 0) &&
      known.offset <= info.size;
    const cursor = isSame ? known : newCursor({ device: info.dev, inode: info.ino ?? 0 }, 0);
    this.#cursors.set(seen.path, cursor);
    return cursor;
  }

  #foldPiece(piece: LinePiece, cursor: FileCursor, file: SeenFile): Stretch {
    if (piece.kind === "skipped") {
      cursor.offset = piece.endOffset;
      cursor.isInside = piece.isInside;
      return { ...NOTHING_TOLD, tooLong: piece.isStart && this.#counts(cursor) ? 1 : 0 };
    }
    if (piece.kind === "tail") {
      // An object without its end does not parse: what parses is a whole line, and a stream's last has no newline.
      const isWhole = piece.text.trimEnd().endsWith("}");
      const records = isWhole ? this.#foldLine(piece.text, cursor, file, this.#options.isStream) : null;
      if (records !== null) cursor.offset = piece.endOffset;
      return { records: records ?? [], lines: records === null ? 0 : 1, tooLong: 0 };
    }
    cursor.offset = piece.endOffset;
    if (!this.#counts(cursor) && !piece.text.includes(WORKTREES)) return NOTHING_TOLD;
    const records: EventRecord[] = [];
    let lines = 0;
    let tooLong = 0;
    for (const line of piece.text.split("\n")) {
      const isTooLong = line.length > this.#options.lineMaxBytes;
      if (isTooLong && this.#counts(cursor)) tooLong++;
      if (!isTooLong && line !== "") lines++;
      const told = isTooLong ? null : this.#foldLine(line, cursor, file, false);
      append(records, told ?? []);
    }
    return { records, lines, tooLong };
  }

  /** Whether a line without a working directory of its own counts. */
  #counts(cursor: FileCursor): boolean {
    return this.#options.isStream || this.#options.countsAll || cursor.place !== null;
  }

  /** @returns `null` for a line that is no whole line of the kinds that count. */
  #foldLine(
    text: string,
    cursor: FileCursor,
    file: SeenFile,
    isStreamEnd: boolean,
  ): readonly EventRecord[] | null {
    if (!mayCount(text, this.#options.isStream)) {
      const cwd = this.#options.isStream ? null : findCwd(text);
      if (cwd !== null) cursor.place = parsePlace(cwd);
      return null;
    }
    if (!this.#counts(cursor) && !text.includes(WORKTREES)) return null;
    const line = decodeClaudeLine(text);
    if (line === null) return null;
    // A stream's working directory is that of its first line.
    if (line.cwd !== null && (!this.#options.isStream || line.kind === "init")) cursor.place = parsePlace(line.cwd);
    if (!this.#counts(cursor)) return [];
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    return this.#meter.fold(line, {
      place: cursor.place,
      timestamp: line.timestamp ?? (this.#options.isStream ? startInName(name) : null),
      fileStem: name.replace(/\.jsonl$/, ""),
      isStream: this.#options.isStream,
      isStreamEnd,
      movedSeconds: file.mtimeMs / 1000,
      readSeconds: this.#nowMs / 1000,
    });
  }

  save(): unknown {
    const start = this.#root.length + 1;
    return Object.fromEntries([...this.#cursors].map(([path, cursor]) => [path.slice(start), saveCursor(cursor)]));
  }

  /** @throws {TypeError} when `state` is not what `save` gave. */
  load(state: unknown): void {
    if (!isFields(state)) throw new TypeError("Cannot load file positions as they must be an object");
    for (const [name, cursor] of Object.entries(state)) this.#cursors.set(`${this.#root}/${name}`, loadCursor(cursor));
  }
}

function newCursor(file: { readonly device: number; readonly inode: number }, offset: number): FileCursor {
  return { offset, device: file.device, inode: file.inode, isInside: false, place: null };
}

/** The time a stream's command began, which Prodigy writes (in UTC) into its name. */
function startInName(name: string): string | null {
  const start = START_IN_NAME.exec(name)?.slice(1);
  if (start === undefined) return null;
  const [year, month, day, hour, minute, second] = start;
  const timestamp = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Number.isNaN(Date.parse(timestamp)) ? null : timestamp;
}
