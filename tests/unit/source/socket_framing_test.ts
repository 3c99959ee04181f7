import assert from "node:assert/strict";
import { type Frame, SocketFraming } from "../../../lib/source/socket_framing.ts";

interface Case {
  readonly name: string;
  readonly blocks: readonly string[];
  readonly lineMaxBytes?: number;
  readonly orderly?: boolean;
  readonly lines?: string;
  readonly acks?: readonly number[];
  readonly tooLong?: number;
  readonly unterminated?: number;
}

const LONG = "x".repeat(100);

const CASES: readonly Case[] = [
  { name: "keeps whole lines", blocks: ["a\nb\n"], lines: "a\nb\n" },
  { name: "joins a line from two blocks", blocks: ["a\nb", "c\nd\n"], lines: "a\nbc\nd\n" },
  { name: "joins a line from many blocks", blocks: ["a", "b", "c", "\n"], lines: "abc\n" },
  { name: "leaves blank lines out", blocks: ["\n\na\n\r\n", "\n", "\r", "\n"], lines: "a\n" },
  {
    name: "counts accepted lines before a request",
    blocks: ['a\nb\n{"ack":true}\nc\n'],
    lines: "a\nb\nc\n",
    acks: [2],
  },
  { name: "knows a request with spaces", blocks: ['{"ack": true}\r\n'], acks: [0] },
  { name: "knows a request from two blocks", blocks: ['a\n{"ac', 'k":true}\n'], lines: "a\n", acks: [1] },
  { name: "answers each request", blocks: ['{"ack":true}\na\n{"ack":true}\n'], lines: "a\n", acks: [0, 1] },
  {
    name: "takes an object with more in it for an event",
    blocks: ['{"ack":true,"x":1}\n'],
    lines: '{"ack":true,"x":1}\n',
  },
  { name: "takes another ack for an event", blocks: ['{"ack":1}\n'], lines: '{"ack":1}\n' },
  { name: "takes a broken request for an event", blocks: ['{"ack":tru\n'], lines: '{"ack":tru\n' },
  {
    name: "skips a line within a block that is too long",
    blocks: [`a\n${LONG}\nb\n`],
    lineMaxBytes: 99,
    lines: "a\nb\n",
    tooLong: 1,
  },
  { name: "takes a line just as long as allowed", blocks: [`${LONG}\n`], lineMaxBytes: 100, lines: `${LONG}\n` },
  { name: "takes such a line from two blocks", blocks: [LONG, "\n"], lineMaxBytes: 100, lines: `${LONG}\n` },
  {
    name: "counts a line that is too long once",
    blocks: [LONG, LONG, `${LONG}\nb\n`],
    lineMaxBytes: 150,
    lines: "b\n",
    tooLong: 1,
  },
  {
    name: "skips a line whose end is too long",
    blocks: ["x", `${LONG}\nb\n`],
    lineMaxBytes: 100,
    lines: "b\n",
    tooLong: 1,
  },
  {
    name: "skips a short line beyond a small limit",
    blocks: ["abcdef\nb\n"],
    lineMaxBytes: 5,
    lines: "b\n",
    tooLong: 1,
  },
  { name: "takes a last line without newline that is JSON", blocks: ['a\n{"x":1}'], lines: 'a\n{"x":1}\n' },
  { name: "answers a last request without newline", blocks: ['a\n{"ack":true}'], lines: "a\n", acks: [1] },
  { name: "rejects a last line cut short", blocks: ['a\n{"x":1'], lines: "a\n", unterminated: 1 },
  { name: "rejects a last line after a reset", blocks: ['a\n{"x":1}'], orderly: false, lines: "a\n", unterminated: 1 },
  { name: "counts a last line that is too long once", blocks: [LONG], lineMaxBytes: 50, tooLong: 1 },
  { name: "takes a blank last line for nothing", blocks: ["a\n\r"], lines: "a\n" },
];

for (const { name, blocks, lineMaxBytes = 1000, orderly = true, ...expected } of CASES) {
  Deno.test(`SocketFraming ${name}`, () => {
    const framing = new SocketFraming(lineMaxBytes);
    const frames = [...blocks.map((block) => framing.push(new TextEncoder().encode(block))), framing.end(orderly)];
    const lines = expected.lines ?? "";
    assert.deepEqual(joined(frames), {
      lines,
      sizeBytes: lines.length,
      lineCount: lines.split("\n").length - 1,
      acks: expected.acks ?? [],
      tooLong: expected.tooLong ?? 0,
      unterminated: expected.unterminated ?? 0,
    });
  });
}

Deno.test("SocketFraming holds no more than the limit, and little after a long line", () => {
  const framing = new SocketFraming(1_000_000);
  const byte = new TextEncoder().encode("x");
  for (let index = 0; index < 300_000; index += 1) framing.push(byte);
  assert.ok(framing.heldBytes >= 300_000 && framing.heldBytes <= 600_000, `${framing.heldBytes}`);
  for (let index = 0; index < 2_000; index += 1) framing.push(new Uint8Array(1000).fill(120));
  assert.equal(framing.heldBytes, 0);
});

Deno.test("SocketFraming keeps nothing of a block that is used again", () => {
  const framing = new SocketFraming(1000);
  const buffer = new TextEncoder().encode("a\nbc");
  assert.equal(joined([framing.push(buffer)])["lines"], "a\n");
  buffer.fill(120);
  assert.equal(joined([framing.push(new TextEncoder().encode("d\n"))])["lines"], "bcd\n");
});

function joined(frames: readonly Frame[]): Record<string, unknown> {
  return {
    lines: frames.flatMap((frame) => frame.lines).map((lines) => new TextDecoder().decode(lines)).join(""),
    sizeBytes: frames.reduce((sum, frame) => sum + frame.sizeBytes, 0),
    lineCount: frames.reduce((sum, frame) => sum + frame.lineCount, 0),
    acks: frames.flatMap((frame) => frame.acks),
    tooLong: frames.reduce((sum, frame) => sum + frame.tooLong, 0),
    unterminated: frames.reduce((sum, frame) => sum + frame.unterminated, 0),
  };
}
