import { decodeLine } from "../event/decode.ts";
import type { RejectReason } from "../event/rejected.ts";
import { textOf } from "../source/line_block.ts";
import { LineSplitter } from "../source/line_splitter.ts";

/** A line that was not passed on; `lineNumber` counts from 1. `detail` names a field, never a value. */
export interface RefusedLine {
  readonly lineNumber: number;
  readonly reason: RejectReason;
  readonly detail: string;
}

/**
 * Cuts a stream of bytes into blocks of event lines, one block for what came at once, so that memory stays bounded and
 * nothing waits for more. Lines no exporter would count are left out and told; unknown event types pass, because the
 * exporter may be newer than this program, and counts them when it is not.
 */
export async function* readEventLines(
  bytes: AsyncIterable<Uint8Array>,
  { lineMaxBytes, onRefused }: { readonly lineMaxBytes: number; readonly onRefused: (line: RefusedLine) => void },
): AsyncIterable<readonly string[]> {
  const splitter = new LineSplitter({ lineMaxBytes });
  let lineNumber = 0;
  const accept = (line: string): boolean => {
    lineNumber += 1;
    if (line.trim() === "") return false;
    const decoded = decodeLine(line, null);
    if (!("rejected" in decoded) || decoded.rejected === "unknown_event_type") return true;
    onRefused({ lineNumber, reason: decoded.rejected, detail: decoded.detail });
    return false;
  };
  for await (const chunk of endWithNewline(bytes)) {
    for (let rest = chunk; rest.length > 0;) {
      const piece = splitter.take(rest);
      rest = rest.subarray(piece.consumedBytes);
      if (piece.kind === "too_long") {
        lineNumber += 1;
        onRefused({ lineNumber, reason: "line_too_long", detail: "" });
      }
      const lines = piece.kind === "lines" ? textOf(piece.lines).split("\n").filter(accept) : [];
      if (lines.length > 0) yield lines;
    }
  }
}

/** What a program prints last may lack its newline. */
async function* endWithNewline(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const newline = new TextEncoder().encode("\n");
  let last: number | undefined = newline[0];
  for await (const chunk of bytes) {
    last = chunk.at(-1) ?? last;
    yield chunk;
  }
  if (last !== newline[0]) yield newline;
}
