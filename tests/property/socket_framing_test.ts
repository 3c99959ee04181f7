import assert from "node:assert/strict";
import fc from "fast-check";
import { type Frame, SocketFraming } from "../../lib/source/socket_framing.ts";

const LINE_MAX_BYTES = 40;
const LINES = fc.array(
  fc.oneof(
    fc.string({ maxLength: 30 }).map((text) => text.replaceAll("\n", " ")),
    fc.constant('{"ack":true}'),
    fc.constant(""),
    fc.nat({ max: 200 }).map((length) => "x".repeat(length)),
  ),
);

Deno.test("SocketFraming finds the same whatever the blocks are", () => {
  fc.assert(fc.property(LINES, fc.array(fc.integer({ min: 1, max: 50 })), (lines, sizes) => {
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
    const whole = new SocketFraming(LINE_MAX_BYTES);
    const cut = new SocketFraming(LINE_MAX_BYTES);
    const frames: Frame[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      const size = sizes[frames.length % sizes.length] ?? 7;
      frames.push(cut.push(rest.slice(0, size)));
      rest = rest.subarray(size);
    }
    assert.deepEqual(joined([...frames, cut.end(true)]), joined([whole.push(bytes), whole.end(true)]));
  }));
});

function joined(frames: readonly Frame[]): Record<string, unknown> {
  return {
    lines: frames.flatMap((frame) => frame.lines.flatMap((lines) => [...lines])),
    sizeBytes: frames.reduce((sum, frame) => sum + frame.sizeBytes, 0),
    lineCount: frames.reduce((sum, frame) => sum + frame.lineCount, 0),
    acks: frames.flatMap((frame) => frame.acks),
    tooLong: frames.reduce((sum, frame) => sum + frame.tooLong, 0),
    unterminated: frames.reduce((sum, frame) => sum + frame.unterminated, 0),
  };
}
