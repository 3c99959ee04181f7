import { EventLines, type Expected, type GeneratorOptions } from "./generator.ts";

/** A home directory with Prodigy's events in a temporary place. */
export interface BenchHome extends Disposable {
  readonly path: string;
  readonly eventsPath: string;
}

export function createHome(): BenchHome {
  const path = Deno.makeTempDirSync({ prefix: "prodigy-bench-" });
  const directory = `${path}/.prodigy/events/demo-app/mapreduce-20261124_000000`;
  Deno.mkdirSync(directory, { recursive: true });
  return {
    path,
    eventsPath: `${directory}/events-20261124_000000.jsonl`,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** Appends to a file, which is made when it is not there. */
export function append(path: string, text: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text, { append: true });
}

/** Writes generated lines to a new file. @returns what they must count. */
export function writeLines(path: string, options: GeneratorOptions): Expected {
  const lines = new EventLines(options);
  using file = Deno.openSync(path, { write: true, createNew: true });
  const encoder = new TextEncoder();
  for (const block of lines.blocks()) {
    for (let rest = encoder.encode(block); rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
  }
  return lines.expected;
}
