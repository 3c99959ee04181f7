import { parseArgs } from "@std/cli/parse-args";
import assert from "node:assert/strict";
import { countedEvents, type Scrape, startSoak } from "../support/soak.ts";

/** For so much of the time it is killed and restarted; then it is left alone, to see whether it grows. */
const RESTARTED_PART = 0.4;
const RESTARTS_A_MINUTE = 2;
const GROWTH_MAX = 1.25;
const RESIDENT_MAX_BYTES = 400 * 1024 * 1024;
/** Event files that are being read, connections of scrapes, and what a moment needs. */
const OPEN_FILES_SPARE = 8;

// `deno task soak --minutes 30`
const { minutes } = parseArgs(Deno.args, { string: ["minutes"], default: { minutes: "1" } });

Deno.test(`${minutes} min under load with restarts: counts are exact, counters never fall, nothing grows`, async () => {
  const seconds = 60 * Number(minutes);
  assert.ok(seconds > 0, "--minutes is a number");
  await using soak = await startSoak();

  const restarts = Math.max(2, Math.round(RESTARTS_A_MINUTE * Number(minutes)));
  for (let number = 0; number < restarts; number++) {
    await soak.forSeconds(RESTARTED_PART * seconds / restarts);
    await soak.restart(number % 2 === 0 ? "SIGKILL" : "SIGTERM");
  }
  const calmFrom = soak.scrapes.length;
  const calmSeconds = (1 - RESTARTED_PART) * seconds;
  await soak.forSeconds(calmSeconds / 3);
  const openAtFirst = soak.openFiles();
  await soak.forSeconds(calmSeconds * 2 / 3);
  const openAtLast = soak.openFiles();
  const calm = soak.scrapes.slice(calmFrom);

  await soak.rest();
  // A restart brings up whatever would be read twice.
  await soak.restart("SIGTERM");
  assert.deepEqual(sorted(await countedEvents(soak)), sorted(soak.sent));
  assert.deepEqual(soak.falls, []);

  const residentBytes = calm.map(({ series }) => series.get("process_resident_memory_bytes") ?? NaN);
  const third = Math.floor(residentBytes.length / 3);
  const [middle, last] = [mean(residentBytes.slice(third, 2 * third)), mean(residentBytes.slice(2 * third))];
  assert.ok(Math.max(...residentBytes) < RESIDENT_MAX_BYTES, `${Math.max(...residentBytes)} bytes resident`);
  assert.ok(last < middle * GROWTH_MAX, `from ${middle} to ${last} bytes resident`);
  assert.ok(openAtLast <= openAtFirst + OPEN_FILES_SPARE, `from ${openAtFirst} to ${openAtLast} open files`);
  assert.ok(seriesOf(calm.at(-1)) <= seriesOf(calm[third]) * GROWTH_MAX, "series of finished jobs go away");
  assert.ok(calm.length > calmSeconds, `it answered ${calm.length} scrapes in ${calmSeconds} s`);
});

function seriesOf(scrape: Scrape | undefined): number {
  return scrape?.series.get("prodigy_exporter_series") ?? NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sorted(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...counts].sort(([a], [b]) => a < b ? -1 : 1);
}
