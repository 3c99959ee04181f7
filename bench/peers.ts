import { fromFileUrl } from "../tests/support/file_url.ts";
import { sumIn } from "./exposition_text.ts";
import { type BenchOptions, type BenchResult, runBench } from "./harness.ts";
import { append, createHome, writeLines } from "./home.ts";
import { type ProcessTime, timeProcess } from "./time_process.ts";

const MAIN = fromFileUrl(new URL("../main.ts", import.meta.url));
const PLAIN = fromFileUrl(new URL("./plain_limit.ts", import.meta.url));
const MTAIL_PROGRAM = fromFileUrl(new URL("./prodigy.mtail", import.meta.url));

/**
 * The same file through the exporter (`once`), mtail (one-shot, our own program) and the plain limit, each a process of
 * its own from its start to its end, in turns; and how long each takes for nothing. Without mtail on the PATH, without it.
 */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  using home = createHome();
  const expected = writeLines(home.eventsPath, { lines: quick ? 5_000 : 1_000_000 });
  const hasMtail = await canRun("mtail", "--version");
  using nothing = createHome();
  append(nothing.eventsPath, "");
  const commands = (path: string): Readonly<Record<string, readonly string[]>> => ({
    plain: [Deno.execPath(), "run", "--allow-read", PLAIN, path],
    program: [Deno.execPath(), "run", "--allow-all", MAIN, "once"],
    ...hasMtail
      ? { mtail: ["mtail", "--one_shot", "--one_shot_format", "prometheus", "--progs", MTAIL_PROGRAM, "--logs", path] }
      : {},
  });
  const best: Record<string, ProcessTime> = {};
  const startUp: Record<string, ProcessTime> = {};
  const outputs: Record<string, string> = {};
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    for (const [name, command] of Object.entries(commands(home.eventsPath))) {
      const { output, ...time } = await timeProcess(command, { HOME: home.path });
      outputs[name] = output;
      best[name] = fasterOf(best[name], time);
    }
    for (const [name, command] of Object.entries(commands(nothing.eventsPath))) {
      startUp[name] = fasterOf(startUp[name], await timeProcess(command, { HOME: nothing.path }));
    }
  }
  const figures: Record<string, number> = { lines: expected.lines, size_megabytes: expected.sizeBytes / 1e6 };
  const reading = Object.fromEntries(Object.entries(best).map(([name, time]) => [name, less(time, startUp[name])]));
  for (const [name, { wallSeconds, cpuSeconds }] of Object.entries(best)) {
    figures[`${name}_lines_per_second`] = expected.lines / wallSeconds;
    figures[`${name}_lines_per_cpu_second`] = expected.lines / cpuSeconds;
    figures[`${name}_start_up_seconds`] = startUp[name]?.wallSeconds ?? NaN;
  }
  for (const name of Object.keys(best).filter((name) => name !== "program")) {
    figures[`program_times_as_fast_as_${name}`] = ratio(best, name, "wallSeconds");
    figures[`program_times_as_fast_as_${name}_by_cpu`] = ratio(best, name, "cpuSeconds");
    figures[`program_times_as_fast_as_${name}_without_start_up`] = ratio(reading, name, "wallSeconds");
    figures[`program_times_as_fast_as_${name}_without_start_up_by_cpu`] = ratio(reading, name, "cpuSeconds");
  }
  const countsAll = (text = ""): boolean =>
    sumIn(text, "prodigy_claude_tokens_total", 'token_type="input"') === expected.tokens.input &&
    sumIn(text, "prodigy_mapreduce_items_total", 'status="success"') === expected.events["agent_completed"] &&
    sumIn(text, "prodigy_claude_tool_invocations_total") === expected.events["claude_tool_invoked"];
  return {
    figures,
    checks: {
      program_totals: countsAll(outputs["program"]),
      plain_lines: outputs["plain"]?.trim() === `${expected.lines}`,
      ...hasMtail ? { mtail_totals: countsAll(outputs["mtail"]) } : {},
    },
  };
}

function fasterOf(a: ProcessTime | undefined, b: ProcessTime): ProcessTime {
  return {
    wallSeconds: Math.min(a?.wallSeconds ?? Infinity, b.wallSeconds),
    cpuSeconds: Math.min(a?.cpuSeconds ?? Infinity, b.cpuSeconds),
  };
}

function less(time: ProcessTime, by: ProcessTime | undefined): ProcessTime {
  return {
    wallSeconds: time.wallSeconds - (by?.wallSeconds ?? 0),
    cpuSeconds: time.cpuSeconds - (by?.cpuSeconds ?? 0),
  };
}

function ratio(times: Readonly<Record<string, ProcessTime>>, of: string, by: keyof ProcessTime): number {
  return (times[of]?.[by] ?? NaN) / (times["program"]?.[by] ?? NaN);
}

async function canRun(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) await runBench("peers", bench);
