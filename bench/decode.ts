import { BlockDecoder } from "../lib/event/block_decoder.ts";
import { decodeLine } from "../lib/event/decode.ts";
import { type BenchOptions, type BenchResult, inTurns, ratios, runBench } from "./harness.ts";
import { blocksOf, usualLines } from "./lines.ts";

/** From blocks of lines to events, against JSON.parse alone and against the same decoders behind it. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const lines = usualLines(quick ? 2_000 : 50_000);
  const blocks = blocksOf(lines);
  let decoded = 0;
  const onRecord = (): number => decoded++;
  const times = await inTurns(quick ? 1 : 15, {
    parse: () => lines.forEach((line) => void JSON.parse(line)),
    plain: () => lines.forEach((line) => void decodeLine(line, null)),
    blocks: () => {
      decoded = 0;
      const decoder = new BlockDecoder();
      for (const block of blocks) decoder.decode(block, null, { onRecord, onRejected: () => {} });
    },
  });
  return {
    figures: {
      lines: lines.length,
      blocks_nanoseconds_per_line: times.blocks.bestMs * 1e6 / lines.length,
      plain_nanoseconds_per_line: times.plain.bestMs * 1e6 / lines.length,
      json_parse_nanoseconds_per_line: times.parse.bestMs * 1e6 / lines.length,
      ...ratios(times.blocks, times.parse),
    },
    checks: { all_decoded: decoded === lines.length },
  };
}

if (import.meta.main) await runBench("decode", bench);
