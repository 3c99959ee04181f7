import { assemble, type AssemblyDeps, createSeenEvents, tellUnread } from "./assembly.ts";
import type { Config } from "./config/options.ts";
import { expositionJson } from "./metrics/exposition_json.ts";

/** More than the longest interval of any source, so that every look of a single reading is due. */
const LOOK_STEP_MS = 60_000;
/** A look can bring up what only the next one can read (a new directory); they come to rest quickly. */
const MAX_ROUNDS = 20;

/**
 * Reads everything there is once, whatever its age, and describes the metrics.
 * @returns the text exposition, or the JSON one.
 */
export async function describeOnce(config: Config, format: "text" | "json", deps: AssemblyDeps): Promise<string> {
  let offsetMs = 0;
  const now = (): number => deps.now() + offsetMs;
  const { metrics, fileSources, claude, createPipeline } = assemble(
    config,
    { ignoreOlderThanMs: null, settles: false },
    { ...deps, now },
  );
  const settling = claude === null ? [] : [{ ...claude, look: () => claude.settle() }];
  const signal = new AbortController().signal;
  try {
    const pipeline = createPipeline(fileSources, createSeenEvents(config));
    for (let round = 0; round < MAX_ROUNDS && await pipeline.round(signal); round++) offsetMs += LOOK_STEP_MS;
    await createPipeline(settling, createSeenEvents(config)).round(signal);
  } finally {
    for (const source of fileSources) source.close();
  }
  tellUnread(metrics, fileSources);
  metrics.ledger.family("prodigy_exporter_series").emit(metrics.ledger.seriesCount());
  if (format === "json") return `${JSON.stringify(expositionJson(metrics.ledger), null, 2)}\n`;
  return await metrics.exposition.render("text", "person");
}
