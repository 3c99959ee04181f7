import assert from "node:assert/strict";
import fc from "fast-check";
import { Journal } from "../../lib/source/journal.ts";
import { textOf } from "../../lib/source/line_block.ts";
import { SocketInbox } from "../../lib/source/socket_inbox.ts";
import { TempFolder } from "../support/socket_rig.ts";

/** What a snapshot holds: the ledger (here, the lines themselves) and the position that belongs to it. */
interface Snapshot {
  readonly counted: readonly string[];
  readonly state: unknown;
}

const STEPS = ["arrive", "fold_one", "fold_all", "capture", "rename", "drop", "kill", "kill_inside_append"] as const;

/** One exporter after another on the same directory, and what survives between them. */
class Lives {
  readonly #folder: TempFolder;
  #journal: Journal;
  #inbox: SocketInbox;
  #counted: string[] = [];
  #captured: Snapshot | null = null;
  #renamed: Snapshot | null = null;
  #onDisk: Snapshot = { counted: [], state: null };
  readonly arrived: string[] = [];

  constructor(folder: TempFolder) {
    this.#folder = folder;
    [this.#journal, this.#inbox] = this.#start();
  }

  get counted(): readonly string[] {
    return this.#counted;
  }

  step(name: typeof STEPS[number]): void {
    if (name === "arrive") this.#arrive();
    if (name === "fold_one") this.#fold(1);
    if (name === "fold_all") this.#fold(Infinity);
    if (name === "capture") this.#captured = { counted: [...this.#counted], state: this.#inbox.capture() };
    if (name === "rename" && this.#captured !== null) {
      this.#onDisk = this.#renamed = this.#captured;
      this.#captured = null;
    }
    if (name === "drop" && this.#renamed !== null) this.#inbox.forget(this.#renamed.state);
    if (name === "kill") this.kill();
    if (name === "kill_inside_append") {
      this.#tear();
      this.kill();
    }
  }

  kill(): void {
    this.#journal.close();
    [this.#journal, this.#inbox] = this.#start();
    this.#counted = [...this.#onDisk.counted];
    this.#captured = this.#renamed = null;
    this.#inbox.restore(this.#onDisk.state);
  }

  close(): void {
    this.#journal.close();
  }

  #start(): [Journal, SocketInbox] {
    const journal = new Journal(this.#folder.path, { maxBytes: 1e9, nowMs: () => 0 });
    return [journal, new SocketInbox({ journal, maxBytes: 1e9, onData: () => {}, batchBytes: 1 })];
  }

  /** Two lines in one block, which is a batch: `fold_one` stops in the middle. */
  #arrive(): void {
    const lines = [`${this.arrived.length}`, `${this.arrived.length + 1}`];
    this.arrived.push(...lines);
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
    const content = { lines: [bytes], text: lines.join("\n"), sizeBytes: bytes.length, lineCount: lines.length };
    assert.equal(this.#inbox.put({ ...content, acks: [], tooLong: 0, unterminated: 0 }), true);
  }

  #fold(batches: number): void {
    let left = batches;
    for (const batch of this.#inbox.take()) {
      if (batch.kind === "lines") this.#counted.push(...textOf(batch.lines).split("\n"));
      left -= 1;
      if (left === 0) return;
    }
  }

  #tear(): void {
    const newest =
      this.#folder.names().toSorted((left, right) => right.localeCompare(left, "en", { numeric: true }))[0];
    if (newest !== undefined) Deno.writeTextFileSync(this.#folder.file(newest), '{"torn', { append: true });
  }
}

Deno.test("a line in the journal is counted once, wherever the process is killed", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STEPS), { maxLength: 40 }), (steps) => {
      using folder = new TempFolder();
      using closing = new DisposableStack();
      const lives = closing.adopt(new Lives(folder), (opened) => opened.close());
      for (const step of [...steps, "kill", "fold_all"] as const) lives.step(step);
      assert.deepEqual(lives.counted, lives.arrived);
    }),
    { numRuns: 300 },
  );
});

// Each row of the table in journal.ts, by name.
const BEFORE = ["arrive", "fold_all", "capture", "rename", "drop", "arrive"] as const;
for (
  const steps of [
    ["kill_inside_append"],
    ["arrive", "kill"],
    ["arrive", "fold_all", "kill"],
    ["arrive", "fold_one", "capture", "kill"],
    ["arrive", "fold_one", "capture", "rename", "kill"],
    ["arrive", "fold_all", "capture", "rename", "kill"],
    ["arrive", "fold_all", "capture", "arrive", "fold_all", "rename", "drop", "kill"],
    ["arrive", "fold_one", "capture", "arrive", "rename", "drop", "fold_all", "kill"],
    ["kill", "fold_one", "capture", "rename", "kill", "fold_one", "capture", "rename", "drop", "kill"],
  ] as const
) {
  Deno.test(`lines are counted once after ${steps.join(", ")}`, () => {
    using folder = new TempFolder();
    using closing = new DisposableStack();
    const lives = closing.adopt(new Lives(folder), (opened) => opened.close());
    for (const step of [...BEFORE, ...steps, "fold_all"] as const) lives.step(step);
    assert.deepEqual(lives.counted, lives.arrived);
  });
}
