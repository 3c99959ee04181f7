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
  /** The best time of each piece, added up: not all of a long run is ever undisturbed. */
  readonly bestPiecesMs: number;
  readonly medianMs: number;
  /** CPU time of the whole process, collector and compiler threads included; says more on a machine others use as well. */
  readonly bestCpuMs: number;
  readonly medianCpuMs: number;
}

/** Ends a piece of what is timed, which then has as many in each round. */
export type Lap = () => void;

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
  tasks: Readonly<Record<N, (lap: Lap) => unknown>>,
): Promise<Readonly<Record<N, Timing>>> {
  const times = new Map<string, Times>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, task] of Object.entries<(lap: Lap) => unknown>(tasks)) {
      const laps = [performance.now()];
      const startCpuMs = cpuMs();
      await task(() => laps.push(performance.now()));
      const cpu = cpuMs() - startCpuMs;
      laps.push(performance.now());
      const all = times.get(name) ?? { cpuMs: [], piecesMs: [] };
      times.set(name, all);
      if (round === 0) continue;
      all.cpuMs.push(cpu);
      all.piecesMs.push(laps.slice(1).map((lap, piece) => lap - (laps[piece] ?? NaN)));
    }
  }
  // All tasks have run, so all names are there.
  return Object.fromEntries(Array.from(times, ([name, all]) => [name, timing(all)])) as Record<N, Timing>;
}

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Of each round, and of each its pieces. */
interface Times {
  readonly cpuMs: number[];
  readonly piecesMs: (readonly number[])[];
}

function timing({ cpuMs, piecesMs }: Times): Timing {
  const ms = piecesMs.map(sum);
  const bestOfPieces = piecesMs[0]?.map((_, piece) => Math.min(...piecesMs.map((round) => round[piece] ?? NaN))) ?? [];
  return {
    bestMs: Math.min(...ms),
    bestPiecesMs: sum(bestOfPieces),
    medianMs: quantile(ms, 0.5),
    bestCpuMs: Math.min(...cpuMs),
    medianCpuMs: quantile(cpuMs, 0.5),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
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
