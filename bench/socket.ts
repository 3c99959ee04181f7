import { blocksOf, usualLines } from "./lines.ts";
import { type BenchOptions, type BenchResult, cpuMs, runBench } from "./harness.ts";
import { createHome } from "./home.ts";
import { startRunning } from "./running.ts";

/**
 * Lines sent to the program's socket by 1, 4 and 100 clients, in blocks of 500. The plain limit is JSON.parse of the same
 * lines, split already; the program's own CPU time counts, as the clients need theirs beside it.
 */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 5_000 : 400_000;
  const figures: Record<string, number> = {};
  for (const clients of [1, 4, 100]) {
    using home = createHome();
    await using running = await startRunning(home.path);
    const { socketPath } = running.program;
    const warmUp = quick ? 500 : 50_000;
    await send(socketPath, 1, usualLines(warmUp));
    await running.untilLines("socket", warmUp);
    // Other ids than those of the warm-up.
    const lines = usualLines(warmUp + count).slice(warmUp);
    const before = await running.usage();
    const startMs = performance.now();
    await send(socketPath, clients, lines);
    await running.untilLines("socket", warmUp + count);
    const elapsedMs = performance.now() - startMs;
    const usedMs = ((await running.usage()).cpuSeconds - before.cpuSeconds) * 1000;
    const limitMs = parseAll(lines);
    figures[`${clients}_clients_lines_per_second`] = count / elapsedMs * 1000;
    figures[`${clients}_clients_lines_per_cpu_second`] = count / usedMs * 1000;
    figures[`${clients}_clients_ratio_of_cpu`] = limitMs / usedMs;
  }
  return { figures, checks: { all_lines_counted: true } };
}

async function send(path: string, clients: number, lines: readonly string[]): Promise<void> {
  const each = Math.ceil(lines.length / clients);
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    using connection = await Deno.connect({ transport: "unix", path });
    const newline = new TextEncoder().encode("\n");
    for (const block of blocksOf(lines.slice(client * each, (client + 1) * each))) {
      for (let rest = block; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
      await connection.write(newline);
    }
  }));
}

/** CPU time of one reading; the second of two, as the first warms up. */
function parseAll(lines: readonly string[]): number {
  for (const line of lines) JSON.parse(line);
  const startMs = cpuMs();
  for (const line of lines) JSON.parse(line);
  return cpuMs() - startMs;
}

if (import.meta.main) await runBench("socket", bench);
