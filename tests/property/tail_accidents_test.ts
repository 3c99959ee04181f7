import assert from "node:assert/strict";
import fc from "fast-check";
import { eventLine, idsOf, type Seen, TailWorld } from "../support/tail_world.ts";
import { textOf } from "../../lib/source/line_block.ts";

/** One thing a writer, a rotator, an operator or the exporter does to the file of that number. */
type Action =
  | { readonly does: "append"; readonly file: number; readonly lines: number }
  | { readonly does: "begin line" | "end line"; readonly file: number }
  | { readonly does: "rotate" | "rotate as Prodigy" | "copytruncate" | "truncate" | "delete"; readonly file: number }
  | { readonly does: "look" | "look at all" | "restart" | "leave"; readonly afterMs: number };

const file = fc.nat({ max: 2 });
const afterMs = fc.constantFrom(0, 200, 1_500, 6_000, 70_000, 400_000);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant("append" as const), file, lines: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("begin line" as const, "end line" as const), file }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom(
        "rotate" as const,
        "rotate as Prodigy" as const,
        "copytruncate" as const,
        "truncate" as const,
        "delete" as const,
      ),
      file,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constantFrom("look" as const, "look at all" as const, "restart" as const, "leave" as const),
      afterMs,
    }),
  },
);

/** A file that is written to, its rotated parts, and what the exporter owes of them. */
class Model {
  readonly #world: TailWorld;
  readonly #read = new Map<string, number>();
  /** Ids that must be read, by the file they are in; those of whole lines only. */
  readonly #owed: Set<string>[] = [new Set(), new Set(), new Set()];
  /** Ids that may be read or not: their content was destroyed before anybody must have read it. */
  readonly #excused = new Set<string>();
  /** Of a line that is not finished: its id. */
  readonly #begun: (string | null)[] = [null, null, null];
  #count = 0;

  constructor(world: TailWorld) {
    this.#world = world;
  }

  do(action: Action): void {
    switch (action.does) {
      case "append":
        return this.#append(action.file, action.lines);
      case "begin line":
        return this.#beginLine(action.file);
      case "end line":
        return this.#endLine(action.file);
      case "rotate":
        return this.#rotate(action.file, (count) => `run/${action.file}.jsonl.${count}`);
      case "rotate as Prodigy":
        return this.#rotate(
          action.file,
          (count) => `run/${action.file}.20261124_${String(count).padStart(6, "0")}.jsonl.gz`,
        );
      case "copytruncate":
        return this.#copyTruncate(action.file);
      case "truncate":
        return this.#destroy(action.file, (name) => Deno.truncateSync(this.#world.path(name)));
      case "delete":
        return this.#destroy(action.file, (name) => this.#world.remove(name));
      case "look":
        return this.#take(this.#world.look(action.afterMs));
      case "look at all":
        return this.#take(this.#world.lookAtAll());
      case "restart":
        return this.#world.restart();
      case "leave":
        return this.#leaveAfterOneBatch();
    }
  }

  /** Ends every begun line, has everything read, and compares. */
  settle(): void {
    for (const file of [0, 1, 2]) this.#endLine(file);
    this.#take(this.#world.lookAtAll());
    this.#take(this.#world.lookAtAll());
    const missing = this.#owed.flatMap((ids) => [...ids]).filter((id) => !this.#read.has(id));
    const repeated = [...this.#read].filter(([, times]) => times > 1).map(([id]) => id);
    assert.deepEqual({ missing, repeated }, { missing: [], repeated: [] });
  }

  #nextId(): string {
    return `line-${this.#count++}`;
  }

  #append(file: number, lines: number): void {
    this.#endLine(file);
    for (let i = 0; i < lines; i++) {
      const id = this.#nextId();
      this.#world.append(nameOf(file), `${eventLine(id)}\n`);
      this.#owed[file]?.add(id);
    }
  }

  #beginLine(file: number): void {
    if (this.#begun[file] !== null) return;
    const id = this.#nextId();
    this.#world.append(nameOf(file), eventLine(id).slice(0, 30));
    this.#begun[file] = id;
  }

  #endLine(file: number): void {
    const id = this.#begun[file] ?? null;
    if (id === null) return;
    this.#world.append(nameOf(file), `${eventLine(id).slice(30)}\n`);
    this.#begun[file] = null;
    this.#owed[file]?.add(id);
  }

  #rotate(file: number, nameFor: (count: number) => string): void {
    if (!this.#exists(file)) return;
    this.#endLine(file); // Writers rotate between lines.
    this.#world.rename(nameOf(file), nameFor(this.#count++));
  }

  /** The copy has a name the tail sees, so nothing is lost: not even what was not read yet. */
  #copyTruncate(file: number): void {
    if (!this.#exists(file)) return;
    this.#endLine(file);
    // When nothing of it was read yet, the copy is a new file like any other, and is read in full.
    Deno.copyFileSync(this.#world.path(nameOf(file)), this.#world.path(`${nameOf(file)}.${this.#count++}`));
    Deno.truncateSync(this.#world.path(nameOf(file)));
  }

  /** What was not read before is lost by nature (or not: an open handle may still get it). */
  #destroy(file: number, destroy: (name: string) => void): void {
    if (!this.#exists(file)) return;
    this.#begun[file] = null;
    destroy(nameOf(file));
    for (const id of this.#owed[file] ?? []) {
      if (!this.#read.has(id)) this.#excuse(id);
    }
  }

  #excuse(id: string): void {
    this.#excused.add(id);
    for (const ids of this.#owed) ids.delete(id);
  }

  #leaveAfterOneBatch(): void {
    for (const batch of this.#world.tail.look(this.#world.nowMs)) {
      this.#take({
        lines: batch.kind === "lines" ? textOf(batch.lines).split("\n") : [],
        tooLong: 0,
        unterminated: 0,
        batches: [],
      });
      break;
    }
  }

  #take(seen: Seen): void {
    for (const id of idsOf(seen)) this.#read.set(id, (this.#read.get(id) ?? 0) + 1);
  }

  #exists(file: number): boolean {
    try {
      return Deno.lstatSync(this.#world.path(nameOf(file))).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

function nameOf(file: number): string {
  return `run/${file}.jsonl`;
}

Deno.test("the file source reads each line exactly once, whatever happens to the files", () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 40 }),
      fc.constantFrom(0, 1, 64),
      (actions, maxOpenFiles) => {
        using world = new TailWorld({ maxOpenFiles });
        const model = new Model(world);
        for (const action of actions) model.do(action);
        model.settle();
      },
    ),
    { numRuns: 150 },
  );
});
