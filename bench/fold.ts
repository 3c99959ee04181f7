import { decodeLine } from "../lib/event/decode.ts";
import type { EventRecord } from "../lib/event/record.ts";
import { Metrics } from "../lib/metrics/metrics.ts";
import { TEST_OPTIONS } from "../tests/support/metrics.ts";
import { type BenchOptions, type BenchResult, inTurns, ratios, runBench } from "./harness.ts";
import { usualLines } from "./lines.ts";

/** From events to samples, every metric on, against JSON.parse of their lines. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const lines = usualLines(quick ? 2_000 : 50_000);
  const records = lines.map((line) => decodeLine(line, null)).filter((result): result is EventRecord =>
    !("rejected" in result)
  );
  let counted = 0;
  const times = await inTurns(quick ? 1 : 15, {
    parse: () => lines.forEach((line) => void JSON.parse(line)),
    fold: () => {
      const metrics = new Metrics(TEST_OPTIONS, { onLimit: () => {}, onReaped: () => {} });
      counted = records.filter((record) => metrics.fold.fold(record) === "count").length;
    },
  });
  return {
    figures: {
      events: records.length,
      fold_nanoseconds_per_event: times.fold.bestMs * 1e6 / records.length,
      json_parse_nanoseconds_per_line: times.parse.bestMs * 1e6 / lines.length,
      ...ratios(times.fold, times.parse),
    },
    checks: { all_counted: counted === lines.length },
  };
}

if (import.meta.main) await runBench("fold", bench);
