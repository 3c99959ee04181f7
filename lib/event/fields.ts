import { parseDurationSeconds } from "./duration.ts";
import { LineText } from "./line_text.ts";
import type { Rejected } from "./rejected.ts";
import { looksLikeTimestamp } from "./timestamp.ts";

/** In USD. No cost is that high, and infinity, once added to a counter, stays there. */
const MAX_AMOUNT = 1e9;
/** A single message or session cannot use more; past 2^53 a counter no longer moves when little is added. */
export const MAX_TOKENS = 1e10;

/**
 * Reads the fields of one line. A field that is wrong does not interrupt: the reader remembers the first failure and
 * gives a stand-in, so decoders are plain object literals, and whoever runs one must look at `failure` before using
 * what it made. Nothing is allocated as long as the line is good.
 *
 * `undefined` and `null` both mean absent, as Rust's `Option` may be written either way.
 */
export class FieldReader {
  #failure: Rejected | null = null;
  #clamped = false;

  /** The first field that was wrong, or `null`. */
  get failure(): Rejected | null {
    return this.#failure;
  }

  /** A negative duration was read as 0. */
  get clamped(): boolean {
    return this.#clamped;
  }

  text(value: unknown, name: string): string {
    if (typeof value === "string") return value;
    if (value instanceof LineText) return value.toString();
    this.#fail(value, name);
    return "";
  }

  optionalText(value: unknown, name: string): string | null {
    return value === undefined || value === null ? null : this.text(value, name);
  }

  /** A text that tells one thing from others. */
  optionalId(value: unknown, name: string): string | LineText | null {
    return value instanceof LineText ? value : this.optionalText(value, name);
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(value: unknown, name: string): number {
    if (typeof value === "number" && value >= 0 && Number.isSafeInteger(value)) return value;
    this.#fail(value, name);
    return 0;
  }

  /** A whole number of tokens that some usage may have. */
  tokens(value: unknown, name: string): number {
    if (typeof value === "number" && value > MAX_TOKENS) {
      this.#fail(value, name);
      return 0;
    }
    return this.count(value, name);
  }

  optionalTokens(value: unknown, name: string): number | null {
    return value === undefined || value === null ? null : this.tokens(value, name);
  }

  optionalCount(value: unknown, name: string): number | null {
    return value === undefined || value === null ? null : this.count(value, name);
  }

  /** A sum of money: finite and never negative. */
  optionalAmount(value: unknown, name: string): number | null {
    if (value === undefined || value === null) return null;
    if (typeof value === "number" && value >= 0 && value <= MAX_AMOUNT) return value;
    this.#fail(value, name);
    return null;
  }

  flag(value: unknown, name: string): boolean {
    if (typeof value === "boolean") return value;
    this.#fail(value, name);
    return false;
  }

  optionalFlag(value: unknown, name: string): boolean | null {
    return value === undefined || value === null ? null : this.flag(value, name);
  }

  /** Seconds, never negative: clocks step back, such a duration counts as 0 and sets `clamped`. */
  duration(value: unknown, name: string): number {
    const seconds = parseDurationSeconds(value);
    if (seconds === null) {
      this.#fail(value, name);
      return 0;
    }
    if (seconds >= 0) return seconds;
    this.#clamped = true;
    return 0;
  }

  optionalDuration(value: unknown, name: string): number | null {
    return value === undefined || value === null ? null : this.duration(value, name);
  }

  /** One of a closed set of words. */
  choice<T extends string>(value: unknown, name: string, allowed: readonly [T, ...T[]]): T {
    for (const word of allowed) {
      if (word === value) return word;
    }
    this.#fail(value, name);
    return allowed[0];
  }

  optionalChoice<T extends string>(value: unknown, name: string, allowed: readonly [T, ...T[]]): T | null {
    return value === undefined || value === null ? null : this.choice(value, name, allowed);
  }

  /** RFC 3339, kept as written. */
  optionalTimestamp(value: unknown, name: string): string | null {
    if (value === undefined || value === null) return null;
    if (typeof value === "string" && looksLikeTimestamp(value)) return value;
    this.#fail(value, name);
    return null;
  }

  #fail(value: unknown, name: string): void {
    this.#failure ??= {
      rejected: value === undefined || value === null ? "missing_field" : "wrong_field_type",
      detail: name,
    };
  }
}
