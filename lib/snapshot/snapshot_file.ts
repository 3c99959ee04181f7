import { dirname } from "node:path";
import { type Answered, NOBODY_ASKS, Slices, steadyPace } from "../runtime/event_loop.ts";
import { jsonPieces } from "./json_pieces.ts";
import { decodeSnapshot, EncodedPart, encodePart, putTogether, type SnapshotPart } from "./snapshot_format.ts";

/** Larger files are not read, and would not be written: far above any real state, far below what a process can hold. */
export const SNAPSHOT_MAX_BYTES = 512 * 1024 * 1024;
const WRITE_BYTES = 1024 * 1024;
const PIECE_CHARACTERS = 64 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Longest stretch of encoding before something else may run. */
const SLICE_MS = 1;
/** Damaged files kept for a person to look at; older ones are removed. */
const DAMAGED_FILES_KEPT = 3;

export type ReadSnapshot =
  /** There is none: the first start with this state. */
  | { readonly kind: "missing" }
  | { readonly kind: "loaded"; readonly created: string; readonly parts: readonly SnapshotPart[] }
  /** It could not be used and lies at `movedTo` now; start without. */
  | { readonly kind: "set_aside"; readonly reason: string; readonly movedTo: string }
  /** Nothing was touched; do not start, or the state of the later version is lost. */
  | { readonly kind: "refused"; readonly problem: string };

/**
 * Reads the snapshot at `path`, and sets a damaged or foreign one aside.
 *
 * @param nowMs Unix time, for the name of a file set aside.
 * @throws {Error} when the file is there and cannot be read (permissions, I/O): going on would overwrite it.
 */
export async function readSnapshot(
  path: string,
  nowMs: number,
  maxBytes: number = SNAPSHOT_MAX_BYTES,
): Promise<ReadSnapshot> {
  try {
    // lstat first: opening a FIFO in the file's place would wait for ever.
    const info = await Deno.lstat(path);
    if (!info.isFile) return await setAside(path, nowMs, "it is not a regular file");
    if (info.size > maxBytes) return await setAside(path, nowMs, `it is larger than ${maxBytes} bytes`);
    const decoded = decodeSnapshot(await Deno.readFile(path));
    if (decoded.kind === "damaged") return await setAside(path, nowMs, decoded.reason);
    if (decoded.kind === "newer") {
      return {
        kind: "refused",
        problem: `Cannot load the snapshot ${path}: it was written by a later prodigy-exporter ` +
          `(snapshot version ${decoded.version}); run that version, or move the file away to start from nothing`,
      };
    }
    return { kind: "loaded", created: decoded.created, parts: decoded.parts };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    throw new Error(`Cannot read the snapshot ${path}`, { cause: error });
  }
}

/** Moves a snapshot that cannot be used out of the way, where a person can look at it. */
export async function setAside(
  path: string,
  nowMs: number,
  reason: string,
): Promise<ReadSnapshot & { readonly kind: "set_aside" }> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const movedTo = `${path}.damaged-${stamp}`;
  await Deno.rename(path, movedTo);
  const prefix = `${path}.damaged-`;
  const kept: string[] = [];
  for await (const entry of Deno.readDir(dirname(path))) {
    const found = `${dirname(path)}/${entry.name}`;
    if (found.startsWith(prefix) && !entry.isDirectory) kept.push(found);
  }
  // The stamps sort by age.
  for (const old of kept.toSorted().slice(0, -DAMAGED_FILES_KEPT)) await Deno.remove(old);
  return { kind: "set_aside", reason, movedTo };
}

export interface SnapshotWriterOptions {
  /** Larger snapshots are refused. */
  readonly maxBytes: number;
  /** Encoding waits for those who ask something of the program. */
  readonly answered: Answered;
}

/**
 * Writes snapshots to one path, one at a time, in the background.
 *
 * What is no copy is encoded in the turn that calls `write`, and nothing may be folded between capture and that: so what
 * is written belongs together. The disk is then waited for in pieces while the event loop goes on.
 */
export class SnapshotWriter {
  readonly #path: string;
  readonly #options: SnapshotWriterOptions;
  #inFlight: Promise<unknown> | null = null;

  constructor(path: string, options: Partial<SnapshotWriterOptions> = {}) {
    this.#path = path;
    this.#options = { maxBytes: SNAPSHOT_MAX_BYTES, answered: NOBODY_ASKS, ...options };
  }

  /** True while an earlier snapshot is still being written; a new one must wait for its turn. */
  get busy(): boolean {
    return this.#inFlight !== null;
  }

  /** Settles when nothing is being written. Never rejects: a failure is told to whoever called `write`. */
  async idle(): Promise<void> {
    while (this.#inFlight !== null) await this.#inFlight.catch(ignoreReportedElsewhere);
  }

  /**
   * Encodes `parts` at once, but for those that are copies, and writes them; when the promise settles without error they
   * are on disk for good.
   * The promise rejects with an Error with cause when they are not (disk full, read-only, no permission); the previous
   * snapshot is then untouched.
   *
   * @param ready what else must be true before the new one takes the old one's place; waited for after encoding
   * @returns the size of the file in bytes
   * @throws {Error} at once when an earlier write is still going on.
   */
  write(parts: readonly SnapshotPart[], created: string, ready: Promise<unknown> | null = null): Promise<number> {
    if (this.#inFlight !== null) throw new Error("Cannot write two snapshots at the same time: wait for idle()");
    const { maxBytes, answered } = this.#options;
    const pieces = parts.map((part) => isCopy(part) ? encodedPieces(part.value) : cut(encodePart(part)));
    const replaced = async (): Promise<number> => {
      const encoded: EncodedPart[] = [];
      for (const [index, part] of parts.entries()) {
        encoded.push(await encodeBitByBit(part, pieces[index] ?? [], answered));
      }
      const file = putTogether(encoded, created);
      if (ready !== null) await ready;
      return await replaceFile(this.#path, file, maxBytes);
    };
    const written = replaced().finally(() => {
      this.#inFlight = null;
    });
    this.#inFlight = written;
    return written;
  }
}

function ignoreReportedElsewhere(): void {}

function isCopy(part: SnapshotPart): part is SnapshotPart & { readonly encoding: "json" } {
  return part.encoding === "json" && part.isCopy === true;
}

/** Other things run in between: encoding the state of many jobs and series takes a tenth of a second. */
async function encodeBitByBit(
  part: SnapshotPart,
  pieces: Iterable<Uint8Array>,
  answered: Answered,
): Promise<EncodedPart> {
  const encoded = new EncodedPart(part);
  const slices = new Slices(steadyPace(SLICE_MS, answered));
  for (const piece of pieces) {
    encoded.add(piece);
    await slices.pause();
  }
  return encoded;
}

function* encodedPieces(value: unknown): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "";
  for (const piece of jsonPieces(value)) {
    text += piece;
    if (text.length < PIECE_CHARACTERS) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}

function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/**
 * Replaces the file at `path` as one step: whoever reads it, after a crash at any moment, finds all of the old bytes or
 * all of the new ones.
 */
async function replaceFile(path: string, pieces: readonly Uint8Array[], maxBytes: number): Promise<number> {
  const temporary = `${path}.tmp`;
  try {
    const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (sizeBytes > maxBytes) {
      throw new RangeError(`Snapshot size must be at most ${maxBytes} bytes: current value is ${sizeBytes}`);
    }
    // Left by a crash; createNew then follows no link that somebody put in its place.
    await Deno.remove(temporary).catch(ignoreMissing);
    using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    for (const piece of pieces) await writePiecewise(file, piece);
    await file.sync();
    await Deno.rename(temporary, path);
    // The rename itself must survive a power cut as well.
    using directory = await Deno.open(dirname(path));
    await directory.sync();
    return sizeBytes;
  } catch (error) {
    await Deno.remove(temporary).catch(ignoreReportedElsewhere);
    throw new Error(`Cannot write the snapshot ${path}`, { cause: error });
  }
}

async function writePiecewise(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) offset += await file.write(bytes.subarray(offset, offset + WRITE_BYTES));
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
