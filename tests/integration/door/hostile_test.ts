import assert from "node:assert/strict";
import fc from "fast-check";
import { until } from "../../support/deadline.ts";
import { openDoor, TLS, tlsClient } from "../../support/door.ts";
import { append, checkpointLines, eventLine } from "../../support/event_lines.ts";
import { fuzzRequest, rawStatus } from "../../support/http_fuzz.ts";
import { type Program, startProgram } from "../../support/program.ts";
import { createScratch } from "../../support/scratch.ts";

const COUNTED = "prodigy_checkpoints_created_total";
const RENDERINGS = "prodigy_exporter_renderings_total";
const FAST = ["--events-poll-interval", "20ms", "--events-rescan-interval", "100ms"];
const SCRAPE =
  "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\nConnection: close\r\n\r\n";

class Connections {
  readonly #open: Deno.TcpConn[] = [];

  get all(): readonly Deno.TcpConn[] {
    return this.#open;
  }

  /** Opens up to so many connections and writes this on each; fewer when they are refused. */
  async open(port: number, count: number, text: string): Promise<number> {
    for (let index = 0; index < count; index++) {
      try {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        this.#open.push(connection);
        await connection.write(new TextEncoder().encode(text));
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset)) {
          throw error;
        }
        break;
      }
    }
    return this.#open.length;
  }

  [Symbol.dispose](): void {
    for (const connection of this.#open) {
      try {
        connection.close();
      } catch (error) {
        // What was read to its end is closed already.
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    }
  }
}

/** The program with the series of a day behind it. */
async function startBusy(home: string): Promise<Program> {
  for (let job = 0; job < 40; job++) {
    const job_id = `job-${job}`;
    append(
      `${home}/.prodigy/events/app/${job_id}/events.jsonl`,
      eventLine({ event_type: "job_started", job_id, config: {}, total_items: 10 }) +
        eventLine({
          event_type: "agent_completed",
          job_id,
          agent_id: `${job_id}_agent_0`,
          duration: [9, 0],
          commits: [],
          json_log_location: null,
        }),
    );
  }
  return await startProgram({ home, args: FAST });
}

Deno.test("scrapes are answered in time beside 3,000 half-open connections", async () => {
  using scratch = createScratch();
  await using program = await startBusy(scratch.path);
  await program.metrics();
  using attackers = new Connections();
  assert.equal(await attackers.open(program.port, 3000, SCRAPE.slice(0, 30)), 3000);
  const p99sMs: number[] = [];
  // Whatever else this machine does only makes it slower: the best round is the nearest to the truth.
  while (p99sMs.length < 5 && !p99sMs.some((p99Ms) => p99Ms < 50)) p99sMs.push(await scrapeP99Ms(program));
  assert.ok(Math.min(...p99sMs) < 50, `p99 of each round is ${p99sMs.join(", ")} ms`);
});

/** The 99th percentile of two hundred scrapes, one after the other. */
async function scrapeP99Ms(program: Program): Promise<number> {
  const durationsMs: number[] = [];
  for (let index = 0; index < 200; index++) {
    const startedMs = performance.now();
    assert.equal((await program.get("/metrics")).status, 200);
    durationsMs.push(performance.now() - startedMs);
  }
  durationsMs.sort((a, b) => a - b);
  return durationsMs[197] ?? Infinity;
}

Deno.test("with 64 descriptors, all taken by clients, it recovers and counts on", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  await using program = await startProgram({ home, setUp: "ulimit -n 64", args: FAST });
  const file = `${home}/.prodigy/events/app/job-1/events.jsonl`;
  append(file, checkpointLines(10));
  await program.untilValue(COUNTED, 10);
  using attackers = new Connections();
  await attackers.open(program.port, 100, SCRAPE.slice(0, 30));
  append(file, checkpointLines(10));
  // Not before descriptors ran out, which it says.
  await until("it is noticed", () => program.log().includes("http_server_failed"));
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  await until("a scrape is answered and all is counted", async () => {
    const signal = AbortSignal.timeout(1000);
    const response = await fetch(`http://127.0.0.1:${program.port}/metrics`, { client, signal });
    return (await response.text()).includes(`${COUNTED} 20\n`);
  });
  const newFile = `${home}/.prodigy/events/app/job-2/events.jsonl`;
  append(newFile, checkpointLines(5));
  await program.untilValue(COUNTED, 25);
  const socket = await Deno.connect({ transport: "unix", path: program.socketPath });
  await socket.write(new TextEncoder().encode(checkpointLines(5)));
  socket.close();
  await program.untilValue(COUNTED, 30);
  program.kill("SIGTERM");
  assert.equal(await program.exited, 0, program.log());
});

Deno.test("with 64 descriptors, it recovers over TLS as well", async () => {
  await using door = await openDoor(TLS, { setUp: "ulimit -n 64", args: FAST });
  using client = tlsClient();
  const scrape = async (): Promise<string> => {
    const response = await fetch(`${door.url}/metrics`, { client, signal: AbortSignal.timeout(1000) });
    return await response.text();
  };
  append(door.path(".prodigy/events/app/job-1/events.jsonl"), checkpointLines(10));
  await until("ten are counted", async () => (await scrape()).includes(`${COUNTED} 10\n`));
  using attackers = new Connections();
  await attackers.open(door.program.port, 100, "");
  // Answered before descriptors ran out would prove nothing.
  await assert.rejects(scrape());
  append(door.path(".prodigy/events/app/job-1/events.jsonl"), checkpointLines(10));
  await until("a scrape is answered and all is counted", async () => (await scrape()).includes(`${COUNTED} 20\n`));
});

Deno.test("ten thousand senseless requests bring no answer of 500, and the program lives on", async () => {
  using scratch = createScratch();
  await using program = await startBusy(scratch.path);
  await program.metrics();
  const requests = fc.sample(fuzzRequest, { numRuns: 10_000, seed: 20_261_124 });
  const statuses = new Map<number, number>();
  for (let index = 0; index < requests.length; index += 50) {
    const batch = requests.slice(index, index + 50);
    for (const status of await Promise.all(batch.map((request) => rawStatus(program.port, request)))) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  const told = JSON.stringify([...statuses]);
  assert.deepEqual([...statuses.keys()].filter((status) => status >= 500), [], told);
  assert.ok((statuses.get(200) ?? 0) > 100 && (statuses.get(404) ?? 0) > 100, told);
  assert.equal((await program.get("/health")).status, 200);
  assert.doesNotMatch(program.log(), /request_failed/);
});

Deno.test("two hundred concurrent scrapes share one rendering", async () => {
  using scratch = createScratch();
  await using program = await startBusy(scratch.path);
  await program.metrics();
  /** How many renderings two hundred scrapes took that were finished asking for at one time. */
  async function burst(): Promise<number> {
    const before = await program.value(RENDERINGS) ?? NaN;
    using scrapers = new Connections();
    assert.equal(await scrapers.open(program.port, 200, SCRAPE.slice(0, -1)), 200);
    const last = new TextEncoder().encode("\n");
    await Promise.all(scrapers.all.map((connection) => connection.write(last)));
    const answers = await Promise.all(scrapers.all.map((connection) => new Response(connection.readable).text()));
    assert.deepEqual(answers.filter((answer) => !answer.startsWith("HTTP/1.1 200 ")), []);
    // Less this one's own.
    return (await program.value(RENDERINGS) ?? NaN) - before - 1;
  }
  // The kernel and the client may hand over a burst in two; that it happens is enough, that it is rare is not ours.
  await until("a burst took one rendering", async () => await burst() === 1);
});
