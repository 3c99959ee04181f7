interface Instant {
  readonly wholeSeconds: number;
  readonly nanos: number;
}

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

function parseInstant(text: string): Instant | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, dateTime, fraction = "", zone] = match;
  const wholeMs = Date.parse(`${dateTime}${zone}`);
  if (Number.isNaN(wholeMs)) return null;
  return { wholeSeconds: wholeMs / 1000, nanos: Number(fraction.padEnd(9, "0")) };
}

/** Unix seconds of an RFC 3339 time, or `null` when it is none. */
export function timeSeconds(text: string | null): number | null {
  const instant = text === null ? null : parseInstant(text);
  return instant === null ? null : instant.wholeSeconds + instant.nanos / 1e9;
}

/**
 * Seconds from one RFC 3339 time to another, exact to the nanosecond (a difference of Unix seconds as floating point
 * numbers is not); negative when the clock stepped back, `null` when either is not a time.
 */
export function secondsBetween(from: string | null, to: string | null): number | null {
  const start = from === null ? null : parseInstant(from);
  const end = to === null ? null : parseInstant(to);
  if (start === null || end === null) return null;
  return end.wholeSeconds - start.wholeSeconds + (end.nanos - start.nanos) / 1e9;
}

/** Whether `text` is a time later than `reference`; anything is later than no time. */
export function isLater(text: string | null, reference: string | null): boolean {
  const seconds = timeSeconds(text);
  const referenceSeconds = timeSeconds(reference);
  return seconds !== null && (referenceSeconds === null || seconds > referenceSeconds);
}

export function rfc3339(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
