const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Bytes every request for an acknowledgement begins with; an event line may, too, so this only finds candidates. */
const ACK_PREFIX = new TextEncoder().encode(`{"ack"`);
const ACK_MAX_BYTES = 64;
/** A longer array for unfinished lines is let go with its line, so that one long line does not cost memory for ever. */
const SMALL_BYTES = 64 * 1024;

/** What a block of received bytes completed. */
export interface Frame {
  /** Whole event lines, each with its newline; empty when there are none. */
  readonly lines: Uint8Array;
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

  /** Takes the next block; it may be reused by the caller afterwards. */
  push(block: Uint8Array): Frame {
    const parts: Uint8Array[] = [];
    const acks: number[] = [];
    const acceptedBefore = this.#accepted;
    let tooLong = 0;
    // Neighbouring lines are taken over as one range, [rangeStart, lineStart).
    let rangeStart = 0;
    let lineStart = 0;
    let lineEnd = block.indexOf(NEWLINE);
    if (lineEnd >= 0 && (this.#skipping || this.#partialBytes > 0)) {
      const first = this.#finishLine(block.subarray(0, lineEnd + 1));
      if (first === "ack") acks.push(this.#accepted);
      else if (first === "too_long") tooLong += 1;
      else if (first !== null) parts.push(...first);
      rangeStart = lineStart = lineEnd + 1;
      lineEnd = block.indexOf(NEWLINE, lineStart);
    }
    for (; lineEnd >= 0; lineStart = lineEnd + 1, lineEnd = block.indexOf(NEWLINE, lineStart)) {
      const kind = this.#classify(block, lineStart, lineEnd);
      if (kind === "event") {
        this.#accepted += 1;
        continue;
      }
      parts.push(block.subarray(rangeStart, lineStart));
      rangeStart = lineEnd + 1;
      if (kind === "ack") acks.push(this.#accepted);
      else if (kind === "too_long") tooLong += 1;
    }
    parts.push(block.subarray(rangeStart, lineStart));
    // Before the rest is kept, because a part may still lie in the array of the unfinished line.
    const lines = concat(parts);
    if (this.#keep(block.subarray(lineStart))) tooLong += 1;
    return { lines, lineCount: this.#accepted - acceptedBefore, acks, tooLong, unterminated: 0 };
  }

  /**
   * Ends the connection. An unfinished line counts when the end was orderly and the line is whole JSON: `printf '{…}'`
   * sends no newline, and a JSON object cut short is never JSON.
   */
  end(orderly: boolean): Frame {
    const rest = this.#takePartial();
    const nothing = { lines: new Uint8Array(), lineCount: 0, acks: [], tooLong: 0, unterminated: 0 };
    if (rest.length === 0 || isBlank(rest)) return nothing;
    if (!orderly || parseJson(rest) === undefined) return { ...nothing, unterminated: 1 };
    return this.push(concat([rest, Uint8Array.of(NEWLINE)]));
  }

  /** The unfinished line with its last bytes, newline included; `null` when it was skipped or blank. */
  #finishLine(tail: Uint8Array): readonly Uint8Array[] | "ack" | "too_long" | null {
    const skipped = this.#skipping;
    const parts = [this.#takePartial(), tail];
    if (skipped) return null;
    const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0) - 1;
    if (sizeBytes > this.#lineMaxBytes) return "too_long";
    if (sizeBytes <= ACK_MAX_BYTES) {
      const kind = this.#classify(concat(parts), 0, sizeBytes);
      if (kind === "ack") return "ack";
      if (kind === "blank") return null;
    }
    this.#accepted += 1;
    return parts;
  }

  #takePartial(): Uint8Array {
    const partial = this.#partial.subarray(0, this.#partialBytes);
    this.#partialBytes = 0;
    this.#skipping = false;
    if (this.#partial.length > SMALL_BYTES) this.#partial = new Uint8Array();
    return partial;
  }

  #classify(bytes: Uint8Array, start: number, end: number): "event" | "ack" | "blank" | "too_long" {
    const length = end - start;
    if (length > ACK_MAX_BYTES) return length > this.#lineMaxBytes ? "too_long" : "event";
    if (length <= 1 && (length === 0 || bytes[start] === CARRIAGE_RETURN)) return "blank";
    for (let index = 0; index < ACK_PREFIX.length; index += 1) {
      if (bytes[start + index] !== ACK_PREFIX[index]) return length > this.#lineMaxBytes ? "too_long" : "event";
    }
    return isAckRequest(parseJson(bytes.subarray(start, end))) ? "ack" : "event";
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

/** Exactly `{"ack":true}`; an object with more in it is an event line. */
function isAckRequest(value: unknown): boolean {
  return typeof value === "object" && value !== null && "ack" in value && value.ack === true &&
    Object.keys(value).length === 1;
}

/** `undefined` when the bytes are not JSON. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === CARRIAGE_RETURN;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
