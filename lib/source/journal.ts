import { type JournalPosition, parseSegmentName, segmentName } from "./journal_position.ts";
import { readWholeLines } from "./journal_replay.ts";

/** While snapshots keep failing, a segment for each would fill the directory with small files. */
const MAX_SEGMENTS = 16;
/** How long the disk is left alone after it refused an append. */
const RETRY_AFTER_MS = 5_000;

/** Whole lines, newline included, with the position after them. */
export interface JournalBlock {
  readonly lines: Uint8Array;
  readonly end: JournalPosition;
}

/**
 * The socket's lines on disk, from when they arrive until a snapshot holds what they counted.
 *
 * Lines are appended to a segment file before they are folded, and a snapshot stores the position up to which they were
 * folded. When a snapshot is captured a new segment begins; when it is safely on disk, the segments before its position
 * are removed. So a kill at any moment leaves every line counted exactly once:
 *
 * | killed after            | on disk                                   | at the next start                            |
 * |-------------------------|-------------------------------------------|----------------------------------------------|
 * | a part of an append     | the old snapshot, a torn line at the end  | it is cut off; it was never acknowledged     |
 * | an append               | the old snapshot, the line                | replayed: the old position is before it      |
 * | a fold                  | the same: what was folded died in memory  | the same                                     |
 * | the capture             | the same, and perhaps an empty segment    | the same                                     |
 * | the snapshot's rename   | the new snapshot, old segments            | old segments lie before its position: removed |
 * | some of the removals    | the new snapshot, some old segments       | the same                                     |
 *
 * A segment that another process began is never appended to, because its end may be torn. Nothing is fsynced here: what
 * `write` took survives the death of the process; a power cut may cost what came after the last snapshot.
 *
 * When the disk takes no more, the journal lets go instead of stopping the count: lines go on unjournaled (`durable:
 * false`), `problem` says so, and a new segment is tried every few seconds. Lines that reached the disk in part before
 * that are in the broken segment, which the next position leaves behind, so they do not count twice.
 */
export class Journal {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #nowMs: () => number;
  /** Sizes in bytes of the segments that count, oldest first. */
  readonly #segments: Map<number, number>;
  /** Segments that a snapshot made obsolete and that could not be removed yet. */
  readonly #obsolete = new Set<number>();
  #sizeBytes = 0;

  #current: number;
  #file: Deno.FsFile | null = null;
  #retryAtMs = -Infinity;
  #suspended = false;

  /** Where replaying goes on; segments before `#firstOwn` are those of earlier processes. */
  #replayAt: JournalPosition;
  #firstOwn: number;

  #appendProblem: string | null = null;
  #replayProblem: string | null = null;
  #removeProblem: string | null = null;

  /** @throws {Error} when the directory cannot be read. */
  constructor(directory: string, { maxBytes, nowMs }: { readonly maxBytes: number; readonly nowMs: () => number }) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#nowMs = nowMs;
    this.#segments = listSegments(directory);
    for (const size of this.#segments.values()) this.#sizeBytes += size;
    this.#current = Math.max(0, ...this.#segments.keys()) + 1;
    this.#firstOwn = this.#current;
    const [oldest = this.#firstOwn] = this.#segments.keys();
    this.#replayAt = { segment: oldest, offset: 0 };
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** True when nothing may be appended until a snapshot has dropped something. One block above the bound is possible. */
  get isFull(): boolean {
    return this.#sizeBytes >= this.#maxBytes && !this.#suspended;
  }

  /** True when a snapshot is due before its time, so that the bound is not reached. */
  get wantsSnapshot(): boolean {
    return this.#sizeBytes >= this.#maxBytes / 2;
  }

  get problem(): string | null {
    const full = this.isFull ? `The socket journal is full (${this.#maxBytes} bytes); no socket is read` : null;
    return this.#appendProblem ?? this.#replayProblem ?? this.#removeProblem ?? full;
  }

  /** Where the next append begins; nothing at or after it is on disk. */
  get end(): JournalPosition {
    return { segment: this.#current, offset: this.#segments.get(this.#current) ?? 0 };
  }

  /** Where replaying goes on: everything before it has been given out, or lay in a snapshot. */
  get replayPosition(): JournalPosition {
    return this.#replayAt;
  }

  /** Bytes of earlier processes not replayed yet. */
  get replayBytes(): number {
    let bytes = 0;
    for (const [segment, size] of this.#segments) {
      if (segment < this.#replayAt.segment || segment >= this.#firstOwn) continue;
      bytes += size - (segment === this.#replayAt.segment ? this.#replayAt.offset : 0);
    }
    return Math.max(0, bytes);
  }

  /** Appends blocks of whole lines; `durable` tells whether they are on disk. Never throws for what a disk does. */
  append(blocks: readonly Uint8Array[]): { readonly durable: boolean; readonly end: JournalPosition } {
    if (this.#suspended || this.#nowMs() < this.#retryAtMs) return { durable: false, end: this.end };
    try {
      this.#file ??= this.#createSegment();
      for (const block of blocks) this.#writeAll(this.#file, block);
    } catch (error) {
      this.#letGo(describe(error));
      return { durable: false, end: this.end };
    }
    this.#appendProblem = null;
    return { durable: true, end: this.end };
  }

  /** Begins a new segment, so that a snapshot captured now can drop what came before. */
  rotate(): void {
    if (this.#file !== null && this.#segments.size < MAX_SEGMENTS) this.#endSegment();
  }

  /** Removes the segments before `position`, which a snapshot on disk has made obsolete. */
  drop(position: JournalPosition): void {
    this.#suspended = false;
    for (const [segment, size] of this.#segments) {
      if (segment >= position.segment) continue;
      this.#segments.delete(segment);
      this.#sizeBytes -= size;
      this.#obsolete.add(segment);
    }
    this.#removeObsolete();
  }

  /**
   * Tells that a snapshot could not be written. With the journal full nothing would ever drop it, and the sockets would
   * stand still: lines then go on unjournaled until a snapshot succeeds.
   */
  snapshotFailed(): void {
    if (!this.isFull) return;
    this.#letGo("it is full, and no snapshot can be written");
    this.#suspended = true;
  }

  /** Replays from `position` instead of from the oldest segment, and drops what lies before. Call before `append`. */
  resumeAt(position: JournalPosition): void {
    this.drop(position);
    // Also when its files are gone a position that was saved must stay before every later one.
    this.#current = Math.max(this.#current, position.segment + 1);
    this.#firstOwn = this.#current;
    this.#replayAt = position;
  }

  /**
   * The lines earlier processes left, in blocks. May be stopped after any block and goes on there when called again.
   * A segment that cannot be read is given up: its file stays, and `problem` tells.
   */
  *replay(): Iterable<JournalBlock> {
    while (this.#replayAt.segment < this.#firstOwn) {
      const { segment, offset } = this.#replayAt;
      if (this.#segments.has(segment)) yield* this.#replaySegment(segment, offset);
      this.#replayAt = { segment: this.#nextToReplay(segment), offset: 0 };
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  *#replaySegment(segment: number, offset: number): Iterable<JournalBlock> {
    try {
      for (const { lines, endOffset } of readWholeLines(this.#pathOf(segment), offset)) {
        this.#replayAt = { segment, offset: endOffset };
        yield { lines, end: this.#replayAt };
      }
    } catch (error) {
      this.#replayProblem = `Cannot replay ${this.#pathOf(segment)} (${describe(error)}); its lines are not counted`;
      this.#sizeBytes -= this.#segments.get(segment) ?? 0;
      this.#segments.delete(segment);
    }
  }

  #nextToReplay(after: number): number {
    for (const segment of this.#segments.keys()) if (segment > after && segment < this.#firstOwn) return segment;
    return this.#firstOwn;
  }

  #writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0;) {
      const written = file.writeSync(rest);
      rest = rest.subarray(written);
      this.#sizeBytes += written;
      this.#segments.set(this.#current, (this.#segments.get(this.#current) ?? 0) + written);
    }
  }

  #createSegment(): Deno.FsFile {
    const file = Deno.openSync(this.#pathOf(this.#current), { append: true, createNew: true, mode: 0o600 });
    this.#segments.set(this.#current, 0);
    return file;
  }

  #endSegment(): void {
    this.close();
    this.#current += 1;
  }

  #letGo(reason: string): void {
    this.#appendProblem = `Cannot write the socket journal in ${this.#directory} (${reason}); lines go on without it`;
    this.#retryAtMs = this.#nowMs() + RETRY_AFTER_MS;
    // Never the same segment again: its last line may be torn.
    this.#endSegment();
  }

  #removeObsolete(): void {
    this.#removeProblem = null;
    for (const segment of this.#obsolete) {
      try {
        Deno.removeSync(this.#pathOf(segment));
        this.#obsolete.delete(segment);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) this.#obsolete.delete(segment);
        else this.#removeProblem = `Cannot remove ${this.#pathOf(segment)} (${describe(error)})`;
      }
    }
  }

  #pathOf(segment: number): string {
    return `${this.#directory}/${segmentName(segment)}`;
  }
}

function listSegments(directory: string): Map<number, number> {
  const found: [number, number][] = [];
  for (const entry of Deno.readDirSync(directory)) {
    const segment = entry.isFile ? parseSegmentName(entry.name) : null;
    if (segment !== null) found.push([segment, Deno.lstatSync(`${directory}/${entry.name}`).size]);
  }
  return new Map(found.toSorted(([left], [right]) => left - right));
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
