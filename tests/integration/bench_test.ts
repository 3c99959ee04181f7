import assert from "node:assert/strict";
import { bench as decode } from "../../bench/decode.ts";
import { bench as endToEnd } from "../../bench/end_to_end.ts";
import { bench as exposition } from "../../bench/exposition.ts";
import { bench as fold } from "../../bench/fold.ts";
import { bench as guard } from "../../bench/guard.ts";
import type { BenchResult } from "../../bench/harness.ts";
import { bench as idleFiles } from "../../bench/idle_files.ts";
import { bench as ledgerMemory } from "../../bench/ledger_memory.ts";
import { bench as metricsExport } from "../../bench/metrics_export.ts";
import { bench as metricsOverhead } from "../../bench/metrics_overhead.ts";
import { bench as peers } from "../../bench/peers.ts";
import { bench as residentMemory } from "../../bench/resident_memory.ts";
import { bench as scrapeLatency } from "../../bench/scrape_latency.ts";
import { bench as snapshot } from "../../bench/snapshot.ts";
import { bench as socket } from "../../bench/socket.ts";
import { bench as startUp } from "../../bench/start_up.ts";
import { bench as tail } from "../../bench/tail.ts";
import { fromFileUrl } from "../support/file_url.ts";

const BENCHES = {
  decode,
  end_to_end: endToEnd,
  exposition,
  fold,
  guard,
  idle_files: idleFiles,
  ledger_memory: ledgerMemory,
  metrics_export: metricsExport,
  metrics_overhead: metricsOverhead,
  peers,
  resident_memory: residentMemory,
  scrape_latency: scrapeLatency,
  snapshot,
  socket,
  start_up: startUp,
  tail,
};

/** That it works and counts right; never how fast anything is. */
function check({ figures, checks }: BenchResult): void {
  assert.ok(Object.keys(figures).length > 0);
  for (const [name, value] of Object.entries(figures)) assert.ok(Number.isFinite(value), `${name} is ${value}`);
  assert.ok(Object.keys(checks).length > 0);
  for (const [name, isTrue] of Object.entries(checks)) assert.equal(isTrue, true, name);
}

for (const [name, bench] of Object.entries(BENCHES)) {
  Deno.test(`the bench ${name} works and counts right`, async () => check(await bench({ quick: true })));
}

Deno.test("deno task bench prints what the benches found as JSON", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "bench", "--quick", "decode", "fold"],
    cwd: fromFileUrl(new URL("../../", import.meta.url)),
    stderr: "null",
  }).output();
  assert.ok(success);
  const results = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(results.map(({ bench }: { bench: string }) => bench), ["decode", "fold"]);
  for (const result of results) check(result);
});
