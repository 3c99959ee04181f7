/**
 * Reads back what `deno compile` put into an executable, so that it can be checked where the runtime it needs cannot be
 * had. The layout is that of Deno 2.6 to 2.9 (cli/lib/standalone/binary.rs): a note of owner "SUI" in the ELF file holds
 *
 *     "d3n0l4nd"  metadata  npm snapshot  specifiers  redirects  remote modules  file tree  file contents  "d3n0l4nd"
 *
 * where metadata, snapshot, tree and contents are preceded by their length in eight bytes, the other three by their
 * number in four.
 */
export interface CompiledArtifact {
  readonly metadata: Metadata;
  readonly npmSnapshotBytes: number;
  readonly remoteModules: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The part of the metadata that decides what the program may do, and how it runs. */
export interface Metadata {
  readonly argv: readonly string[];
  readonly entrypoint_key: string;
  readonly permissions: Readonly<Record<string, boolean | readonly string[] | null>>;
  readonly v8_flags: readonly string[];
  readonly env_vars_from_env_file: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

const MAGIC = "d3n0l4nd";
const NOTE_OWNER = "SUI";
const PROGRAM_HEADER_NOTE = 4;

/** Reads numbers and texts one after the other. @throws {RangeError} past the end. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.position >= this.#bytes.length;
  }
  u16(): number {
    return this.#view.getUint16(this.#step(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }
  u64(): number {
    return Number(this.#view.getBigUint64(this.#step(8), true));
  }
  bytes(count: number): Uint8Array {
    const at = this.#step(count);
    return this.#bytes.subarray(at, at + count);
  }
  text(count: number): string {
    return new TextDecoder().decode(this.bytes(count));
  }
  /** Notes are padded to four bytes. */
  padded(count: number): Uint8Array {
    const bytes = this.bytes(count);
    this.#step(-count & 3);
    return bytes;
  }
  expect(text: string): void {
    const found = this.text(text.length);
    if (found !== text) throw new TypeError(`Cannot read the artifact as ${text} was expected: found ${found}`);
  }

  #step(count: number): number {
    const at = this.position;
    if (at + count > this.#bytes.length) throw new RangeError("Cannot read the artifact as it ends too soon");
    this.position += count;
    return at;
  }
}

/** @throws {TypeError} for a file that `deno compile` did not make. */
export function readCompiledArtifact(executable: Uint8Array): CompiledArtifact {
  const reader = new Reader(findSection(executable));
  reader.expect(MAGIC);
  // Deno's own, in the shape its version fixes.
  const metadata = JSON.parse(reader.text(reader.u64())) as Metadata;
  const npmSnapshotBytes = reader.bytes(reader.u64()).length;
  for (let specifiers = reader.u32(); specifiers > 0; specifiers--) {
    reader.bytes(reader.u32());
    reader.u32();
  }
  for (let redirects = reader.u32(); redirects > 0; redirects--) reader.bytes(8);
  const remoteModules = reader.u32();
  if (remoteModules > 0) return { metadata, npmSnapshotBytes, remoteModules, files: new Map() };
  const tree = JSON.parse(reader.text(reader.u64())) as readonly TreeEntry[];
  const contents = reader.bytes(reader.u64());
  reader.expect(MAGIC);
  return { metadata, npmSnapshotBytes, remoteModules, files: new Map(filesIn(tree, "", contents)) };
}

interface TreeEntry {
  readonly Dir?: { readonly n: string; readonly e: readonly TreeEntry[] };
  readonly File?: { readonly n: string; readonly o: readonly [offset: number, length: number] };
}

function* filesIn(
  entries: readonly TreeEntry[],
  directory: string,
  contents: Uint8Array,
): Generator<readonly [string, Uint8Array]> {
  for (const { Dir, File } of entries) {
    if (Dir !== undefined) yield* filesIn(Dir.e, `${directory}${Dir.n}/`, contents);
    if (File !== undefined) yield [directory + File.n, contents.subarray(File.o[0], File.o[0] + File.o[1])];
  }
}

/** Goes through the notes of a 64-bit ELF file. */
function findSection(executable: Uint8Array): Uint8Array {
  const header = new Reader(executable);
  header.expect("\x7fELF");
  header.position = 0x20;
  const headersAt = header.u64();
  header.position = 0x36;
  const headerBytes = header.u16();
  const headers = header.u16();
  for (let index = 0; index < headers; index++) {
    header.position = headersAt + index * headerBytes;
    if (header.u32() !== PROGRAM_HEADER_NOTE) continue;
    header.position += 4;
    const notesAt = header.u64();
    header.position += 16;
    const section = sectionInNotes(executable.subarray(notesAt, notesAt + header.u64()));
    if (section !== null) return section;
  }
  throw new TypeError("Cannot read the artifact as nothing is embedded in it");
}

function sectionInNotes(notes: Uint8Array): Uint8Array | null {
  const reader = new Reader(notes);
  while (!reader.isAtEnd) {
    const ownerBytes = reader.u32();
    const contentBytes = reader.u32();
    reader.u32();
    const owner = new TextDecoder().decode(reader.padded(ownerBytes)).replaceAll("\0", "");
    const content = reader.padded(contentBytes);
    if (owner !== NOTE_OWNER) continue;
    const inside = new Reader(content);
    if (inside.text(inside.u16()) === MAGIC) return content.subarray(inside.position);
  }
  return null;
}

/** The flags of `deno run` that grant and refuse what the executable was made with. */
export function bakedFlags({ permissions, v8_flags: v8Flags }: Metadata): readonly string[] {
  const granted = Object.entries(permissions).flatMap(([name, value]) => {
    if (name === "prompt") return value === false ? ["--no-prompt"] : [];
    if (!Array.isArray(value)) return [];
    const flag = `--${name.replaceAll("_", "-")}`;
    return [value.length === 0 ? flag : `${flag}=${value.join(",")}`];
  });
  // The first one stands for the name of a program.
  return [`--v8-flags=${v8Flags.slice(1).join(",")}`, ...granted];
}
