import { Pipeline } from "../lib/pipeline.ts";
import type { Metrics } from "../lib/metrics/metrics.ts";
import { SeenEvents } from "../lib/event/seen_events.ts";
import type { Batch, Source } from "../lib/source/source.ts";
import { Notices } from "../lib/telemetry/notices.ts";
import { SILENT } from "./reading.ts";

/** Folds blocks of lines that are in memory, as the pipeline does with those of a source. */
export async function foldBlocks(
  metrics: Metrics,
  blocks: readonly Uint8Array[],
  onFolded: (blocks: number) => void = () => {},
): Promise<void> {
  const source: Source = {
    name: "files",
    *look(): Generator<Batch> {
      for (const [index, bytes] of blocks.entries()) {
        yield { kind: "lines", source: "files", runId: null, lines: bytes, sizeBytes: bytes.length + 1 };
        onFolded(index + 1);
      }
    },
    health: () => ({ behindBytes: 0, problem: null }),
    saveState: () => null,
    loadState: () => {},
    close: () => {},
  };
  const pipeline = new Pipeline({
    sources: [source],
    seen: SeenEvents.create(131_072),
    work: metrics.work,
    fold: metrics.fold,
    notices: new Notices((metric, value, ...labels) => metrics.ledger.family(metric).emit(value, ...labels), SILENT),
    now: Date.now,
  });
  await pipeline.round(new AbortController().signal);
}
