import { assemble, type Assembly, createSeenEvents } from "../lib/assembly.ts";
import type { Config } from "../lib/config/options.ts";
import { loadInvocation } from "../lib/config/load.ts";
import type { Log } from "../lib/telemetry/log.ts";
import type { Expected } from "./generator.ts";
import { ratios, type Timing } from "./harness.ts";
import type { BenchHome } from "./home.ts";
import { readSplitParse } from "./plain_limit.ts";

/** The program's configuration for this home, and whatever flags. */
export function benchConfig(home: string, flags: readonly string[] = []): Config {
  const invocation = loadInvocation({
    args: ["once", ...flags],
    env: () => undefined,
    readTextFile: (path) => Deno.readTextFileSync(path),
    homeDirectory: home,
    currentDirectory: home,
  });
  if ("problems" in invocation || invocation.command !== "once") {
    throw new TypeError("Cannot configure the bench: the program no longer knows its flags");
  }
  return invocation.resolved.config;
}

const ignore = (): void => {};
export const SILENT: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Reads all there is as the program does at its start, every metric on. */
export async function readAll(home: string): Promise<Assembly> {
  const config = benchConfig(home);
  const deps = { log: SILENT, now: Date.now, homeDirectory: home };
  const assembly = assemble(config, { ignoreOlderThanMs: null, settles: false }, deps);
  const { signal } = new AbortController();
  const pipeline = assembly.createPipeline(assembly.fileSources, createSeenEvents(config));
  while (await pipeline.round(signal));
  for (const source of assembly.fileSources) source.close();
  return assembly;
}

/** A file's way into metrics, and the plain limit it is compared with, to be timed in turns. */
export function fileToMetrics(home: BenchHome, expected: Expected): {
  readonly tasks: { readonly plain: () => void; readonly program: () => Promise<void> };
  /** Whether every reading so far has counted what is there. */
  readonly isRight: () => boolean;
} {
  let isRight = true;
  return {
    tasks: {
      plain: () => void readSplitParse(home.eventsPath),
      program: async () => {
        isRight &&= hasCounted(await readAll(home.path), expected);
      },
    },
    isRight: () => isRight,
  };
}

/** The figures of those, in lines per second and as ratios. */
export function readingFigures(
  lines: number,
  { plain, program }: Readonly<Record<"plain" | "program", Timing>>,
): Readonly<Record<string, number>> {
  return {
    program_lines_per_second: lines / program.bestMs * 1000,
    plain_lines_per_second: lines / plain.bestMs * 1000,
    ...ratios(program, plain),
  };
}

/** Whether the metrics say what the generator says they must. */
export function hasCounted({ metrics: { ledger } }: Assembly, expected: Expected): boolean {
  const sum = (name: string, label?: string): number =>
    ledger.family(name).series().filter(({ labels }) => label === undefined || labels.includes(label))
      .reduce((total, { amount }) => total + amount.value, 0);
  const { tokens, events, rejected } = expected;
  const foldTool = (name: string): string => name.split("__").slice(0, 2).join("__");
  return sum("prodigy_exporter_lines_read_total", "files") === expected.lines &&
    Object.entries(rejected).every(([reason, count]) =>
      sum("prodigy_exporter_lines_rejected_total", reason) === count
    ) &&
    Object.entries(events).every(([type, count]) =>
      sum("prodigy_exporter_events_total", type.replace("d_l_q", "dlq")) === count
    ) &&
    Object.entries(tokens).every(([type, count]) => sum("prodigy_claude_tokens_total", type) === count) &&
    Object.entries(expected.tools).every(([name, count]) =>
      sum("prodigy_claude_tool_invocations_total", foldTool(name)) === count
    ) &&
    sum("prodigy_mapreduce_items_total", "success") === events["agent_completed"] &&
    sum("prodigy_mapreduce_items_total", "failed") === events["agent_failed"] &&
    Math.abs(sum("prodigy_agent_duration_seconds") - expected.agentSeconds) < 1e-6 * expected.agentSeconds;
}
