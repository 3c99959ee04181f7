import { Buffer } from "node:buffer";
import {
  ALSE,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isDigit,
  NULL,
  OPEN_BRACKET,
  PADDING_BYTES,
  plainStringEnd,
  POINT,
  POWERS_OF_TEN,
  QUOTE,
  skipNumber,
  skipValue,
  TRUE,
  ZERO,
} from "./json_bytes.ts";
import { IdHash } from "./id_hash.ts";
import { KNOWN_BYTES_REACH, KnownBytes } from "./known_bytes.ts";
import { LineText } from "./line_text.ts";
import { Literal } from "./literal.ts";
import { TextPool } from "./text_pool.ts";
import { TimestampBytes } from "./timestamp_bytes.ts";
import { ScannedFields } from "./scanned_fields.ts";
import type { ScannedLine } from "./scanned_record.ts";
import { WIRE_FIELD_NAMES, type WireFieldName, type WireFields } from "./wire.ts";

const NEWLINE = 0x0a;
/** How far whatever looks at bytes looks beyond them. */
const REACH_BYTES = Math.max(PADDING_BYTES, KNOWN_BYTES_REACH);
/** A whole number of so many digits has no rounding. */
const EXACT_DIGITS = 15;
const OPEN_ID = new Literal('{"id":"');
const TIMESTAMP = new Literal('","timestamp":"');
const CORRELATION_ID = new Literal('","correlation_id":"');
const EVENT_TYPE = new Literal('","event":{"event_type":"');
const METADATA = new Literal(',"metadata":{');
const SESSION_ID = new Literal('session_id":');

interface Field {
  /** In `WIRE_FIELD_NAMES`. */
  readonly index: number;
  /** The name with the quote and the colon after it. */
  readonly literal: Literal;
  /** Place for the value of a field that has another one in nearly every line. */
  readonly unique: number | null;
}
const UNIQUE_FIELDS: readonly WireFieldName[] = ["tool_id", "timestamp", "item_id"];
const FIELDS = WIRE_FIELD_NAMES.map((name, index): Field => ({
  index,
  literal: new Literal(`${name}":`),
  unique: UNIQUE_FIELDS.includes(name) ? UNIQUE_FIELDS.indexOf(name) : null,
}));
const EVENT_TYPE_INDEX = WIRE_FIELD_NAMES.indexOf("event_type");
const FIELD_SLOTS = 256;
/** By a hash of the name's first six characters; a name whose place is taken has the next one that is free. */
const FIELD_TABLE = FIELDS.reduce<(Field | null)[]>((table, field) => {
  let slot = slotOf(field.literal.four, field.literal.nextTwo);
  while (table[slot] !== null) slot = (slot + 1) % FIELD_SLOTS;
  table[slot] = field;
  return table;
}, new Array<Field | null>(FIELD_SLOTS).fill(null));

function slotOf(four: number, nextTwo: number): number {
  return Math.imul(four ^ (nextTwo << 7), 0x9e3779b1) >>> 24;
}

function findField(view: DataView, at: number): Field | null {
  let slot = slotOf(view.getInt32(at, true), view.getUint16(at + 4, true));
  for (;;) {
    const field = FIELD_TABLE[slot] ?? null;
    if (field === null || field.literal.isAt(view, at)) return field;
    slot = (slot + 1) % FIELD_SLOTS;
  }
}

/**
 * Reads lines in the one form Prodigy writes (its key order, no white space, no escapes in what is kept) several times
 * as fast as JSON.parse, because it builds nothing but the fields the decoders read. Of anything else it says that it is
 * not sure, and the line goes to JSON.parse; a property test holds both to the same result for every line it takes.
 */
export class LineScanner implements ScannedLine {
  readonly #pool = new TextPool();
  readonly #fields = new ScannedFields();
  readonly #idHash = new IdHash();
  readonly #times = new TimestampBytes();
  /** From the time's end to the event's type. */
  readonly #correlations = new KnownBytes();
  /** From the event's end to the line's. */
  readonly #ends = new KnownBytes();
  readonly #uniques = UNIQUE_FIELDS.map(() => new LineText());
  #copy: Buffer = Buffer.alloc(0);
  #bytes: Buffer = this.#copy;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #end = 0;
  #idStart = 0;
  #idEnd = 0;
  #timeStart = 0;
  #timeEnd = 0;
  #atSeconds = 0;
  #correlationId = "";
  #eventType = "";
  #value: unknown = null;

  /**
   * Takes a block of lines over. The scan must be able to look beyond its end: where the block lies in a buffer that goes on
   * with a newline and some more, as most of what is read from a file does, it is left where it is, else copied.
   */
  load(block: Uint8Array): void {
    const neededBytes = block.length + REACH_BYTES;
    if (block.byteOffset + neededBytes <= block.buffer.byteLength) {
      this.#look(Buffer.from(block.buffer, block.byteOffset, neededBytes));
      if (this.#bytes[block.length] === NEWLINE) return;
    }
    if (neededBytes > this.#copy.length) this.#copy = Buffer.alloc(block.length * 2 + REACH_BYTES);
    this.#copy.set(block);
    this.#copy[block.length] = NEWLINE;
    this.#look(this.#copy);
  }

  #look(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  // Of the line scanned last, until the next one.

  /** Where it ends: at its newline. */
  get end(): number {
    return this.#end;
  }
  /** Its time, Unix seconds. */
  get atSeconds(): number {
    return this.#atSeconds;
  }
  get idHash(): IdHash {
    return this.#idHash;
  }
  get id(): string {
    return this.#bytes.toString("latin1", this.#idStart, this.#idEnd);
  }
  get timestamp(): string {
    return this.#bytes.toString("latin1", this.#timeStart, this.#timeEnd);
  }
  get correlationId(): string {
    return this.#correlationId;
  }
  get eventType(): string {
    return this.#eventType;
  }
  get fields(): WireFields {
    return this.#fields.asWire;
  }

  /** @returns `false` when the line has any other form, valid or not. */
  scan(start: number): boolean {
    const view = this.#view;
    if (!OPEN_ID.isAt(view, start)) return false;
    const idStart = start + OPEN_ID.length;
    const idEnd = plainStringEnd(view, idStart);
    // Without an id of its own an event cannot be told from another one.
    if (idEnd <= idStart || !TIMESTAMP.isAt(view, idEnd)) return false;
    const timeStart = idEnd + TIMESTAMP.length;
    const timeEnd = plainStringEnd(view, timeStart);
    if (timeEnd === -1) return false;
    const typeStart = this.#typeStart(timeEnd);
    if (typeStart === -1) return false;
    const typeEnd = plainStringEnd(view, typeStart);
    if (typeEnd === -1) return false;
    this.#eventType = this.#pool.text(this.#bytes, view, typeStart, typeEnd);
    this.#fields.clear();
    this.#fields.keep(EVENT_TYPE_INDEX, this.#eventType);
    const eventEnd = this.#members(typeEnd + 1);
    if (eventEnd === -1) return false;
    this.#end = this.#envelopeEnd(eventEnd);
    if (this.#end === -1 || view.getUint8(this.#end) !== NEWLINE) return false;
    const atSeconds = this.#times.seconds(view, timeStart, timeEnd);
    if (atSeconds === null) return false;
    this.#atSeconds = atSeconds;
    this.#idHash.ofBytes(view, idStart, idEnd);
    this.#idStart = idStart;
    this.#idEnd = idEnd;
    this.#timeStart = timeStart;
    this.#timeEnd = timeEnd;
    return true;
  }

  /** Takes the correlation id. @returns where the event's type begins. */
  #typeStart(timeEnd: number): number {
    const view = this.#view;
    const length = this.#correlations.lengthAt(view, timeEnd);
    if (length > 0) {
      this.#correlationId = this.#correlations.text;
      return timeEnd + length;
    }
    if (!CORRELATION_ID.isAt(view, timeEnd)) return -1;
    const start = timeEnd + CORRELATION_ID.length;
    const end = plainStringEnd(view, start);
    if (end === -1 || !EVENT_TYPE.isAt(view, end)) return -1;
    this.#correlationId = this.#pool.text(this.#bytes, view, start, end);
    this.#correlations.remember(view, timeEnd, end + EVENT_TYPE.length, this.#correlationId);
    return end + EVENT_TYPE.length;
  }

  /** @param at after the first member. @returns the place after the object's end. */
  #members(at: number): number {
    const view = this.#view;
    while (view.getUint8(at) === COMMA) {
      if (view.getUint8(at + 1) !== QUOTE) return -1;
      at += 2;
      const field = findField(view, at);
      if (field !== null) {
        at = this.#keep(field, at + field.literal.length);
        // Of two members with one name JSON.parse takes the last.
        if (!this.#fields.keep(field.index, this.#value)) return -1;
      } else {
        at = this.#skipMember(at);
      }
      if (at === -1) return -1;
    }
    return view.getUint8(at) === CLOSE_BRACE ? at + 1 : -1;
  }

  /** A name with an escape could be one that is looked for, in disguise. */
  #skipMember(at: number): number {
    const end = plainStringEnd(this.#view, at);
    return end === -1 || this.#view.getUint8(end + 1) !== COLON ? -1 : skipValue(this.#view, end + 2);
  }

  #envelopeEnd(eventEnd: number): number {
    const view = this.#view;
    const length = this.#ends.lengthAt(view, eventEnd);
    if (length > 0) return eventEnd + length;
    let at = eventEnd;
    if (view.getUint8(at) === CLOSE_BRACE) return at + 1;
    if (!METADATA.isAt(view, at)) return -1;
    at += METADATA.length - 1;
    do {
      if (view.getUint8(at + 1) !== QUOTE || SESSION_ID.isAt(view, at + 2)) return -1;
      at = this.#skipMember(at + 2);
      if (at === -1) return -1;
    } while (view.getUint8(at) === COMMA);
    if (view.getUint8(at) !== CLOSE_BRACE || view.getUint8(at + 1) !== CLOSE_BRACE) return -1;
    this.#ends.remember(view, eventEnd, at + 2);
    return at + 2;
  }

  /** Leaves the value of a field that is looked for in `#value`. */
  #keep({ unique }: Field, at: number): number {
    const view = this.#view;
    const first = view.getUint8(at);
    if (first === QUOTE) {
      const end = plainStringEnd(view, at + 1);
      if (end === -1) return -1;
      const text = unique === null ? undefined : this.#uniques[unique];
      text?.set(this.#bytes, view, at + 1, end);
      this.#value = text ?? this.#pool.text(this.#bytes, view, at + 1, end);
      return end + 1;
    }
    if (isDigit(first)) return this.#number(at);
    if (first === OPEN_BRACKET) return this.#pair(at + 1);
    return this.#word(at);
  }

  #number(at: number): number {
    const view = this.#view;
    let end = at;
    let value = 0;
    let byte = view.getUint8(end);
    for (; isDigit(byte); byte = view.getUint8(++end)) value = value * 10 + byte - ZERO;
    const isPlain = view.getUint8(at) !== ZERO || end - at === 1;
    let decimals = 0;
    if (byte === POINT) {
      for (byte = view.getUint8(++end); isDigit(byte); byte = view.getUint8(++end), decimals++) {
        value = value * 10 + byte - ZERO;
      }
      // "1." is no number.
      if (decimals === 0) return -1;
    }
    if (isPlain && end - at <= EXACT_DIGITS && (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) {
      // Both are exact, so their quotient is rounded once, as JSON.parse rounds.
      this.#value = decimals === 0 ? value : value / (POWERS_OF_TEN[decimals] ?? 1);
      return end;
    }
    end = skipNumber(view, at);
    if (end !== -1) this.#value = Number(this.#bytes.toString("latin1", at, end));
    return end;
  }

  /** A duration: `[secs,nanos]`. */
  #pair(at: number): number {
    const view = this.#view;
    const middle = isDigit(view.getUint8(at)) ? this.#number(at) : -1;
    const first = this.#value;
    if (middle === -1 || view.getUint8(middle) !== COMMA || !isDigit(view.getUint8(middle + 1))) return -1;
    const end = this.#number(middle + 1);
    if (end === -1 || view.getUint8(end) !== CLOSE_BRACKET) return -1;
    this.#value = [first, this.#value];
    return end + 1;
  }

  #word(at: number): number {
    const view = this.#view;
    const four = view.getInt32(at, true);
    if (four === NULL) this.#value = null;
    else if (four === TRUE) this.#value = true;
    else if (view.getUint8(at) === 0x66 && view.getInt32(at + 1, true) === ALSE) {
      this.#value = false;
      return at + 5;
    } else return -1;
    return at + 4;
  }
}
