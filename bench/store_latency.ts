import { eventLines } from "./store_events.ts";
import { type Program, startProgram } from "../tests/support/program.ts";
import { startPostgres } from "../tests/support/postgres_server.ts";
import { ScrapeClient } from "./scrape_client.ts";

/*
 * Latency of scrapes with the event store off and on, and with its database slow or down: the same events at the same
 * rate to programs that run one after the other, in turns, so that what else the machine does falls on all alike.
 *
 *   deno run --allow-all bench/store_latency.ts [ROUNDS] [EVENTS_PER_SECOND]
 */

const ROUNDS = Number(Deno.args[0] ?? 4);
const EVENTS_PER_SECOND = Number(Deno.args[1] ?? 2_000);
const ROUND_SECONDS = 14;
/** Not measured: the program finds the file, and its code gets compiled. */
const WARM_UP_SECONDS = 4;
const TICK_MS = 20;
const KINDS = ["off", "on", "slow", "down"] as const;
type Kind = (typeof KINDS)[number];

await using server = await startPostgres({ settings: ["fsync = on"] });

async function round(kind: Kind): Promise<readonly number[]> {
  await using database = await server.createDatabase();
  const home = await Deno.makeTempDir();
  const directory = `${home}/.prodigy/events/app/session-1`;
  await Deno.mkdir(directory, { recursive: true });
  const url = kind === "down" ? "postgresql://127.0.0.1:1/x" : database.url;
  try {
    await using program = await startProgram({
      home,
      args: ["--events-rescan-interval", "200ms", ...kind === "off" ? [] : ["--enable-postgres-storage"]],
      env: { PRODIGY_POSTGRES_URL: url, PRODIGY_LOG_LEVEL: "error" },
    });
    await program.metrics();
    if (kind === "slow") await makeSlow(database.sql, program, directory);
    return await measure(program, `${directory}/events-1.jsonl`);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function makeSlow(
  sql: { unsafe(text: string): PromiseLike<unknown> },
  program: Program,
  directory: string,
): Promise<void> {
  await Deno.writeTextFile(`${directory}/events-0.jsonl`, '{"event_type":"claude_message"}\n'.repeat(100));
  await program.untilValue('prodigy_exporter_events_total{event_type="claude_message"}', 100);
  for (;;) {
    if ((await program.value('prodigy_exporter_store_rows_total{table="events"}') ?? 0) >= 100) break;
  }
  await sql.unsafe(
    `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON events EXECUTE FUNCTION slow()`,
  );
}

async function measure(program: Program, path: string): Promise<readonly number[]> {
  const lines = Array.from(eventLines(EVENTS_PER_SECOND * ROUND_SECONDS, Date.now()), ({ text }) => text);
  const perTick = EVENTS_PER_SECOND * TICK_MS / 1000;
  const times: number[] = [];
  using file = await Deno.open(path, { append: true, create: true });
  using client = await ScrapeClient.connect(program.port);
  for (let from = 0; from < lines.length; from += perTick) {
    const tickMs = performance.now();
    await file.write(new TextEncoder().encode(lines.slice(from, from + perTick).map((line) => `${line}\n`).join("")));
    const timeMs = await client.scrape();
    if (from >= WARM_UP_SECONDS * EVENTS_PER_SECOND) times.push(timeMs);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, TICK_MS - (performance.now() - tickMs))));
  }
  return times;
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2));
}

const times = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
for (let turn = 0; turn < ROUNDS; turn++) {
  for (const kind of KINDS) times.get(kind)?.push(...await round(kind));
}
const off = times.get("off") ?? [];
const results = KINDS.map((kind) => {
  const own = times.get(kind) ?? [];
  const [p50, p99] = [percentile(own, 0.5), percentile(own, 0.99)];
  return { kind, scrapes: own.length, p50, p99, p99ToOff: Number((p99 / percentile(off, 0.99)).toFixed(2)) };
});
// deno-lint-ignore no-console -- what a bench is for
console.log(JSON.stringify({ eventsPerSecond: EVENTS_PER_SECOND, results }, null, 1));
