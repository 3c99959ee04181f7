import type { AssemblyDeps } from "./assembly.ts";
import { BackfillError, type BackfillResult, writeBackfill } from "./backfill.ts";
import type { CommandCall } from "./config/commands.ts";
import { momentSeconds } from "./config/moment.ts";
import type { Config } from "./config/options.ts";

export type BackfillFlags = Extract<CommandCall, { readonly command: "backfill" }>["commandFlags"];

/** Runs `backfill`. @returns what to print, or what is wrong with the call. */
export async function runBackfill(
  config: Config,
  flags: BackfillFlags,
  deps: AssemblyDeps,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  const { out, since, until, step, job, instance } = flags;
  if (out === null) return { problem: "Cannot run backfill without --out DIRECTORY: where shall the files go?" };
  // One now for everything: what is read a moment later must not lie after the end.
  const nowMs = deps.now();
  const nowSeconds = nowMs / 1000;
  const sinceSeconds = momentSeconds(since, nowSeconds);
  const endSeconds = Math.min(momentSeconds(until, nowSeconds), nowSeconds);
  if (sinceSeconds >= endSeconds) return { problem: "Cannot run backfill as --since must be before --until" };
  const labels = Object.entries({ job, instance }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const]
  );
  try {
    const options = { outDirectory: out, sinceSeconds, endSeconds, stepSeconds: step, labels };
    return { text: describeResult(out, await writeBackfill(config, options, { ...deps, now: () => nowMs })) };
  } catch (error) {
    if (error instanceof BackfillError) return { problem: error.message };
    throw error;
  }
}

function describeResult(out: string, { files, beginSeconds }: BackfillResult): string {
  if (beginSeconds === null) return "Nothing was found that could be written.\n";
  const begin = new Date(beginSeconds * 1000).toISOString();
  return [
    `Wrote ${files.length} files, from ${begin} on. To give them to Prometheus:`,
    `  for file in '${out}'/*.om; do promtool tsdb create-blocks-from openmetrics "$file" PROMETHEUS_DATA; done`,
    "",
  ].join("\n");
}
