import { crc32 } from "node:zlib";
import { isRecord } from "./is_record.ts";
import { withNamesOfSessions } from "./version_1.ts";

/**
 * The bytes of a snapshot: one line of JSON that says what follows, then the parts one after the other.
 *
 *     {"format":"prodigy-exporter snapshot","version":2,"created":"…","parts":[…],"crc32":"1c291ca3"}\n<part><part>…
 *
 * The last key of the line is the checksum of the line before it, and each part has its own, so that no torn write and
 * no flipped bit passes as state: a wrong offset would count lines twice or never.
 */

const FORMAT = "prodigy-exporter snapshot";
export const SNAPSHOT_VERSION = 2;
/** A first line longer than this is no header of ours; bounds the search for its newline in a foreign file. */
const HEADER_MAX_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

export type SnapshotPart =
  | {
    readonly name: string;
    readonly encoding: "json";
    readonly value: unknown;
    /** Nothing changes the value any more, so it may be encoded later, and bit by bit. */
    readonly isCopy?: true;
  }
  | { readonly name: string; readonly encoding: "bytes"; readonly bytes: Uint8Array };

/** A part as bytes. What the header says of them grows with each piece: to look at all of them at the end takes long. */
export class EncodedPart {
  readonly body: Uint8Array[] = [];
  readonly #part: SnapshotPart;
  #sizeBytes = 0;
  #crc32 = 0;

  constructor(part: SnapshotPart) {
    this.#part = part;
  }

  add(piece: Uint8Array): void {
    this.body.push(piece);
    this.#sizeBytes += piece.length;
    this.#crc32 = crc32(piece, this.#crc32);
  }

  get header(): PartHeader {
    const { name, encoding } = this.#part;
    return { name, encoding, sizeBytes: this.#sizeBytes, crc32: this.#crc32 };
  }
}

/** `newer`: whole, but written by a later version of the program, so its meaning is not known here. */
export type DecodedSnapshot =
  | { readonly kind: "decoded"; readonly created: string; readonly parts: readonly SnapshotPart[] }
  | { readonly kind: "damaged"; readonly reason: string }
  | { readonly kind: "newer"; readonly version: number };

interface PartHeader {
  readonly name: string;
  readonly encoding: "json" | "bytes";
  readonly sizeBytes: number;
  readonly crc32: number;
}

interface Header {
  readonly version: number;
  readonly created: string;
  readonly parts: readonly PartHeader[];
}

/**
 * Encodes parts as the pieces of a file, header first. JSON values are taken over at once; the arrays of `bytes` parts
 * are not copied, so they must not change until the pieces are written.
 *
 * @param created RFC 3339, for a person who looks into the file.
 */
export function encodeSnapshot(parts: readonly SnapshotPart[], created: string): readonly Uint8Array[] {
  const encoded = parts.map((part) => {
    const one = new EncodedPart(part);
    one.add(encodePart(part));
    return one;
  });
  return putTogether(encoded, created);
}

export function encodePart(part: SnapshotPart): Uint8Array {
  return part.encoding === "json" ? new TextEncoder().encode(JSON.stringify(part.value ?? null)) : part.bytes;
}

/** The pieces of a file of parts that are encoded, each in pieces as well. */
export function putTogether(parts: readonly EncodedPart[], created: string): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  const headers = parts.map(({ header }) => header);
  const fields = JSON.stringify({ format: FORMAT, version: SNAPSHOT_VERSION, created, parts: headers });
  const open = fields.slice(0, -1);
  return [encoder.encode(open + checksumTail(encoder.encode(open)) + "\n"), ...parts.flatMap(({ body }) => body)];
}

/** Turns the parts of one version into those of the next, by the version they come from. */
const UPGRADES: Readonly<Record<number, (parts: readonly SnapshotPart[]) => readonly SnapshotPart[]>> = {
  1: (parts) =>
    parts.map((part) =>
      part.name === "metrics" && part.encoding === "json" ? { ...part, value: withNamesOfSessions(part.value) } : part
    ),
};

/** Decodes the bytes of a whole snapshot file; every part has its checksum verified. */
export function decodeSnapshot(bytes: Uint8Array): DecodedSnapshot {
  const lineEnd = bytes.subarray(0, HEADER_MAX_BYTES).indexOf(NEWLINE);
  if (lineEnd < 0) return damaged("it has no header line");
  const header = decodeHeader(bytes.subarray(0, lineEnd));
  if ("reason" in header) return damaged(header.reason);
  if (header.version > SNAPSHOT_VERSION) return { kind: "newer", version: header.version };

  const parts: SnapshotPart[] = [];
  let offset = lineEnd + 1;
  for (const { name, encoding, sizeBytes, crc32: expected } of header.parts) {
    const body = bytes.subarray(offset, offset + sizeBytes);
    if (body.length < sizeBytes) return damaged(`it ends inside the part "${name}"`);
    if (crc32(body) !== expected) return damaged(`the checksum of the part "${name}" is wrong`);
    parts.push(encoding === "json" ? { name, encoding, value: decodeJson(body) } : { name, encoding, bytes: body });
    offset += sizeBytes;
  }
  if (offset !== bytes.length) return damaged("bytes follow its last part");
  return { kind: "decoded", created: header.created, parts: upgradeParts(parts, header.version) };
}

function upgradeParts(parts: readonly SnapshotPart[], fromVersion: number): readonly SnapshotPart[] {
  let upgraded = parts;
  for (let version = fromVersion; version < SNAPSHOT_VERSION; version += 1) {
    upgraded = UPGRADES[version]?.(upgraded) ?? upgraded;
  }
  return upgraded;
}

function decodeHeader(line: Uint8Array): Header | { readonly reason: string } {
  const tailLength = checksumTail(new Uint8Array()).length;
  const open = line.subarray(0, Math.max(0, line.length - tailLength));
  const tail = new TextDecoder().decode(line.subarray(open.length));
  // The checksum comes first, and is the one thing all versions share: a flipped version digit is damage, not "newer".
  if (tail !== checksumTail(open)) return { reason: "its header is not that of a snapshot, or its checksum is wrong" };
  const fields = decodeJson(line);
  if (!isRecord(fields) || fields["format"] !== FORMAT) return { reason: "it is not a snapshot of prodigy-exporter" };
  const { version, created, parts } = fields;
  if (!isCount(version)) return { reason: "its header names no version" };
  // What follows may be shaped otherwise in a later version.
  if (version > SNAPSHOT_VERSION) return { version, created: "", parts: [] };
  if (typeof created !== "string" || !Array.isArray(parts) || !parts.every(isPartHeader)) {
    return { reason: "its header has another shape than its version" };
  }
  return { version, created, parts };
}

/** Ends the header line: `,"crc32":"<8 hex digits>"}`, the checksum of everything before it. */
function checksumTail(open: Uint8Array): string {
  return `,"crc32":"${crc32(open).toString(16).padStart(8, "0")}"}`;
}

function isPartHeader(value: unknown): value is PartHeader {
  return isRecord(value) && typeof value["name"] === "string" &&
    (value["encoding"] === "json" || value["encoding"] === "bytes") &&
    isCount(value["sizeBytes"]) && isCount(value["crc32"]);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Parses bytes whose checksum was right, so a SyntaxError here is a defect of the writer and is thrown. */
function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

function damaged(reason: string): DecodedSnapshot {
  return { kind: "damaged", reason };
}
