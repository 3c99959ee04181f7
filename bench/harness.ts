import process from "node:process";

/** What a bench found. Names of figures end with their unit; a ratio has none. */
export interface BenchResult {
  readonly figures: Readonly<Record<string, number>>;
  /** What must be true whatever the speed: totals, mostly. */
  readonly checks: Readonly<Record<string, boolean>>;
}

export interface BenchOptions {
  /** Small amounts: shows that the bench works, not how fast anything is. */
  readonly quick: boolean;
}

export type Bench = (options: BenchOptions) => BenchResult | Promise<BenchResult>;

export interface Timing {
  readonly bestMs: number;
  readonly medianMs: number;
  /** CPU time of the whole process, collector and compiler threads included; says more on a machine others use as well. */
  readonly bestCpuMs: number;
  readonly medianCpuMs: number;
}

/** Runs a bench as the command line says and prints its result; to be called by a bench that is the main module. */
export async function runBench(name: string, bench: Bench): Promise<void> {
  const result = await bench({ quick: Deno.args.includes("--quick") });
  const figures = Object.fromEntries(Object.entries(result.figures).map(([key, value]) => [key, rounded(value)]));
  // deno-lint-ignore no-console -- what a bench is for
  console.log(JSON.stringify({ bench: name, figures, checks: result.checks }, null, 2));
  if (Object.values(result.checks).includes(false)) Deno.exit(1);
}

/** Four digits are more than any of this is exact. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : value;
}

/**
 * Times tasks in turns, round by round, so that what else the machine does meets all of them alike. The first round warms
 * up and does not count.
 */
export async function inTurns<N extends string>(
  rounds: number,
  tasks: Readonly<Record<N, () => unknown>>,
): Promise<Readonly<Record<N, Timing>>> {
  const times = new Map<string, { readonly ms: number[]; readonly cpuMs: number[] }>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, task] of Object.entries<() => unknown>(tasks)) {
      const startCpuMs = cpuMs();
      const startMs = performance.now();
      await task();
      const all = times.get(name) ?? { ms: [], cpuMs: [] };
      times.set(name, all);
      if (round === 0) continue;
      all.ms.push(performance.now() - startMs);
      all.cpuMs.push(cpuMs() - startCpuMs);
    }
  }
  // All tasks have run, so all names are there.
  return Object.fromEntries(Array.from(times, ([name, all]) => [name, timing(all)])) as Record<N, Timing>;
}

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timing({ ms, cpuMs }: { readonly ms: readonly number[]; readonly cpuMs: readonly number[] }): Timing {
  return {
    bestMs: Math.min(...ms),
    medianMs: quantile(ms, 0.5),
    bestCpuMs: Math.min(...cpuMs),
    medianCpuMs: quantile(cpuMs, 0.5),
  };
}

/** How many times as fast `of` is as `against`, by wall time and by CPU time. */
export function ratios(of: Timing, against: Timing): Readonly<Record<string, number>> {
  return {
    ratio: against.bestMs / of.bestMs,
    ratio_of_medians: against.medianMs / of.medianMs,
    ratio_of_cpu: against.bestCpuMs / of.bestCpuMs,
    ratio_of_cpu_medians: against.medianCpuMs / of.medianCpuMs,
  };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
