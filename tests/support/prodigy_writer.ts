import { dirname } from "node:path";

export interface SimulatedClock {
  nowMs: number;
}

/** RFC 3339 as chrono writes it. */
export function chronoTime(unixMs: number): string {
  return new Date(unixMs).toISOString().replace("Z", "000000Z");
}

/** Writes files the ways Prodigy does, and gives them the simulated clock's time. */
export class ProdigyWriter {
  /** Called at every state in which another process could find the files. */
  onState: () => void = () => {};
  readonly #clock: SimulatedClock;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  get now(): string {
    return chronoTime(this.#clock.nowMs);
  }

  /** `fs::write`: the file is empty for a moment, and half written for another. */
  inPlace(path: string, json: unknown): void {
    const text = JSON.stringify(json, null, 2);
    Deno.mkdirSync(dirname(path), { recursive: true });
    for (const part of ["", text.slice(0, text.length / 2), text]) {
      Deno.writeTextFileSync(path, part);
      this.#stamp(path);
      this.onState();
    }
  }

  /** Temporary file and rename. */
  atomic(path: string, json: unknown): void {
    const temporary = path.endsWith(".checkpoint.json") ? path.replace(/json$/, "tmp") : `${path}.tmp`;
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(temporary, JSON.stringify(json, null, 2));
    this.#stamp(temporary);
    this.onState();
    Deno.renameSync(temporary, path);
    this.#stamp(dirname(path));
    this.onState();
  }

  remove(path: string): void {
    Deno.removeSync(path);
    this.#stamp(dirname(path));
    this.onState();
  }

  makeDirectory(path: string): void {
    Deno.mkdirSync(path, { recursive: true });
    this.onState();
  }

  /** JSON lines; Claude Code appends with a final newline, Prodigy saves without one. */
  appendLines(path: string, lines: readonly unknown[], options: { readonly finalNewline: boolean }): void {
    Deno.mkdirSync(dirname(path), { recursive: true });
    const text = lines.map((line) => JSON.stringify(line)).join("\n") + (options.finalNewline ? "\n" : "");
    Deno.writeTextFileSync(path, text, { append: true });
    this.#stamp(path);
    this.onState();
  }

  #stamp(path: string): void {
    const time = new Date(this.#clock.nowMs);
    Deno.utimeSync(path, time, time);
  }
}
