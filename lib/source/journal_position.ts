/** A place in the journal: everything before it has been folded. Orders by segment, then by byte offset. */
export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

const SEGMENT_NAME = /^journal-(\d{1,15})\.jsonl$/;

/** File name of a segment: `journal-7.jsonl`. */
export function segmentName(segment: number): string {
  return `journal-${segment}.jsonl`;
}

/** Number of the segment a file name stands for, or `null` when it is another file. */
export function parseSegmentName(name: string): number | null {
  const digits = SEGMENT_NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** @throws {TypeError} when `value` is not a position as it was saved. */
export function parseJournalPosition(value: unknown): JournalPosition {
  if (typeof value === "object" && value !== null && "segment" in value && "offset" in value) {
    const { segment, offset } = value;
    if (isCount(segment) && isCount(offset)) return { segment, offset };
  }
  throw new TypeError("Cannot read a journal position as it must have a segment and an offset");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
