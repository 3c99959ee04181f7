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
 * up and does not count. A task may return how long it took by its own measure.
 */
export async function inTurns<N extends string>(
  rounds: number,
  tasks: Readonly<Record<N, () => unknown>>,
): Promise<Readonly<Record<N, Timing>>> {
  const times = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, task] of Object.entries<() => unknown>(tasks)) {
      const startMs = performance.now();
      const result = await task();
      const tookMs = typeof result === "number" ? result : performance.now() - startMs;
      if (round > 0) times.set(name, [...times.get(name) ?? [], tookMs]);
    }
  }
  // All tasks have run, so all names are there.
  return Object.fromEntries(Array.from(times, ([name, all]) => [name, timing(all)])) as Record<N, Timing>;
}

function timing(timesMs: readonly number[]): Timing {
  return { bestMs: Math.min(...timesMs), medianMs: quantile(timesMs, 0.5) };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
