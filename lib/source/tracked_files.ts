import type { FoundFile } from "./directory_scan.ts";
import { repositoryOfPath, rotationStem, runIdOfPath } from "./event_file_name.ts";
import { FILE_START } from "./file_place.ts";
import { isRotatedNameOf, type LostContent, type ReadBefore } from "./read_before.ts";
import { decidePlace, type FileIdentity, identityKey } from "./tail_decision.ts";
import { Timetable } from "./timetable.ts";
import { type FileRecord, identityOf, TrackedFile, type TrackedFileDeps } from "./tracked_file.ts";

export interface TrackedFilesOptions extends Omit<TrackedFileDeps, "lose" | "placeIn" | "fileCount"> {
  readonly maxTrackedFiles: number;
  readonly readBefore: ReadBefore;
}

/** What the moment tells about files that are met for the first time. */
export interface Encounter {
  readonly nowMs: number;
  /** Number of the scan's pass that is under way. */
  readonly scanPass: number;
  /** A file not modified since then begins at its end; `null` when all are read. */
  readonly oldBeforeMs: number | null;
}

/** Files that are gone and may come back: moved out and in again, or on a volume that is not mounted yet. */
const MAX_REMEMBERED_FILES = 1_000;

/** The files by identity: those a path leads to, those no path leads to any more, and those that are only remembered. */
export class TrackedFiles {
  readonly #options: TrackedFilesOptions & TrackedFileDeps;
  readonly #byKey = new Map<string, TrackedFile>();
  /** By directory and stem: a file and its rotated parts. */
  readonly #families = new Map<string, Set<TrackedFile>>();
  /** At least all that are not at rest. */
  readonly #busy = new Set<TrackedFile>();
  readonly #away = new Set<TrackedFile>();
  /** What is known of files that no path leads to: from the last run, or gone since. */
  readonly #remembered = new Map<string, FileRecord>();
  readonly #statsDue = new Timetable<TrackedFile>();
  #isFull = false;

  constructor(options: TrackedFilesOptions) {
    this.#options = {
      ...options,
      fileCount: () => this.#byKey.size,
      lose: (lost) => options.readBefore.remember(lost),
      placeIn: (file) => options.readBefore.placeIn(file, this.#justGone(file.path)),
    };
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Files were left out, because there are too many. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Files no path is known to lead to. */
  get away(): Iterable<TrackedFile> {
    return this.#away;
  }

  get remembered(): Iterable<FileRecord> {
    return this.#remembered.values();
  }

  [Symbol.iterator](): Iterator<TrackedFile> {
    return this.#byKey.values();
  }

  /** Files that are open, to be read or in trouble: of thousands the others are not even looked at. */
  *busy(): Generator<TrackedFile> {
    for (const file of this.#busy) {
      if (file.isAtRest) this.#busy.delete(file);
      else yield file;
    }
  }

  /** Files whose paths are to be looked at now. To be gone through to the end. */
  *statsDue(nowMs: number): Generator<TrackedFile> {
    for (const file of this.#statsDue.take(nowMs)) {
      if (file.statDueMs <= nowMs) yield file;
      this.#statsDue.add(file, file.statDueMs);
    }
  }

  /** Takes note of a file the scan has found: known, renamed, or new. */
  meet(found: FoundFile, encounter: Encounter): void {
    const identity = identityOf(found.info);
    const key = identityKey(identity);
    const file = this.#byKey.get(key) ?? this.#track(found, identity, encounter);
    if (file === null) return;
    if (file.path !== found.path || file.away !== null) {
      const place = decidePlace(file.identity, { atPath: this.#identityAt(file), elsewhere: true });
      // Both names lead to it: a hard link. The first one found stays its path.
      if (place === "in_place" && file.path !== found.path) return;
      this.#move(file, found.path);
    }
    this.observe(file, found.info, encounter.nowMs);
  }

  /** Takes note of a stat of a file's path. */
  observe(file: TrackedFile, info: Deno.FileInfo, nowMs: number): void {
    file.observe(info, nowMs);
    this.noteBusy(file);
    this.#statsDue.add(file, file.statDueMs);
  }

  /** To be called as well when the file was read: it may be open now, or in trouble. */
  noteBusy(file: TrackedFile): void {
    if (!file.isAtRest) this.#busy.add(file);
  }

  /** The file is not where it was. */
  leave(file: TrackedFile, { nowMs, scanPass }: Pick<Encounter, "nowMs" | "scanPass">): void {
    file.leave(nowMs, scanPass);
    this.#away.add(file);
  }

  /** The file is gone for good; what was read of it is kept in mind for a while. */
  depart(file: TrackedFile): void {
    file.park();
    this.#byKey.delete(file.key);
    this.#busy.delete(file);
    this.#statsDue.remove(file);
    this.#leaveFamily(file);
    this.#away.delete(file);
    const record = file.toRecord();
    if (isWorthKeeping(record)) this.#remembered.set(file.key, record);
    this.#options.readBefore.remember({ path: file.path, place: record.place });
    for (const key of this.#remembered.keys()) {
      if (this.#remembered.size <= MAX_REMEMBERED_FILES) break;
      this.#remembered.delete(key);
    }
  }

  /** A file nothing was read of is left out: an unknown file is read from its start anyway. */
  toRecords(): readonly FileRecord[] {
    const records = [...this.#remembered.values()];
    for (const file of this.#byKey.values()) {
      const record = file.toRecord();
      if (isWorthKeeping(record)) records.push(record);
    }
    return records;
  }

  restore(records: readonly FileRecord[]): void {
    for (const record of records) this.#remembered.set(identityKey(record.identity), record);
  }

  #track(found: FoundFile, identity: FileIdentity, { nowMs, oldBeforeMs }: Encounter): TrackedFile | null {
    const key = identityKey(identity);
    const known = this.#remembered.get(key);
    if (known === undefined && !found.isEventFile) return null;
    this.#isFull = this.#byKey.size >= this.#options.maxTrackedFiles;
    if (this.#isFull) return null;
    this.#remembered.delete(key);
    const mtimeMs = found.info.mtime?.getTime() ?? nowMs;
    const record = known ?? {
      identity,
      path: found.path,
      place: FILE_START,
      seenBytes: 0,
      hasPartialLine: false,
      mtimeMs: null,
      beginsAtEnd: oldBeforeMs !== null && mtimeMs < oldBeforeMs && found.info.size > 0,
    };
    const file = new TrackedFile({ ...record, path: found.path }, this.#options, {
      runId: runIdOfPath(found.root, found.relativePath),
      repository: repositoryOfPath(found.relativePath),
      activeAtMs: Math.min(nowMs, mtimeMs),
    });
    this.#byKey.set(key, file);
    this.#joinFamily(file);
    return file;
  }

  #move(file: TrackedFile, path: string): void {
    if (file.path !== path) this.#options.counts.renamed++;
    this.#leaveFamily(file);
    file.arriveAt(path);
    this.#joinFamily(file);
    this.#away.delete(file);
  }

  #joinFamily(file: TrackedFile): void {
    const stem = rotationStem(file.path);
    const family = this.#families.get(stem);
    if (family === undefined) this.#families.set(stem, new Set([file]));
    else family.add(file);
  }

  #leaveFamily(file: TrackedFile): void {
    const stem = rotationStem(file.path);
    const family = this.#families.get(stem);
    family?.delete(file);
    if (family?.size === 0) this.#families.delete(stem);
  }

  /** Originals of a copy: gzip has just deleted them, and they may still be open here. */
  #justGone(copy: string): readonly LostContent[] {
    const gone: LostContent[] = [];
    for (const file of this.#families.get(rotationStem(copy)) ?? []) {
      if (!isRotatedNameOf(copy, file.path)) continue;
      if (decidePlace(file.identity, { atPath: this.#identityAt(file), elsewhere: false }) === "in_place") continue;
      gone.push({ path: file.path, place: file.toRecord().place });
    }
    return gone;
  }

  #identityAt(file: TrackedFile): FileIdentity | null {
    const info = file.away === null ? lookAt(file.path) : null;
    return info === null || info === "unreadable" ? null : identityOf(info);
  }
}

/** What is at a path: `null` when there is nothing, "unreadable" when that cannot be told. */
export function lookAt(path: string): Deno.FileInfo | null | "unreadable" {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    if (error instanceof Error) return "unreadable";
    throw error;
  }
}

function isWorthKeeping({ place, seenBytes, beginsAtEnd }: FileRecord): boolean {
  return place.offsetBytes > 0 || seenBytes > 0 || beginsAtEnd;
}
