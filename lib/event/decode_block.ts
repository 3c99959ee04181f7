import { decodeLine } from "./decode.ts";
import type { EventRecord } from "./record.ts";
import type { Rejected } from "./rejected.ts";

const LAST_BLANK_CODE = 0x20;

/**
 * Decodes whole lines joined by "\n" in their order; blank lines are not counted. A rejected line never touches its
 * neighbours.
 *
 * Line by line on purpose. One `JSON.parse` of the whole block as an array is 6 % faster, but needs a proof that no
 * line joined with the next (`{"a":[{}` and `{}]}` do) while another held two values (`{},{}`): that is only
 * certain when the text has no `}`, `,`, `{` in a row, blanks between or not, and looking for that costs 11 %.
 */
export function decodeBlock(
  text: string,
  runId: string | null,
  onRecord: (record: EventRecord, line: string) => void,
  onRejected: (rejected: Rejected) => void,
): void {
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    if (!isBlank(text, start, end)) {
      const line = text.slice(start, end);
      const result = decodeLine(line, runId);
      if ("rejected" in result) onRejected(result);
      else onRecord(result, line);
    }
    start = end + 1;
  }
}

/** Blank, tab and carriage return are what JSON, too, takes for nothing. */
function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code > LAST_BLANK_CODE || (code !== 0x20 && code !== 0x09 && code !== 0x0d)) return false;
  }
  return true;
}
