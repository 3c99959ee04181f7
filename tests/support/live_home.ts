import assert from "node:assert/strict";
import { until } from "./deadline.ts";
import { type Program, startProgram, valueIn } from "./program.ts";
import type { SimulatedClock } from "./prodigy_writer.ts";
import { RunSimulator } from "./run_simulator.ts";
import { createScratch } from "./scratch.ts";

/** Looks often and settles soon, so that a test need not wait. */
const FAST = [
  "--readers-poll-interval",
  "50ms",
  "--readers-settle",
  "100ms",
  "--events-poll-interval",
  "50ms",
  "--events-rescan-interval",
  "100ms",
  "--state-snapshot-interval",
  "200ms",
];

/** Values by whole series, such as `name{label="value"}`; 0 stands for an absent one, too. */
export type Values = Readonly<Record<string, number>>;

/** The real program on a home in which a simulated Prodigy works. */
export interface LiveHome extends AsyncDisposable {
  readonly home: string;
  /** What the simulator's documents say the time is; files have the time at which they are really written. */
  readonly clock: SimulatedClock;
  readonly prodigy: RunSimulator;
  readonly program: Program;
  /** Waits until all these series have these values; they are then part of what must hold for good. */
  until(values: Values): Promise<void>;
  /** Waits until the series has at least this value. */
  untilAbove(series: string, value: number): Promise<void>;
  /** Waits until the metric has so many series, and gives the values of their first label. */
  labels(metric: string, count: number): Promise<readonly string[]>;
  /** Starts the program, which has ended, again on the same state. */
  start(): Promise<void>;
  /** Ends the program by a signal and starts it again. */
  restart(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Asserts that everything waited for so far still holds, also after a restart that reads what it still finds. */
  assertNothingMore(): Promise<void>;
}

interface SimulatedProdigy {
  readonly prodigy: RunSimulator;
  readonly clock: SimulatedClock;
}

function simulate(homeDirectory: string): SimulatedProdigy {
  // Whatever a simulated run takes, it does not end in the future.
  const clock = { nowMs: Date.now() - 3_600_000 };
  return { clock, prodigy: new RunSimulator({ homeDirectory, clock, stampsFiles: false }) };
}

/** @param prepare makes what is there before the program starts */
export async function createLiveHome(
  args: readonly string[] = [],
  prepare: (homeDirectory: string) => SimulatedProdigy = simulate,
): Promise<LiveHome> {
  const scratch = createScratch();
  const home = scratch.path;
  const { prodigy, clock } = prepare(home);
  const options = { home, args: [...FAST, ...args] };
  let program = await startProgram(options);
  await program.metrics();
  const known: Record<string, number> = {};

  async function missing(values: Values): Promise<readonly string[]> {
    const exposition = await program.metrics();
    return Object.entries(values).flatMap(([series, wanted]) => {
      const value = valueIn(exposition, series) ?? 0;
      return Math.abs(value - wanted) <= 1e-9 * Math.max(1, wanted) ? [] : [`${series} is ${value}, not ${wanted}`];
    });
  }
  async function wait(values: Values): Promise<void> {
    let last: readonly string[] = [];
    Object.assign(known, values);
    // Everything else that was waited for must hold as well.
    await until("the series have their values", async () => (last = await missing(known)).length === 0).catch(() => {
      throw new Error(`Not in time: ${last.join("; ")}\n${program.log()}`);
    });
  }
  async function restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    program.kill(signal);
    assert.equal(await program.exited, signal === "SIGTERM" ? 0 : -1, program.log());
    await start();
  }
  async function start(): Promise<void> {
    program = await startProgram(options);
  }
  return {
    home,
    clock,
    prodigy,
    get program(): Program {
      return program;
    },
    until: wait,
    untilAbove: async (series, value) => {
      await until(`${series} is ${value} or more`, async () => (await program.value(series) ?? 0) >= value);
    },
    labels: (metric, count) =>
      until(`${metric} has ${count} series`, async () => {
        const found = (await program.metrics()).matchAll(new RegExp(`^${metric}\\{\\w+="([^"]*)"`, "gm"));
        const labels = Array.from(found, ([, label = ""]) => label);
        return labels.length === count ? labels : null;
      }),
    start,
    restart,
    async assertNothingMore(): Promise<void> {
      assert.deepEqual(await missing(known), []);
      await restart("SIGTERM");
      assert.deepEqual(await missing(known), [], "after a restart");
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await program[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}
