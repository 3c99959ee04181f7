import { type Fingerprint, FINGERPRINT_BYTES } from "./fingerprint.ts";
import type { FilePlace } from "./file_place.ts";
import type { LostContent } from "./read_before.ts";
import type { FileIdentity } from "./tail_decision.ts";
import type { FileRecord } from "./tracked_file.ts";

/** What the file source remembers over a restart. */
export interface TailState {
  /** The whole tree was seen once: from now on a file that is not known is new, however old it looks. */
  readonly treeSeen: boolean;
  readonly files: readonly FileRecord[];
  readonly lostContents: readonly LostContent[];
}

/**
 * Checks a state that was kept as JSON.
 *
 * @throws {TypeError} naming the first field that is not what it should be
 */
export function parseTailState(value: unknown): TailState {
  const state = record(value, "state");
  return {
    treeSeen: boolean(state["treeSeen"], "treeSeen"),
    files: list(state["files"], "files").map(parseFile),
    lostContents: list(state["lostContents"], "lostContents").map(parseLostContent),
  };
}

function parseFile(value: unknown): FileRecord {
  const file = record(value, "files[]");
  return {
    identity: parseIdentity(file["identity"]),
    path: text(file["path"], "path"),
    place: parsePlace(file["place"]),
    seenBytes: count(file["seenBytes"], "seenBytes"),
    hasPartialLine: boolean(file["hasPartialLine"], "hasPartialLine"),
    mtimeMs: orNull(file["mtimeMs"], "mtimeMs"),
    beginsAtEnd: boolean(file["beginsAtEnd"], "beginsAtEnd"),
  };
}

function parseLostContent(value: unknown): LostContent {
  const lost = record(value, "lostContents[]");
  return { path: text(lost["path"], "path"), place: parsePlace(lost["place"]) };
}

function parseIdentity(value: unknown): FileIdentity {
  const identity = record(value, "identity");
  return {
    dev: count(identity["dev"], "dev"),
    ino: count(identity["ino"], "ino"),
    birthMs: orNull(identity["birthMs"], "birthMs"),
  };
}

function parsePlace(value: unknown): FilePlace {
  const place = record(value, "place");
  const offsetBytes = count(place["offsetBytes"], "offsetBytes");
  return {
    offsetBytes,
    skipping: boolean(place["skipping"], "skipping"),
    head: parseFingerprint(place["head"], FINGERPRINT_BYTES),
    beforeOffset: parseFingerprint(place["beforeOffset"], Math.min(FINGERPRINT_BYTES, offsetBytes)),
  };
}

function parseFingerprint(value: unknown, maxBytes: number): Fingerprint {
  const fingerprint = record(value, "fingerprint");
  const lengthBytes = count(fingerprint["lengthBytes"], "lengthBytes");
  if (lengthBytes > maxBytes) throw wrong("lengthBytes");
  return { lengthBytes, hash: count(fingerprint["hash"], "hash") };
}

function record(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(field);
  // An object that is no array: its fields are looked at one by one.
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(field);
  return value;
}

function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw wrong(field);
  return value;
}

function boolean(value: unknown, field: string): boolean {
  if (typeof value !== "boolean") throw wrong(field);
  return value;
}

/** Inode and device numbers may be beyond the safe integers; they are only compared. */
function count(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw wrong(field);
  return value;
}

function orNull(value: unknown, field: string): number | null {
  if (value === null) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(field);
  return value;
}

function wrong(field: string): TypeError {
  return new TypeError(`Cannot load the state of the file source as \`${field}\` is not what it should be`);
}
