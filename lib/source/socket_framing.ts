import { charactersOf } from "./line_block.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** What every request for an acknowledgement begins with; an event line may, too, so this only finds candidates. */
const ACK_PREFIX = `{"ack"`;
const ACK_MAX_BYTES = 64;

/** What a block of received bytes completed. */
export interface Frame {
  /** Whole event lines as they came, each with its newline. Views into the block: to be used before the next `push`. */
  readonly lines: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly lineCount: number;
  /** One per request for an acknowledgement: the lines accepted on the connection before it. */
  readonly acks: readonly number[];
  /** Lines longer than the limit, which were skipped. */
  readonly tooLong: number;
  /** 1 when the connection ended inside a line that could not be taken as whole. */
  readonly unterminated: number;
}

/**
 * Cuts what one connection sends into event lines and requests for an acknowledgement, keeping the unfinished line for
 * the next block. Blank lines vanish; lines beyond the limit are skipped without being kept.
 *
 * Newlines are looked for in characters, because that is six times as fast as in the bytes; only a block that holds
 * something else than event lines is taken apart line by line.
 */
export class SocketFraming {
  readonly #lineMaxBytes: number;
  /** The unfinished line is the first `#partialBytes` of it. One array that grows, because a line may come byte by byte. */
  #partial = new Uint8Array();
  #partialBytes = 0;
  /** Inside a line that is too long and was counted as such. */
  #skipping = false;
  #accepted = 0;

  constructor(lineMaxBytes: number) {
    this.#lineMaxBytes = lineMaxBytes;
  }

  /** Memory held for an unfinished line. */
  get heldBytes(): number {
    return this.#partial.length;
  }

  /** Takes the next block; it may be reused once the frame is done with. */
  push(block: Uint8Array): Frame {
    const found = new Found(this.#accepted);
    const end = block.lastIndexOf(NEWLINE) + 1;
    let start = 0;
    if (end > 0 && (this.#skipping || this.#partialBytes > 0)) {
      start = block.indexOf(NEWLINE) + 1;
      this.#finishLine(block.subarray(0, start), found);
    }
    if (start < end) this.#takeLines(block.subarray(start, end), found);
    if (this.#keep(block.subarray(end))) found.tooLong += 1;
    const frame = found.toFrame();
    this.#accepted += frame.lineCount;
    return frame;
  }

  /**
   * Ends the connection. An unfinished line counts when the end was orderly and the line is whole JSON: `printf '{…}'`
   * sends no newline, and a JSON object cut short is never JSON.
   */
  end(orderly: boolean): Frame {
    const rest = this.#takePartial();
    if (isBlank(charactersOf(rest))) return new Found(this.#accepted).toFrame();
    if (orderly && parseJson(new TextDecoder("utf-8", { ignoreBOM: true }).decode(rest)) !== undefined) {
      return this.push(concat(rest, Uint8Array.of(NEWLINE)));
    }
    return { ...new Found(this.#accepted).toFrame(), unterminated: 1 };
  }

  #finishLine(tail: Uint8Array, found: Found): void {
    const skipped = this.#skipping;
    const partial = this.#takePartial();
    if (!skipped) this.#takeLines(concat(partial, tail), found);
  }

  /** Takes whole lines, of which most blocks hold nothing but short enough event lines. */
  #takeLines(bytes: Uint8Array, found: Found): void {
    const lineCount = bytes.length <= this.#lineMaxBytes ? countPlainLines(charactersOf(bytes.subarray(0, -1))) : null;
    if (lineCount !== null) found.addEvents(bytes, lineCount);
    else this.#takeLineByLine(bytes, found);
  }

  #takeLineByLine(bytes: Uint8Array, found: Found): void {
    for (let rest = bytes; rest.length > 0;) {
      const length = rest.indexOf(NEWLINE);
      const line = charactersOf(rest.subarray(0, length));
      if (length > this.#lineMaxBytes) found.tooLong += 1;
      else if (isAckRequest(line)) found.addAck();
      else if (!isBlank(line)) found.addEvents(rest.subarray(0, length + 1), 1);
      rest = rest.subarray(length + 1);
    }
  }

  #takePartial(): Uint8Array {
    const partial = this.#partial.subarray(0, this.#partialBytes);
    this.#partial = new Uint8Array();
    this.#partialBytes = 0;
    this.#skipping = false;
    return partial;
  }

  /** Keeps a copy of an unfinished line; true when it just became too long. */
  #keep(rest: Uint8Array): boolean {
    if (this.#skipping || rest.length === 0) return false;
    const sizeBytes = this.#partialBytes + rest.length;
    if (sizeBytes > this.#lineMaxBytes) {
      this.#takePartial();
      this.#skipping = true;
      return true;
    }
    if (sizeBytes > this.#partial.length) {
      const larger = new Uint8Array(Math.max(sizeBytes, Math.min(this.#partial.length * 2, this.#lineMaxBytes)));
      larger.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = larger;
    }
    this.#partial.set(rest, this.#partialBytes);
    this.#partialBytes = sizeBytes;
    return false;
  }
}

/** Gathers a frame. */
class Found {
  readonly #acceptedBefore: number;
  readonly #lines: Uint8Array[] = [];
  readonly #acks: number[] = [];
  #sizeBytes = 0;
  #lineCount = 0;
  tooLong = 0;

  constructor(acceptedBefore: number) {
    this.#acceptedBefore = acceptedBefore;
  }

  addEvents(lines: Uint8Array, lineCount: number): void {
    this.#lines.push(lines);
    this.#sizeBytes += lines.length;
    this.#lineCount += lineCount;
  }

  addAck(): void {
    this.#acks.push(this.#acceptedBefore + this.#lineCount);
  }

  toFrame(): Frame {
    return {
      lines: this.#lines,
      sizeBytes: this.#sizeBytes,
      lineCount: this.#lineCount,
      acks: this.#acks,
      tooLong: this.tooLong,
      unterminated: 0,
    };
  }
}

/** The number of lines, or `null` when one of them is something else than an event line, or may be. */
function countPlainLines(lines: string): number | null {
  let count = 1;
  for (let start = 0;; count += 1) {
    // A line that begins with a line break or a carriage return may be blank.
    const first = lines.charCodeAt(start);
    if (first === NEWLINE || first === CARRIAGE_RETURN || Number.isNaN(first)) return null;
    if (lines.startsWith(ACK_PREFIX, start)) return null;
    const end = lines.indexOf("\n", start);
    if (end < 0) return count;
    start = end + 1;
  }
}

/** Exactly `{"ack":true}`; an object with more in it is an event line. */
function isAckRequest(line: string): boolean {
  if (line.length > ACK_MAX_BYTES || !line.startsWith(ACK_PREFIX)) return false;
  const value = parseJson(line);
  return typeof value === "object" && value !== null && "ack" in value && value.ack === true &&
    Object.keys(value).length === 1;
}

/** `undefined` when the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isBlank(line: string): boolean {
  return line === "" || line === "\r";
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
