/** Bytes a state file may have; Prodigy's checkpoints hold outputs and environments and reach some megabytes. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/**
 * A file written this recently may be written again within the same tick of the file system's clock (4 ms on Linux)
 * and with the same size: its stamp proves nothing yet.
 */
const UNPROVEN_MS = 100;
/** The same for a directory whose listing is kept. */
const QUIET_DIRECTORY_MS = 1_000;
/** A kept listing is renewed after this long even so: not every file system keeps directory times. */
export const LISTING_MAX_AGE_MS = 30_000;
/** Some editors put one at a file's start; Prodigy does not. */
const BYTE_ORDER_MARK = "\ufeff";
/** Paths remembered that cannot be read, or not be listed in full. */
const MAX_REMEMBERED_SKIPS = 10_000;

export interface Listing {
  /** Names of regular files. */
  readonly files: readonly string[];
  readonly directories: readonly string[];
}

export type Reading =
  /** As it was at the last reading. */
  | { readonly kind: "same"; readonly mtimeMs: number }
  | { readonly kind: "read"; readonly json: unknown; readonly mtimeMs: number; readonly stamp: string }
  /** Empty, cut or not JSON: Prodigy rewrites files in place, so look again later. */
  | { readonly kind: "torn"; readonly mtimeMs: number }
  | { readonly kind: "absent" }
  /** Unreadable, not a regular file, or too large. */
  | { readonly kind: "skipped" };

/** What is there and goes by unread. */
export interface FileStats {
  /** Links, FIFOs, sockets and devices at the last look at their directories. */
  readonly notFiles: number;
  readonly tooLarge: number;
  /** Files and directories that could not be read at their last look, and files that hold what cannot be. */
  readonly unreadable: number;
  /** Readings of files that were empty, cut or not JSON. */
  readonly torn: number;
}

interface Known {
  readonly stamp: string;
  readonly isTorn: boolean;
}

interface KeptListing {
  readonly listing: Listing;
  readonly mtimeMs: number;
  readonly atMs: number;
}

interface SeenRoot {
  /** The look it was asked in. */
  readonly look: number;
  readonly listing: Listing;
  readonly names: ReadonlySet<string>;
}

/**
 * Reads JSON files again only when their size, modification time or inode changed. Never throws for what a file
 * system does. Symbolic links are not followed below the directories given (a link could lead out of the tree, or in
 * circles); those directories themselves may be links.
 */
export class ChangedFiles {
  readonly #wallNowMs: () => number;
  readonly #maxFileBytes: number;
  readonly #known = new Map<string, Known>();
  readonly #listings = new Map<string, KeptListing>();
  readonly #roots = new Map<string, SeenRoot>();
  /** By directory; only those that have some. */
  readonly #notFiles = new Map<string, number>();
  readonly #tooLarge = new Set<string>();
  readonly #unreadable = new Map<string, string>();
  #torn = 0;
  #look = 0;

  /** @param options.wallNowMs the clock the file system's times come from, whatever clock the looks are driven by. */
  constructor(options: { readonly wallNowMs: () => number; readonly maxFileBytes?: number }) {
    this.#wallNowMs = options.wallNowMs;
    this.#maxFileBytes = options.maxFileBytes ?? MAX_FILE_BYTES;
  }

  get stats(): FileStats {
    let notFiles = 0;
    for (const count of this.#notFiles.values()) notFiles += count;
    return { notFiles, tooLarge: this.#tooLarge.size, unreadable: this.#unreadable.size, torn: this.#torn };
  }

  /** The first path that cannot be read and why, for a person; `null` when all can. */
  get problem(): string | null {
    for (const [path, reason] of this.#unreadable) return `Cannot read ${path}: ${reason}`;
    return null;
  }

  list(directory: string): Listing | "absent" | "unreadable" {
    const files: string[] = [];
    const directories: string[] = [];
    let notFiles = 0;
    this.#notFiles.delete(directory);
    try {
      for (const entry of Deno.readDirSync(directory)) {
        if (entry.isFile) files.push(entry.name);
        else if (entry.isDirectory) directories.push(entry.name);
        else notFiles++;
      }
      if (notFiles > 0 && this.#notFiles.size < MAX_REMEMBERED_SKIPS) this.#notFiles.set(directory, notFiles);
    } catch (error) {
      return this.#failed(directory, error) ? "unreadable" : "absent";
    }
    this.#unreadable.delete(directory);
    return { files, directories };
  }

  /** Like `list`, from memory as long as the directory's own time says that no entry came or went. */
  listKept(directory: string): Listing | "absent" | "unreadable" {
    let mtimeMs: number;
    try {
      mtimeMs = timeMs(Deno.statSync(directory).mtime) ?? NaN;
    } catch (error) {
      this.#listings.delete(directory);
      return this.#failed(directory, error) ? "unreadable" : "absent";
    }
    const nowMs = this.#wallNowMs();
    const kept = this.#listings.get(directory);
    if (kept?.mtimeMs === mtimeMs && nowMs - kept.atMs < LISTING_MAX_AGE_MS) return kept.listing;
    const listing = this.list(directory);
    if (typeof listing !== "string" && nowMs - mtimeMs > QUIET_DIRECTORY_MS) {
      this.#listings.set(directory, { listing, mtimeMs, atMs: nowMs });
    } else {
      this.#listings.delete(directory);
    }
    return listing;
  }

  /**
   * The directory `below` a root's entry of that name: `absent` without asking for it when the root has no such entry,
   * because asking in vain costs most of a look. The root is asked once in a look.
   */
  listBelow(root: string, name: string, below: string): Listing | "absent" | "unreadable" {
    const names = this.#namesIn(root);
    return names === null || names.has(name) ? this.list(`${root}/${name}${below}`) : "absent";
  }

  /** To be called before each look: roots are then asked anew. */
  beginLook(): void {
    this.#look++;
  }

  forgetListing(directory: string): void {
    this.#listings.delete(directory);
    this.#notFiles.delete(directory);
    this.#unreadable.delete(directory);
  }

  /** Directories in `root`; `null` when it cannot be listed. */
  #namesIn(root: string): ReadonlySet<string> | null {
    const known = this.#roots.get(root);
    if (known?.look === this.#look) return known.names;
    const listing = this.listKept(root);
    if (typeof listing === "string") {
      this.#roots.delete(root);
      return null;
    }
    const names = known?.listing === listing ? known.names : new Set(listing.directories);
    this.#roots.set(root, { look: this.#look, listing, names });
    return names;
  }

  /** When the file was last written, Unix milliseconds; `null` when it is not a readable regular file. */
  mtimeMs(path: string): number | null {
    try {
      const info = Deno.lstatSync(path);
      return info.isFile ? timeMs(info.mtime) ?? 0 : null;
    } catch (error) {
      this.#failed(path, error);
      return null;
    }
  }

  /** When an entry last came into or left the directory, Unix milliseconds. */
  directoryMtimeMs(directory: string): number | null {
    try {
      return timeMs(Deno.statSync(directory).mtime);
    } catch (error) {
      this.#failed(directory, error);
      return null;
    }
  }

  /** @param options.force read also when it did not change, because its content is not at hand any more. */
  read(path: string, nowMs: number, options: { readonly force?: boolean } = {}): Reading {
    try {
      const info = Deno.lstatSync(path);
      if (!info.isFile) return { kind: "skipped" };
      if (info.size > this.#maxFileBytes) {
        if (this.#tooLarge.size < MAX_REMEMBERED_SKIPS) this.#tooLarge.add(path);
        return { kind: "skipped" };
      }
      this.#tooLarge.delete(path);
      const mtimeMs = timeMs(info.mtime) ?? 0;
      const stamp = `${info.size}:${mtimeMs}:${info.ino ?? 0}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp && known.isTorn) return { kind: "torn", mtimeMs };
      if (known?.stamp === stamp && options.force !== true) return { kind: "same", mtimeMs };
      const json = info.size === 0 ? undefined : parseJson(Deno.readTextFileSync(path));
      const isTorn = json === undefined;
      if (isTorn) this.#torn++;
      this.#unreadable.delete(path);
      if (this.#isProven(mtimeMs, nowMs)) this.#known.set(path, { stamp, isTorn });
      else this.#known.delete(path);
      return isTorn ? { kind: "torn", mtimeMs } : { kind: "read", json, mtimeMs, stamp };
    } catch (error) {
      return { kind: this.#failed(path, error) ? "skipped" : "absent" };
    }
  }

  /** Takes the file for read at `stamp`, as a `read` told in an earlier life of the program. */
  assumeRead(path: string, stamp: string): void {
    this.#known.set(path, { stamp, isTorn: false });
  }

  /** Reports a file that was read and holds what cannot be, until it is read again or forgotten. */
  doubt(path: string, reason: string): void {
    if (this.#unreadable.size < MAX_REMEMBERED_SKIPS) this.#unreadable.set(path, reason);
  }

  forget(path: string): void {
    this.#known.delete(path);
    this.#unreadable.delete(path);
    this.#tooLarge.delete(path);
  }

  #isProven(mtimeMs: number, nowMs: number): boolean {
    return Math.abs(this.#wallNowMs() - mtimeMs) > UNPROVEN_MS && Math.abs(nowMs - mtimeMs) > UNPROVEN_MS;
  }

  /** Whether it is there but cannot be read. */
  #failed(path: string, error: unknown): boolean {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      this.#unreadable.delete(path);
      this.#tooLarge.delete(path);
      return false;
    }
    if (this.#unreadable.size < MAX_REMEMBERED_SKIPS) {
      this.#unreadable.set(path, error instanceof Error ? error.name : "unknown error");
    }
    return true;
  }
}

/** `null` where there is none, or none that a date can hold: some file systems store any 64-bit number. */
function timeMs(time: Date | null): number | null {
  const ms = time?.getTime() ?? NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** `undefined` when it is not (yet) JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text);
  } catch {
    // A SyntaxError: the file is being rewritten, or is not JSON. Its message would quote the file.
    return undefined;
  }
}
