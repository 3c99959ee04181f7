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
  QUOTE,
  skipNumber,
  skipValue,
  TRUE,
  ZERO,
} from "./json_bytes.ts";
import { IdHash } from "./id_hash.ts";
import { Literal } from "./literal.ts";
import { TextPool } from "./text_pool.ts";
import { TimestampBytes } from "./timestamp_bytes.ts";
import { ScannedFields } from "./scanned_fields.ts";
import { WIRE_FIELD_NAMES, type WireFields, type WireLine } from "./wire.ts";

/** An envelope as the scanner finds it. */
export interface ScannedLine extends WireLine {
  readonly id: string;
  readonly timestamp: string;
  readonly correlation_id: string;
  readonly event: WireFields;
}

const NEWLINE = 0x0a;
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
  /** Another value in nearly every line: kept in no pool. */
  readonly isUnique: boolean;
}
const FIELDS = WIRE_FIELD_NAMES.map((name, index): Field => ({
  index,
  literal: new Literal(`${name}":`),
  isUnique: name === "tool_id" || name === "timestamp",
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
export class LineScanner {
  readonly #pool = new TextPool();
  readonly #fields = new ScannedFields();
  readonly #idHash = new IdHash();
  readonly #times = new TimestampBytes();
  #bytes = Buffer.alloc(0);
  #view = new DataView(new ArrayBuffer(0));
  /** One character per byte: for cutting out what is ASCII. */
  #characters = "";
  #end = 0;
  #timeStart = 0;
  #timeEnd = 0;
  #value: unknown = null;

  /**
   * Takes a block of lines over; a copy of its bytes, because the scan must be able to look beyond the end.
   * @param characters the same as Latin-1
   */
  load(block: Uint8Array, characters: string): void {
    if (block.length + PADDING_BYTES > this.#bytes.length) {
      this.#bytes = Buffer.alloc(block.length * 2 + PADDING_BYTES);
      this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    }
    this.#bytes.set(block);
    this.#bytes[block.length] = NEWLINE;
    this.#characters = characters;
  }

  /** Where the line scanned last ends: at its newline. */
  get end(): number {
    return this.#end;
  }

  /** Time of the line scanned last, Unix seconds; `null` when it is written otherwise than Prodigy would. */
  get atSeconds(): number | null {
    return this.#times.seconds(this.#view, this.#timeStart, this.#timeEnd);
  }

  /** Hash of the id of the line scanned last. */
  get idHash(): IdHash {
    return this.#idHash;
  }

  /** @returns `null` when the line has any other form, valid or not. */
  scan(start: number): ScannedLine | null {
    const view = this.#view;
    if (!OPEN_ID.isAt(view, start)) return null;
    const idStart = start + OPEN_ID.length;
    const idEnd = plainStringEnd(view, idStart);
    if (idEnd === -1 || !TIMESTAMP.isAt(view, idEnd)) return null;
    const timeStart = idEnd + TIMESTAMP.length;
    const timeEnd = plainStringEnd(view, timeStart);
    if (timeEnd === -1 || !CORRELATION_ID.isAt(view, timeEnd)) return null;
    this.#timeStart = timeStart;
    this.#timeEnd = timeEnd;
    const correlationStart = timeEnd + CORRELATION_ID.length;
    const correlationEnd = plainStringEnd(view, correlationStart);
    if (correlationEnd === -1 || !EVENT_TYPE.isAt(view, correlationEnd)) return null;
    const typeStart = correlationEnd + EVENT_TYPE.length;
    const typeEnd = plainStringEnd(view, typeStart);
    if (typeEnd === -1) return null;
    this.#fields.clear();
    this.#fields.keep(EVENT_TYPE_INDEX, this.#pool.text(this.#bytes, view, typeStart, typeEnd));
    const eventEnd = this.#members(typeEnd + 1);
    if (eventEnd === -1) return null;
    this.#end = this.#envelopeEnd(eventEnd);
    this.#idHash.ofBytes(view, idStart, idEnd);
    if (this.#end === -1 || view.getUint8(this.#end) !== NEWLINE) return null;
    return {
      id: this.#characters.slice(idStart, idEnd),
      timestamp: this.#characters.slice(timeStart, timeEnd),
      correlation_id: this.#pool.text(this.#bytes, view, correlationStart, correlationEnd),
      event: this.#fields.asWire,
    };
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

  #envelopeEnd(at: number): number {
    const view = this.#view;
    if (view.getUint8(at) === CLOSE_BRACE) return at + 1;
    if (!METADATA.isAt(view, at)) return -1;
    at += METADATA.length - 1;
    do {
      if (view.getUint8(at + 1) !== QUOTE || SESSION_ID.isAt(view, at + 2)) return -1;
      at = this.#skipMember(at + 2);
      if (at === -1) return -1;
    } while (view.getUint8(at) === COMMA);
    return view.getUint8(at) === CLOSE_BRACE && view.getUint8(at + 1) === CLOSE_BRACE ? at + 2 : -1;
  }

  /** Leaves the value of a field that is looked for in `#value`. */
  #keep({ isUnique }: Field, at: number): number {
    const view = this.#view;
    const first = view.getUint8(at);
    if (first === QUOTE) {
      const end = plainStringEnd(view, at + 1);
      if (end === -1) return -1;
      this.#value = isUnique ? this.#characters.slice(at + 1, end) : this.#pool.text(this.#bytes, view, at + 1, end);
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
    for (let byte = view.getUint8(end); isDigit(byte); byte = view.getUint8(++end)) value = value * 10 + byte - ZERO;
    const next = view.getUint8(end);
    const isWhole = next === COMMA || next === CLOSE_BRACE || next === CLOSE_BRACKET;
    if (isWhole && end - at <= EXACT_DIGITS && (view.getUint8(at) !== ZERO || end - at === 1)) {
      this.#value = value;
      return end;
    }
    end = skipNumber(view, at);
    if (end !== -1) this.#value = Number(this.#characters.slice(at, end));
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
