import assert from "node:assert/strict";
import { AckClient } from "./ack_client.ts";
import { until } from "./deadline.ts";
import { append } from "./event_lines.ts";
import { type Program, startProgram } from "./program.ts";
import { createScratch } from "./scratch.ts";
import { Workload } from "./workload.ts";

const TICK_MS = 50;
const SCRAPE_MS = 200;
const TICKS_OF_A_FILE = 200;
const FILES_KEPT = 3;
/** The state reader tells this, too: how many worktrees it finds. */
const NOT_FROM_LINES_ALONE = "worktree_pool_changed";

/** What a scrape showed. */
export interface Scrape {
  /** Since the soak began, in seconds. */
  readonly atSeconds: number;
  /** Numbers by series, of the program's own lifetime. */
  readonly series: ReadonlyMap<string, number>;
}

/** A program under load, from event files and the socket at once, scraped as Prometheus would. */
export interface Soak extends AsyncDisposable {
  readonly program: Program;
  /** Event lines sent so far, by type; but for those of the worktree pool, of which others tell, too. */
  readonly sent: ReadonlyMap<string, number>;
  readonly scrapes: readonly Scrape[];
  /** Counters that were seen to fall. */
  readonly falls: readonly string[];
  /** Files the program holds open. */
  openFiles(): number;
  /** Ends the program and starts it again on the same state, while the load goes on. */
  restart(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Load and scrapes go on for so long. */
  forSeconds(seconds: number): Promise<void>;
  /** Ends the load; resolves when all of it has been sent. */
  rest(): Promise<void>;
}

export async function startSoak(): Promise<Soak> {
  const scratch = createScratch();
  const options = {
    home: scratch.path,
    // Jobs end and go away many times, and snapshots are many.
    args: [
      "--state-snapshot-interval",
      "1s",
      "--cardinality-finished-job-hold",
      "2s",
      "--events-rescan-interval",
      "500ms",
    ],
  };
  let program = await startProgram(options);
  const startedMs = performance.now();
  const load = createLoad(`${scratch.path}/.prodigy/events/app/session-1`, program.socketPath);
  const watch = new ScrapeWatch(startedMs);
  let isLoaded = true;
  let isWatched = true;
  const loading = repeat(TICK_MS, () => isLoaded, () => load.tick());
  const watching = repeat(SCRAPE_MS, () => isWatched, () => watch.scrape(program.port));
  return {
    get program() {
      return program;
    },
    sent: load.sent,
    scrapes: watch.scrapes,
    falls: watch.falls,
    openFiles: () => [...Deno.readDirSync(`/proc/${program.pid}/fd`)].length,
    async restart(signal): Promise<void> {
      program.kill(signal);
      assert.equal(await program.exited, signal === "SIGTERM" ? 0 : -1, program.log());
      program = await startProgram(options);
    },
    forSeconds: (seconds) => pause(seconds * 1000),
    async rest(): Promise<void> {
      isLoaded = false;
      await loading;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      isLoaded = isWatched = false;
      await Promise.allSettled([loading, watching]);
      await program[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}

interface Load {
  readonly sent: ReadonlyMap<string, number>;
  tick(): Promise<void>;
}

/** Half of it is written to files, which are rotated and removed; half is sent to the socket. */
function createLoad(directory: string, socketPath: string): Load {
  const sent = new Map<string, number>();
  const files = new Workload({ seed: 1, ticksOfAJob: 60 });
  const socket = new Workload({ seed: 2, ticksOfAJob: 60 });
  const client = new AckClient(socketPath);
  let ticks = 0;
  const count = (lines: readonly string[]): readonly string[] => {
    for (const line of lines) {
      const type = String(JSON.parse(line).event.event_type);
      if (type !== NOT_FROM_LINES_ALONE) sent.set(type, (sent.get(type) ?? 0) + 1);
    }
    return lines;
  };
  return {
    sent,
    async tick(): Promise<void> {
      const file = Math.floor(ticks++ / TICKS_OF_A_FILE);
      // Long since read, as a rescan is twice a second.
      const old = `${directory}/events-${file - FILES_KEPT}.jsonl`;
      if (ticks % TICKS_OF_A_FILE === 0 && file >= FILES_KEPT) await Deno.remove(old);
      append(`${directory}/events-${file}.jsonl`, count(files.tick(Date.now())).join(""));
      await client.send(count(socket.tick(Date.now())));
    },
  };
}

/** Scrapes as Prometheus does, whatever the program is doing, and watches counters. */
class ScrapeWatch {
  readonly scrapes: Scrape[] = [];
  readonly falls: string[] = [];
  readonly #startedMs: number;
  readonly #highest = new Map<string, number>();

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  async scrape(port: number): Promise<void> {
    const text = await fetchMetrics(port);
    if (text === null) return;
    const series = new Map<string, number>();
    for (const line of text.split("\n")) {
      const at = line.lastIndexOf(" ");
      if (line.startsWith("#") || at < 0) continue;
      series.set(line.slice(0, at), Number(line.slice(at + 1)));
    }
    for (const [name, value] of series) {
      if (isWorkCounter(name)) this.#watch(name, value);
    }
    this.scrapes.push({ atSeconds: (performance.now() - this.#startedMs) / 1000, series });
  }

  #watch(name: string, value: number): void {
    if (value < (this.#highest.get(name) ?? 0)) this.falls.push(`${name} to ${value}`);
    this.#highest.set(name, value);
  }
}

/** The exporter's own counters begin anew or go back to the snapshot; those of the work must never. */
function isWorkCounter(name: string): boolean {
  return /^prodigy_(?!exporter_).*_(total|count|bucket)(\{|$)/.test(name) && !name.includes("job_id=");
}

/** `null` while the program is down or catching up. */
async function fetchMetrics(port: number): Promise<string | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
      headers: { "x-prometheus-scrape-timeout-seconds": "10" },
    });
    const text = await response.text();
    return response.status === 200 ? text : null;
  } catch (error) {
    // What fetch throws when nobody answers.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

async function repeat(intervalMs: number, goesOn: () => boolean, act: () => Promise<void>): Promise<void> {
  while (goesOn()) {
    const dueMs = performance.now() + intervalMs;
    await act();
    await pause(dueMs - performance.now());
  }
}

/** Time under load is what a soak is about. */
async function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, Math.max(0, ms));
  await promise;
}

/** Waits until the program has counted as many events as were sent, and returns what it counted, by type. */
export async function countedEvents(soak: Soak): Promise<ReadonlyMap<string, number>> {
  const total = sum(soak.sent.values());
  let counted = new Map<string, number>();
  await until("every line is counted", async () => {
    const text = await soak.program.metrics();
    const pairs = [...text.matchAll(/^prodigy_exporter_events_total\{event_type="([^"]+)"\} (\d+)$/gm)];
    counted = new Map(pairs.map(([, type = "", value]) => [type, Number(value)] as const));
    counted.delete(NOT_FROM_LINES_ALONE);
    return sum(counted.values()) >= total;
  }, 60_000);
  return counted;
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
