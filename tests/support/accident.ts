import assert from "node:assert/strict";
import { type Program, startProgram } from "./program.ts";
import { createScratch } from "./scratch.ts";

/** Every counted line of `checkpointLines`. */
const COUNTED = "prodigy_checkpoints_created_total";
const FAST_LOOKS = [
  "--events-poll-interval",
  "50ms",
  "--events-rescan-interval",
  "200ms",
  "--state-snapshot-interval",
  "500ms",
];

/** The real program on a scratch home, and what happens to its event files. */
export interface Accident extends AsyncDisposable {
  readonly home: string;
  /** Prodigy's event file of a job. */
  readonly file: string;
  readonly program: Program;
  /** Waits until the program has counted so many lines. */
  untilCounted(lines: number): Promise<void>;
  /** Asserts that exactly so many lines were counted: not one is lost, not one is counted twice. */
  assertExactly(lines: number): Promise<void>;
  /** The same, where lines did not come from files alone. */
  assertTotal(lines: number): Promise<void>;
  /** Ends the program by a signal; `SIGTERM` must end it well. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same state. */
  start(): Promise<void>;
}

export async function createAccident(args: readonly string[] = []): Promise<Accident> {
  const scratch = createScratch();
  const home = scratch.path;
  const directory = `${home}/.prodigy/events/app/job-1`;
  await Deno.mkdir(directory, { recursive: true });
  const options = { home, args: [...FAST_LOOKS, ...args] };
  let program = await startProgram(options);
  async function stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    program.kill(signal);
    assert.equal(await program.exited, signal === "SIGTERM" ? 0 : -1, program.log());
  }
  async function start(): Promise<void> {
    program = await startProgram(options);
  }
  async function assertTotal(lines: number): Promise<void> {
    await program.untilValue(COUNTED, lines, 60_000);
    // Nothing more comes: a restart reads whatever it would still find, duplicates included.
    await stop("SIGTERM");
    await start();
    assert.equal(await program.value(COUNTED), lines);
  }
  return {
    home,
    file: `${directory}/events.jsonl`,
    get program(): Program {
      return program;
    },
    untilCounted: (lines) => program.untilValue(COUNTED, lines, 60_000),
    assertTotal,
    async assertExactly(lines): Promise<void> {
      await assertTotal(lines);
      assert.equal(await program.value("prodigy_storage_events_written_total"), lines);
    },
    stop,
    start,
    async [Symbol.asyncDispose](): Promise<void> {
      await program[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}
