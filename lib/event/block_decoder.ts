import { decodeLine, decodeScanned } from "./decode.ts";
import { IdHash } from "./id_hash.ts";
import { LineScanner } from "./line_scanner.ts";
import type { EventRecord } from "./record.ts";
import type { Rejected } from "./rejected.ts";

/** What is told of each line that is not blank, in their order. */
export interface LineHandler {
  onRecord(record: EventRecord): void;
  onRejected(rejected: Rejected): void;
}

/** Larger blocks hold lines so long that scanning them for the few fields they have is no use. */
const SCAN_MAX_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const NUL = 0;

/**
 * Decodes blocks of lines. A rejected line never touches its neighbours.
 *
 * Lines in the form Prodigy writes are scanned, all others parsed, line by line on purpose: one `JSON.parse` of a whole
 * block as an array is 6 % faster, but needs a proof that no line joined with the next (`{"a":[{}` and `{}]}` do) while
 * another held two values (`{},{}`): that is only certain when the text has no `}`, `,`, `{` in a row, blanks between or
 * not, and looking for that costs 11 %.
 */
export class BlockDecoder {
  readonly #scanner = new LineScanner();
  // ignoreBOM: the mark was dropped where it is one; elsewhere it is a character that JSON does not allow.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #textHash = new IdHash();
  #bytes: Uint8Array = new Uint8Array();
  #start = 0;
  #end = 0;
  #idHash: IdHash | null = null;
  #isScanned = false;

  /** The line at hand, as long as it is: for handlers only. */
  get line(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Time of the record at hand in Unix seconds, where it is had without parsing `timestamp`: for handlers only. */
  get atSeconds(): number | null {
    return this.#isScanned ? this.#scanner.atSeconds : null;
  }

  /** Hash of the id of the record at hand; `null` when it has none: for handlers only. */
  get idHash(): IdHash | null {
    return this.#idHash;
  }

  /**
   * @param lines joined by newlines, without a final one. NUL bytes before a line are no part of it: they are a hole in a
   *   file, left by a writer that does not append (Prodigy after its own rotation) or by a power cut.
   * @param runId the Prodigy session the lines' place tells; see `decodeLine`, as for `repository`.
   */
  decode(lines: Uint8Array, runId: string | null, handler: LineHandler, repository: string | null = null): void {
    const scanner = this.#scanner;
    const canScan = lines.length <= SCAN_MAX_BYTES;
    if (canScan) scanner.load(lines);
    this.#bytes = lines;
    for (this.#start = 0; this.#start <= lines.length; this.#start = this.#end + 1) {
      this.#isScanned = canScan && scanner.scan(this.#start);
      if (this.#isScanned) {
        this.#end = scanner.end;
        this.#idHash = scanner.idHash;
        hand(decodeScanned(scanner, runId, repository), handler);
        continue;
      }
      while (lines[this.#start] === NUL) this.#start++;
      const newline = lines.indexOf(NEWLINE, this.#start);
      this.#end = newline === -1 ? lines.length : newline;
      if (!isBlank(lines, this.#start, this.#end)) this.#parse(runId, repository, handler);
    }
  }

  #parse(runId: string | null, repository: string | null, handler: LineHandler): void {
    const result = decodeLine(this.#decoder.decode(this.line), runId, repository);
    const id = "rejected" in result ? null : result.id;
    this.#idHash = id === null ? null : this.#textHash.ofText(id);
    hand(result, handler);
  }
}

function hand(result: EventRecord | Rejected, handler: LineHandler): void {
  if ("rejected" in result) handler.onRejected(result);
  else handler.onRecord(result);
}

/** Blank, tab and carriage return are what JSON, too, takes for nothing. */
function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
