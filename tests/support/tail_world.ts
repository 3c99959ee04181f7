import { createDirectoryTail, type DirectoryTail, type DirectoryTailOptions } from "../../lib/source/directory_tail.ts";
import { textOf } from "../../lib/source/line_block.ts";
import type { Batch } from "../../lib/source/source.ts";

/** What one or more looks gave. */
export interface Seen {
  readonly lines: readonly string[];
  readonly tooLong: number;
  readonly unterminated: number;
  readonly batches: readonly Batch[];
}

/** A Prodigy home in a temp folder, a tail on it, and a clock that moves only when told to. */
export class TailWorld {
  readonly home: string;
  readonly events: string;
  readonly #options: Partial<DirectoryTailOptions>;
  #tail: DirectoryTail;
  #nowMs = Date.now();

  constructor(options: Partial<DirectoryTailOptions> = {}) {
    // The real path: on some systems the temp folder is a symbolic link, and problems name real paths.
    this.home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "tail-" }));
    this.events = `${this.home}/events`;
    this.#options = options;
    this.#tail = this.#create();
  }

  get tail(): DirectoryTail {
    return this.#tail;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  path(name: string): string {
    return `${this.events}/${name}`;
  }

  write(name: string, content: string | Uint8Array): void {
    this.#makeParent(name);
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(this.path(name), bytes);
  }

  append(name: string, content: string): void {
    this.#makeParent(name);
    Deno.writeTextFileSync(this.path(name), content, { append: true });
  }

  rename(from: string, to: string): void {
    this.#makeParent(to);
    Deno.renameSync(this.path(from), this.path(to));
  }

  remove(name: string): void {
    Deno.removeSync(this.path(name), { recursive: true });
  }

  /** One look, some time after the last one. */
  look(afterMs = 200): Seen {
    this.#nowMs += afterMs;
    return seen(this.#tail.look(this.#nowMs));
  }

  /** A look at everything. */
  lookAtAll(): Seen {
    this.#tail.wake();
    return this.look();
  }

  /** Ends the program and starts it again: all that is left is the state, as JSON. `meanwhile` happens in between. */
  restart(meanwhile: () => void = () => {}): void {
    const state = JSON.stringify(this.#tail.saveState());
    this.#tail.close();
    meanwhile();
    this.#tail = this.#create();
    this.#tail.loadState(JSON.parse(state));
  }

  [Symbol.dispose](): void {
    this.#tail.close();
    Deno.removeSync(this.home, { recursive: true });
  }

  #create(): DirectoryTail {
    return createDirectoryTail({
      eventsDirectory: this.events,
      stateDirectory: `${this.home}/state`,
      lineMaxBytes: 4 * 1024 * 1024,
      rescanIntervalMs: 5_000,
      ignoreOlderThanMs: null,
      ...this.#options,
    });
  }

  #makeParent(name: string): void {
    const path = this.path(name);
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  }
}

export function seen(batches: Iterable<Batch>): Seen {
  const lines: string[] = [];
  const all = Array.from(batches, (batch) => {
    // At once: it may lie in a buffer that is used again.
    if (batch.kind === "lines") lines.push(...textOf(batch.lines).split("\n"));
    return batch;
  });
  const count = (reason: string): number =>
    all.reduce((sum, batch) => batch.kind === "rejected" && batch.reason === reason ? sum + batch.count : sum, 0);
  return {
    lines,
    tooLong: count("line_too_long"),
    unterminated: count("unterminated_line"),
    batches: all,
  };
}

/** `count` lines like Prodigy's: with an id that occurs once. */
export function eventLines(prefix: string, count: number): string {
  return Array.from({ length: count }, (_, i) => eventLine(`${prefix}-${i}`) + "\n").join("");
}

export function eventLine(id: string): string {
  return `{"id":"${id}","timestamp":"2026-11-24T00:07:00Z","event":{"event_type":"claude_message","agent_id":"a"}}`;
}

/** The ids of lines made by `eventLine`. */
export function idsOf({ lines }: Seen): readonly string[] {
  return lines.map((line) => /^\{"id":"([^"]*)"/.exec(line)?.[1] ?? `not a line: ${line.slice(0, 40)}`);
}
