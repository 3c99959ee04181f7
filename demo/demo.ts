import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { RunSimulator } from "../tests/support/run_simulator.ts";
import { type DemoOptions, parseDemoOptions } from "./demo_options.ts";
import { runMapReduceJobs } from "./mapreduce_runs.ts";
import { createTeller, type Stage } from "./stage.ts";
import { runHookedWorkflows, runWorkflows } from "./workflow_runs.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));
const DEFAULT_PORT = 9090;
const READY_LOOK_MS = 100;
const ACTORS = [runWorkflows, runWorkflows, runMapReduceJobs, runMapReduceJobs, runHookedWorkflows];
/** The exporter looks more often than it does by default, as here everything goes faster. */
const LOOKS = ["--readers-poll-interval", "200ms", "--readers-settle", "500ms", "--events-rescan-interval", "1s"];

/** Plays until the signal, beside the exporter; ends with everything it made removed. */
async function demo(options: DemoOptions, stopping: AbortController): Promise<number> {
  const home = await makeHome(options.home);
  if (home === null) {
    say(`${options.home} is not empty: the demo removes its directory at the end, and will not touch yours.\n`);
    return 2;
  }
  try {
    const port = options.port ?? freePort();
    const stage = setStage(home, options.speed, stopping.signal);
    const exporter = startExporter(home, port);
    const playing = Promise.all(ACTORS.map((play) => play(stage).catch(unlessStopped(stopping.signal))));
    const telling = tellWhenReady(port, describe(home, port, options.speed), stopping.signal);
    const exitCode = await Promise.race([exporter.status.then(({ code }) => code), untilAborted(stopping.signal)]);
    stopping.abort();
    await Promise.all([playing, telling]);
    if (exitCode !== null) return exitCode;
    await end(exporter);
    return 0;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Ctrl-C reaches the exporter, too, so that it may have ended already. */
async function end(exporter: Deno.ChildProcess): Promise<void> {
  try {
    exporter.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  await exporter.status;
}

async function tellWhenReady(port: number, text: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/-/ready`, { signal });
      await response.body?.cancel();
      if (response.ok) {
        say(text);
        return;
      }
    } catch (error) {
      // Nobody listens there yet.
      if (!signal.aborted && !(error instanceof TypeError)) throw error;
    }
    await delay(READY_LOOK_MS, signal).catch(unlessStopped(signal));
  }
}

/** @returns `null` when there is something in the directory already. */
async function makeHome(wanted: string | null): Promise<string | null> {
  if (wanted === null) return await Deno.makeTempDir({ prefix: "prodigy-exporter-demo-" });
  const home = resolve(wanted);
  await Deno.mkdir(home, { recursive: true });
  for await (const _ of Deno.readDir(home)) return null;
  return home;
}

function setStage(home: string, speed: number, signal: AbortSignal): Stage {
  const clock = {
    get nowMs(): number {
      return Date.now();
    },
  };
  const prodigy = new RunSimulator({ homeDirectory: home, clock, stampsFiles: false });
  Deno.mkdirSync(`${prodigy.homeProdigy}/logs/claude-streaming`, { recursive: true });
  Deno.mkdirSync(`${prodigy.claudeHome}/projects`, { recursive: true });
  return {
    prodigy,
    random: Math.random,
    tell: createTeller(`${prodigy.prodigyHome}/events`),
    wait: (seconds) => delay(seconds * 1000 / speed, signal),
  };
}

/** By flags alone: neither the user's configuration nor his real homes have a part in this. */
function startExporter(home: string, port: number): Deno.ChildProcess {
  const config = `${home}/config.toml`;
  Deno.writeTextFileSync(config, "");
  const flags = [
    ["--config", config],
    ["--prodigy-home", `${home}/.prodigy`],
    ["--claude-config-dir", `${home}/.claude`],
    ["--state-directory", `${home}/state`],
    ["--metrics-port", `${port}`],
    ["--metrics-bind-address", "127.0.0.1"],
    ["--log-level", "warn"],
  ].flat();
  const permissions = ["read", "write", "net", "env", "sys"].map((name) => `--allow-${name}`);
  const keep = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "NO_COLOR"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--config", CONFIG, ...permissions, MAIN, "start", ...flags, ...LOOKS],
    cwd: home,
    clearEnv: true,
    env: Object.fromEntries(keep.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    })),
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
}

function freePort(): number {
  for (const port of [DEFAULT_PORT, 0]) {
    try {
      using listener = Deno.listen({ hostname: "127.0.0.1", port });
      return listener.addr.port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("There is no free port");
}

function describe(home: string, port: number, speed: number): string {
  return `A simulated Prodigy works in ${home}, ${speed} times as fast as a real one.

  http://localhost:${port}/          a page for people
  http://localhost:${port}/metrics   for Prometheus

Ctrl-C ends it and removes everything.
`;
}

function delay(delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", onAbort);
    resolve();
  }, delayMs);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return promise;
}

/** Resolves to `null` when the signal comes. */
function untilAborted(signal: AbortSignal): Promise<null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  signal.addEventListener("abort", () => resolve(null), { once: true });
  return promise;
}

function unlessStopped(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) {
  const options = parseDemoOptions(Deno.args);
  if ("text" in options) {
    say(options.text);
    Deno.exit(options.isMistake ? 2 : 0);
  }
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stopping.abort());
  Deno.exit(await demo(options, stopping));
}
