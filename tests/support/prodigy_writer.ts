import { dirname } from "node:path";

export interface SimulatedClock {
  nowMs: number;
}

/** RFC 3339 as chrono writes it. */
export function chronoTime(unixMs: number): string {
  return new Date(unixMs).toISOString().replace("Z", "000000Z");
}

/** Writes files the ways Prodigy does. */
export class ProdigyWriter {
  /** Called at every state in which another process could find the files. */
  onState: () => void = () => {};
  readonly #clock: SimulatedClock;
  readonly #stampsFiles: boolean;

  /**
   * @param options.stampsFiles gives files and directories the clock's time, for a reader that goes by the same clock;
   * else they have the time at which they are really written.
   */
  constructor(clock: SimulatedClock, options: { readonly stampsFiles: boolean }) {
    this.#clock = clock;
    this.#stampsFiles = options.stampsFiles;
  }

  get now(): string {
    return chronoTime(this.#clock.nowMs);
  }

  /** `fs::write`: the file is empty for a moment, and half written for another. */
  inPlace(path: string, json: unknown): void {
    const text = JSON.stringify(json, null, 2);
    this.#makeDirectory(dirname(path));
    for (const part of ["", text.slice(0, text.length / 2), text]) {
      Deno.writeTextFileSync(path, part);
      this.#stamp(path);
      this.#stamp(dirname(path));
      this.onState();
    }
  }

  /** Temporary file and rename. */
  atomic(path: string, json: unknown): void {
    const temporary = path.endsWith(".checkpoint.json") ? path.replace(/json$/, "tmp") : `${path}.tmp`;
    this.#makeDirectory(dirname(path));
    Deno.writeTextFileSync(temporary, JSON.stringify(json, null, 2));
    this.#stamp(temporary);
    this.#stamp(dirname(path));
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
    this.#makeDirectory(path);
    this.onState();
  }

  /** JSON lines; Claude Code appends with a final newline, Prodigy saves without one. */
  appendLines(path: string, lines: readonly unknown[], options: { readonly finalNewline: boolean }): void {
    this.#makeDirectory(dirname(path));
    const text = lines.map((line) => JSON.stringify(line)).join("\n") + (options.finalNewline ? "\n" : "");
    Deno.writeTextFileSync(path, text, { append: true });
    this.#stamp(path);
    this.#stamp(dirname(path));
    this.onState();
  }

  /** With its parents, each of which gets the time at which something came into it. */
  #makeDirectory(path: string): void {
    try {
      Deno.mkdirSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return;
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      this.#makeDirectory(dirname(path));
      Deno.mkdirSync(path);
    }
    this.#stamp(path);
    this.#stamp(dirname(path));
  }

  #stamp(path: string): void {
    if (!this.#stampsFiles) return;
    const time = new Date(this.#clock.nowMs);
    Deno.utimeSync(path, time, time);
  }
}
