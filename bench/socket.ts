import { blocksOf, usualLines } from "./lines.ts";
import { type BenchOptions, type BenchResult, cpuMs, runBench } from "./harness.ts";
import { createHome } from "./home.ts";
import { readSplitParse } from "./plain_limit.ts";
import { startRunning } from "./running.ts";

/**
 * Lines sent to the program's socket by 1, 4 and 100 clients, in blocks of 500, until all are journaled and counted. The
 * limit is read + split + JSON.parse of a file with the same lines; CPU time counts, because the clients need theirs
 * beside the program. Both in turns, and of each the best round.
 */
export async function bench({ quick }: BenchOptions): Promise<BenchResult> {
  const rounds = quick ? 1 : 4;
  const count = quick ? 5_000 : 150_000;
  const warmUp = quick ? 500 : 100_000;
  const all = usualLines(warmUp + rounds * count);
  const figures: Record<string, number> = {};
  for (const clients of [1, 4, 100]) {
    using home = createHome();
    await using running = await startRunning(home.path);
    const { socketPath } = running.program;
    await send(socketPath, [blocksOf(all.slice(0, warmUp))]);
    await running.untilLines("socket", warmUp);
    const best = { elapsedMs: Infinity, usedMs: Infinity, plainMs: Infinity };
    for (let sent = warmUp; sent < all.length; sent += count) {
      // Other ids than those before.
      const lines = all.slice(sent, sent + count);
      const each = Math.ceil(count / clients);
      const blocks = Array.from({ length: clients }, (_, at) => blocksOf(lines.slice(at * each, (at + 1) * each)));
      const before = await running.usage();
      const startMs = performance.now();
      await send(socketPath, blocks);
      await running.untilLines("socket", sent + count);
      best.elapsedMs = Math.min(best.elapsedMs, performance.now() - startMs);
      best.usedMs = Math.min(best.usedMs, ((await running.usage()).cpuSeconds - before.cpuSeconds) * 1000);
      best.plainMs = Math.min(best.plainMs, plainCpuMs(home.path, lines));
    }
    figures[`${clients}_clients_lines_per_second`] = count / best.elapsedMs * 1000;
    figures[`${clients}_clients_lines_per_cpu_second`] = count / best.usedMs * 1000;
    figures[`${clients}_clients_ratio_of_cpu`] = best.plainMs / best.usedMs;
  }
  return { figures, checks: { all_lines_counted: true } };
}

/** One list of blocks for each client, which ends when its lines are acknowledged. */
async function send(path: string, clients: readonly (readonly Uint8Array[])[]): Promise<void> {
  const newline = new TextEncoder().encode("\n");
  const ackRequest = new TextEncoder().encode('{"ack":true}\n');
  await Promise.all(clients.map(async (blocks) => {
    using connection = await Deno.connect({ transport: "unix", path });
    for (const block of [...blocks.flatMap((block) => [block, newline]), ackRequest]) {
      for (let rest = block; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
    }
    await connection.read(new Uint8Array(64));
  }));
}

/** The second of two, as the first warms up. */
function plainCpuMs(folder: string, lines: readonly string[]): number {
  const path = `${folder}/plain.jsonl`;
  Deno.writeTextFileSync(path, `${lines.join("\n")}\n`);
  readSplitParse(path);
  const startMs = cpuMs();
  readSplitParse(path);
  return cpuMs() - startMs;
}

if (import.meta.main) await runBench("socket", bench);
