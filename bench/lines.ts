import { EventLines } from "./generator.ts";

const BLOCK_LINES = 500;

/** Generated lines, without newlines. */
export function usualLines(count: number): readonly string[] {
  return [...new EventLines({ lines: count }).blocks()].join("").trimEnd().split("\n");
}

/** The lines as a source would give them: some at a time, as bytes, without the last newline. */
export function blocksOf(lines: readonly string[]): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < lines.length; at += BLOCK_LINES) {
    blocks.push(encoder.encode(lines.slice(at, at + BLOCK_LINES).join("\n")));
  }
  return blocks;
}
