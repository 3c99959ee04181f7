import { fromFileUrl } from "./file_url.ts";
import { until } from "./deadline.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const FROM_SOURCE = ["run", "--quiet", "--config", CONFIG, ...taskFlags("start"), MAIN];

/** The flags of `deno run` in a task of deno.json: what it grants, and no more. */
export function taskFlags(task: string): readonly string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(CONFIG));
  return String(tasks[task]).split(" ").filter((word) => word.startsWith("--"));
}

export interface ProgramOptions {
  /** Becomes $HOME; Prodigy's and Claude's directories are below it unless `env` says otherwise. */
  readonly home: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where metrics are served; any free port by default. */
  readonly port?: number;
  /** Arguments of deno that run the program, instead of the source with what `deno task start` grants. */
  readonly run?: readonly string[];
  /** What the shell that starts it sets before, such as `ulimit -n 64`. */
  readonly setUp?: string;
}

/** A port nobody listens on, for what must keep its address over a restart. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function command(options: ProgramOptions, args: readonly string[]): Deno.Command {
  const words = [Deno.execPath(), ...options.run ?? FROM_SOURCE, ...args, ...options.args ?? []];
  return new Deno.Command("/bin/sh", {
    args: ["-c", `${options.setUp ?? ":"}; exec "$0" "$@"`, ...words],
    cwd: options.home,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: options.home,
      // Modules are in the cache of whoever runs the tests, not in the scratch home.
      DENO_DIR: denoDirectory(),
      NO_COLOR: "1",
      ...coverageDirectory(),
      ...options.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Deno's cache of modules. */
export function denoDirectory(): string {
  const home = Deno.env.get("HOME") ?? "";
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`;
  return Deno.env.get("DENO_DIR") ?? `${cache}/deno`;
}

/** What the program runs through counts as covered, too; see `deno task coverage`. */
function coverageDirectory(): Readonly<Record<string, string>> {
  const directory = Deno.env.get("DENO_COVERAGE_DIR");
  return directory === undefined ? {} : { DENO_COVERAGE_DIR: directory };
}

/** Runs the program with these arguments until it ends. */
export async function runProgram(options: ProgramOptions, ...args: readonly string[]): Promise<Finished> {
  const { code, stdout, stderr } = await command(options, args).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A running exporter, as a user would start it, on a free port. */
export interface Program extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  readonly socketPath: string;
  /** Everything it wrote to stderr so far. */
  log(): string;
  get(
    path: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: string }>;
  /** The text exposition; waits until the program is ready to give it. */
  metrics(): Promise<string>;
  /** Value of the one line that begins with `series`, such as `name{a="b"}`; `undefined` when there is none. */
  value(series: string): Promise<number | undefined>;
  /** Waits until the series has this value. */
  untilValue(series: string, value: number, deadlineMs?: number): Promise<void>;
  kill(signal: Deno.Signal): void;
  /** Resolves to the exit code; -1 when a signal ended it. */
  readonly exited: Promise<number>;
}

export async function startProgram(options: ProgramOptions): Promise<Program> {
  const child = command(options, ["--metrics-port", `${options.port ?? 0}`, "--metrics-bind-address", "127.0.0.1"])
    .spawn();
  let log = "";
  const reading = Promise.all([
    readAll(child.stderr, (text) => log += text),
    readAll(child.stdout, () => {}),
  ]);
  let exitCode: number | null = null;
  const exited = child.status.then(async ({ code, signal }) => {
    await reading;
    return exitCode = signal === null ? code : -1;
  });
  const port = await until("the exporter says its port", () => {
    const started = log.split("\n").find((line) => line.includes('"notice":"started"'));
    if (started !== undefined) return Number(JSON.parse(started).port);
    // It may have said so, and ended, since the last look.
    if (exitCode !== null) throw new Error(`it exited with ${exitCode}: ${log}`);
    return null;
  });
  const socketPath = `${
    options.env?.["XDG_STATE_HOME"] ?? `${options.home}/.local/state`
  }/prodigy-exporter/prodigy-exporter.sock`;

  async function get(path: string, headers = {}): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return { status: response.status, body: await response.text() };
  }
  async function metrics(): Promise<string> {
    return await until("/metrics answers 200", async () => {
      const { status, body } = await get("/metrics");
      return status === 200 ? body : null;
    });
  }
  async function value(series: string): Promise<number | undefined> {
    return valueIn(await metrics(), series);
  }
  return {
    port,
    pid: child.pid,
    socketPath,
    log: () => log,
    get,
    metrics,
    value,
    untilValue: async (series, wanted, deadlineMs) => {
      let seen: number | undefined;
      await until(`${series} is ${wanted}`, async () => (seen = await value(series)) === wanted, deadlineMs).catch(
        () => {
          throw new Error(`Not in time: ${series} is ${wanted} (last seen: ${seen})\n${log}`);
        },
      );
    },
    kill: (signal) => child.kill(signal),
    exited,
    async [Symbol.asyncDispose](): Promise<void> {
      // Only what ends by itself leaves behind what it ran through.
      if (exitCode === null) child.kill(Deno.env.has("DENO_COVERAGE_DIR") ? "SIGTERM" : "SIGKILL");
      await exited;
    },
  };
}

/** Value of the one line of an exposition that begins with `series`. */
export function valueIn(exposition: string, series: string): number | undefined {
  const line = exposition.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

async function readAll(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
}
