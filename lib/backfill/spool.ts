import { join } from "node:path";
import type { EventRecord } from "../event/record.ts";

/** A record and when it happened, Unix seconds. */
export interface TimedRecord {
  readonly atSeconds: number;
  readonly record: EventRecord;
}

/** Characters held back before they are written. */
const FLUSH_CHARACTERS = 4 * 1024 * 1024;

/**
 * Sorts more records than memory may hold: each goes into the file of its window, and a window is sorted when its turn
 * comes. The files lie in a directory of their own, which goes with the spool.
 */
export class Spool implements Disposable {
  readonly #directory: string;
  readonly #windowOf: (atSeconds: number) => number;
  readonly #pending = new Map<number, string[]>();
  readonly #windows = new Set<number>();
  #pendingCharacters = 0;

  /** @param windowOf numbers the windows in order of time. */
  constructor(directory: string, windowOf: (atSeconds: number) => number) {
    this.#directory = directory;
    this.#windowOf = windowOf;
    Deno.mkdirSync(directory, { mode: 0o700 });
  }

  add(timed: TimedRecord): void {
    const window = this.#windowOf(timed.atSeconds);
    const text = `${JSON.stringify(timed)}\n`;
    const lines = this.#pending.get(window);
    if (lines === undefined) this.#pending.set(window, [text]);
    else lines.push(text);
    this.#windows.add(window);
    this.#pendingCharacters += text.length;
    if (this.#pendingCharacters >= FLUSH_CHARACTERS) this.flush();
  }

  flush(): void {
    for (const [window, lines] of this.#pending) {
      Deno.writeTextFileSync(this.#path(window), lines.join(""), { append: true, mode: 0o600 });
    }
    this.#pending.clear();
    this.#pendingCharacters = 0;
  }

  /** Numbers of the windows that hold anything, in order. */
  windows(): readonly number[] {
    return [...this.#windows].sort((a, b) => a - b);
  }

  /** A window's records in order of time; those of one moment in the order they were added. */
  read(window: number): readonly TimedRecord[] {
    this.flush();
    if (!this.#windows.has(window)) return [];
    const lines = Deno.readTextFileSync(this.#path(window)).trimEnd().split("\n");
    // Written by `add`, in a directory only this process uses.
    return lines.map((line) => JSON.parse(line) as TimedRecord).sort((a, b) => a.atSeconds - b.atSeconds);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#directory, { recursive: true });
  }

  #path(window: number): string {
    return join(this.#directory, `${window}.jsonl`);
  }
}
