import { Metrics } from "../lib/metrics/metrics.ts";
import { TEST_OPTIONS } from "../tests/support/metrics.ts";
import { floodLines, LINES_FOR_EACH } from "./flood.ts";
import { type BenchOptions, type BenchResult, inTurns, type Lap, ratios, runBench } from "./harness.ts";
import { blocksOf, usualLines } from "./lines.ts";
import { foldBlocks } from "./memory_pipeline.ts";

/** Long enough that what is collected of a piece is collected in it, short enough to be left alone in some round. */
const BLOCKS_A_PIECE = 100;

/** A stream in which every job id, tool name and workflow name is another one, against the usual mix. */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const distinct = quick ? 3_000 : 100_000;
  // As bytes only: a million texts beside what is measured would have to be looked through at every collection.
  const lines = distinct * LINES_FOR_EACH;
  const floodBlocks = blocksOf(floodLines(distinct));
  const usualBlocks = blocksOf(usualLines(lines));
  let isBounded = true;
  let isConserved = true;
  let limitHits = 0;
  let heapBytes = 0;
  const times = await inTurns(quick ? 1 : 9, {
    usual: (lap) => foldBlocks(createMetrics(() => {}), usualBlocks, byPieces(lap)),
    flood: async (lap) => {
      limitHits = 0;
      const metrics = createMetrics(() => limitHits++);
      await foldBlocks(metrics, floodBlocks, byPieces(lap));
      isBounded &&= metrics.ledger.openSeriesCount <= TEST_OPTIONS.maxSeries;
      isConserved &&= isEachCounted(metrics, distinct);
      heapBytes = Deno.memoryUsage().heapUsed;
    },
  });
  return {
    figures: {
      distinct_values_of_each: distinct,
      flood_lines_per_second: lines / times.flood.bestMs * 1000,
      usual_lines_per_second: lines / times.usual.bestMs * 1000,
      ...ratios(times.flood, times.usual),
      ratio_of_pieces: times.usual.bestPiecesMs / times.flood.bestPiecesMs,
      limit_hits: limitHits,
      heap_used_megabytes: heapBytes / 1e6,
    },
    checks: { within_budget: isBounded, totals: isConserved, limit_was_hit: limitHits > 0 },
  };
}

function byPieces(lap: Lap): (blocks: number) => void {
  return (blocks) => {
    if (blocks % BLOCKS_A_PIECE === 0) lap();
  };
}

function createMetrics(onLimit: () => void): Metrics {
  return new Metrics(TEST_OPTIONS, { onLimit, onReaped: () => {} });
}

function isEachCounted({ ledger }: Metrics, distinct: number): boolean {
  const sum = (name: string): number => ledger.family(name).series().reduce((all, { amount }) => all + amount.value, 0);
  return [
    "prodigy_mapreduce_items_total",
    "prodigy_claude_tool_invocations_total",
    "prodigy_workflow_executions_total",
    "prodigy_workflow_steps_total",
  ].every((name) => sum(name) === distinct);
}

if (import.meta.main) await runBench("guard", bench);
