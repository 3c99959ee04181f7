import { parseArgs } from "@std/cli/parse-args";

export interface DemoOptions {
  /** How many times faster than a real Prodigy works. */
  readonly speed: number;
  /** Where the simulated homes are; `null` for a temporary directory. */
  readonly home: string | null;
  /** Port of the exporter; `null` for its own, or another when that is taken. */
  readonly port: number | null;
}

const USAGE = `deno task demo [--speed N] [--home DIRECTORY] [--port N]

Runs the exporter beside a simulated Prodigy.

  --speed N          how many times faster than a real one it works, 0.1 to 1000 (default: 10)
  --home DIRECTORY   where it works: a new or empty directory, removed at the end (default: a temporary one)
  --port N           where the metrics are served (default: 9090, or any free port)
`;

/** @returns the options, or what to tell the user instead and whether that is a mistake. */
export function parseDemoOptions(
  args: readonly string[],
): DemoOptions | { readonly text: string; readonly isMistake: boolean } {
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    string: ["speed", "home", "port"],
    boolean: ["help"],
    unknown: (arg) => {
      unknown.push(arg);
      return false;
    },
  });
  if (parsed["help"] === true) return { text: USAGE, isMistake: false };
  const mistake = (text: string): { text: string; isMistake: boolean } => ({ text: `${text}\n`, isMistake: true });
  if (unknown.length > 0) return mistake(`Unknown argument ${unknown.join(" ")}; see --help.`);
  const speed = Number(parsed["speed"] ?? 10);
  if (!(speed >= 0.1 && speed <= 1000)) return mistake(`--speed must be 0.1 to 1000: it is ${parsed["speed"]}.`);
  const port = parsed["port"] === undefined ? null : Number(parsed["port"]);
  if (port !== null && !(Number.isInteger(port) && port > 0 && port <= 65_535)) {
    return mistake(`--port must be 1 to 65535: it is ${parsed["port"]}.`);
  }
  const home = parsed["home"];
  if (home !== undefined && (typeof home !== "string" || home === "")) return mistake("--home must be a directory.");
  return { speed, port, home: home ?? null };
}
