import { isRotatedName, rotationStem } from "./event_file_name.ts";
import { type Fingerprint, sameFingerprint } from "./fingerprint.ts";
import type { FilePlace } from "./file_place.ts";

/** Content that was read from a file and is no longer there: the file was truncated, or is gone. */
export interface LostContent {
  readonly path: string;
  readonly place: FilePlace;
}

/** A file that was never read, as far as it must be known to compare it. Offsets are those of its lines, unpacked. */
export interface NewFile {
  readonly path: string;
  readonly content: ComparableContent;
}

export interface ComparableContent {
  contentBytes(): number;
  fingerprintAt(offsetBytes: number, lengthBytes: number): Fingerprint;
}

/** Enough for every rotation of a day; an entry that is pushed out costs repeated lines, known by their event ids. */
const MAX_ENTRIES = 256;

/**
 * Knows a copy of what was already read: copytruncate copies a file to its rotated name before truncating it, and gzip
 * writes a packed copy and deletes the original. Such a copy is read from where the original was left, so what was
 * written between the last look and the truncation is not lost, and nothing is counted twice.
 *
 * A file counts as a copy only when its content up to the old place is the same, its name is a rotated one of the same
 * stem in the same directory, and the original is not there any more. Content alone would not do: lines without ids can
 * be equal, and a hook may write the same line into file after file.
 */
export class ReadBefore {
  #entries: LostContent[] = [];

  get entries(): readonly LostContent[] {
    return this.#entries;
  }

  remember(lost: LostContent): void {
    if (lost.place.offsetBytes === 0) return;
    this.#entries.push(lost);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
  }

  restore(entries: readonly LostContent[]): void {
    this.#entries = entries.slice(-MAX_ENTRIES);
  }

  /** Where to begin in `file`; `null` when it is no copy. `others` are contents that are being lost just now. */
  placeIn(file: NewFile, others: readonly LostContent[]): FilePlace | null {
    let best: FilePlace | null = null;
    for (const lost of [...this.#entries, ...others]) {
      if (!isRotatedNameOf(file.path, lost.path) || !holds(file.content, lost.place)) continue;
      if (best === null || lost.place.offsetBytes > best.offsetBytes) best = lost.place;
    }
    return best;
  }
}

function holds(content: ComparableContent, { offsetBytes, head, beforeOffset }: FilePlace): boolean {
  if (offsetBytes === 0 || content.contentBytes() < offsetBytes) return false;
  const before = content.fingerprintAt(offsetBytes - beforeOffset.lengthBytes, beforeOffset.lengthBytes);
  return sameFingerprint(content.fingerprintAt(0, head.lengthBytes), head) && sameFingerprint(before, beforeOffset);
}

/** Whether `path` is one that rotation gives to a file that had, or was to have, the path `original`. */
export function isRotatedNameOf(path: string, original: string): boolean {
  const [directory, name] = splitPath(path);
  const [originalDirectory, originalName] = splitPath(original);
  return directory === originalDirectory && name !== originalName && isRotatedName(name) &&
    rotationStem(name) === rotationStem(originalName);
}

function splitPath(path: string): readonly [directory: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, slash), path.slice(slash + 1)];
}
