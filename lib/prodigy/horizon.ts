/**
 * How far back a source looks for what it has not met yet: from its last look on, not from now, as what was written while
 * nobody looked is news however long that was.
 */
export class Horizon {
  /** When the last look began that came to its end, Unix milliseconds; `null` before the first. */
  readToMs: number | null = null;

  /** What moved last before that is of the past. @param limitMs age at which things are of the past, `null`: never */
  ignoreBeforeMs(nowMs: number, limitMs: number | null): number {
    return Math.min(this.readToMs ?? nowMs, nowMs) - (limitMs ?? Infinity);
  }
}
