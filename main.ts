import process from "node:process";
import { runBackfill } from "./lib/backfill_command.ts";
import { describeConfig, describeHelp, describeProblems } from "./lib/config/describe.ts";
import { LiveConfig } from "./lib/config/live_config.ts";
import type { Config } from "./lib/config/options.ts";
import { type Invocation, loadInvocation } from "./lib/config/load.ts";
import { environmentNames } from "./lib/config/option_names.ts";
import type { Misconfiguration, Resolved } from "./lib/config/resolve.ts";
import { readConfigText } from "./lib/config/read_config_text.ts";
import { runEmit } from "./lib/emit/emit_command.ts";
import { splitEmit } from "./lib/emit/split_emit.ts";
import { type Exporter, StartError, startExporter } from "./lib/exporter.ts";
import { runHealth } from "./lib/health_command.ts";
import { describeOnce } from "./lib/once.ts";
import { WatchedWebConfig } from "./lib/server/web_config/watched_web_config.ts";
import { WebConfigError } from "./lib/server/web_config/web_config.ts";
import { ACTIVATION_VARIABLES } from "./lib/source/activated_listener.ts";
import { StoreFault } from "./lib/store/fault.ts";
import { describeMigrations } from "./lib/store/migrations.ts";
import { migrateDatabase } from "./lib/store/postgres_store.ts";
import { serveStore } from "./lib/store/store_worker.ts";
import type { Port } from "./lib/store/worker_messages.ts";
import { createLog, type Log } from "./lib/telemetry/log.ts";
import { describeVersion } from "./lib/version.ts";

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_MISCONFIGURED = 2;
/** What a shell reports for a program that SIGPIPE ended; Deno ignores that signal. */
const EXIT_READER_LEFT = 128 + 13;

/** Nothing asks for these once everything is open; the last two are never asked for, whatever the program was granted. */
const ONLY_TO_START = ["env", "sys", "run", "ffi"] as const;

async function main(): Promise<number> {
  const { args, emitArgs } = splitEmit(Deno.args);
  // Taken at once: after the start nothing may ask for them any more.
  const environment = new Map(
    [...environmentNames(), ...ACTIVATION_VARIABLES].map((name) => [name, findVariable(name)]),
  );
  const homeDirectory = environment.get("HOME");
  const currentDirectory = findCurrentDirectory();
  const load = (): Invocation | Misconfiguration =>
    loadInvocation({
      args,
      env: (name) => environment.get(name),
      readTextFile: readConfigText,
      homeDirectory,
      currentDirectory,
    });
  const invocation = load();
  if ("problems" in invocation) {
    printError(describeProblems(invocation.problems));
    return EXIT_MISCONFIGURED;
  }
  switch (invocation.command) {
    case "help":
      print(describeHelp());
      return EXIT_OK;
    case "version":
      print(describeVersion(Deno.version.deno));
      return EXIT_OK;
    case "check-config":
      return checkConfig(invocation.resolved);
    case "health": {
      const { exitCode, reason } = await runHealth(invocation.commandFlags, invocation.resolved?.config ?? null);
      print(`${reason}\n`);
      return exitCode;
    }
    case "once": {
      const { config } = invocation.resolved;
      const deps = { log: createStderrLog(config), now: Date.now, homeDirectory: homeDirectory ?? null };
      print(await describeOnce(config, invocation.commandFlags.format, deps));
      return EXIT_OK;
    }
    case "backfill": {
      const { config } = invocation.resolved;
      const deps = { log: createStderrLog(config), now: Date.now, homeDirectory: homeDirectory ?? null };
      const result = await runBackfill(config, invocation.commandFlags, deps);
      if ("text" in result) print(result.text);
      else printError(`${result.problem}\n`);
      return "text" in result ? EXIT_OK : EXIT_MISCONFIGURED;
    }
    case "emit":
      return await runEmit(emitArgs, {
        socketPath: invocation.resolved.config["socket.path"],
        lineMaxBytes: invocation.resolved.config["events.line_max_bytes"],
        stdin: Deno.stdin.readable,
        print: (text) => print(`${text}\n`),
        printError: (text) => printError(`${text}\n`),
        uuid: () => crypto.randomUUID(),
        nowMs: Date.now,
      });
    case "migrate":
      return await migrateStore(invocation.resolved.config, invocation.commandFlags.print);
    case "start":
      return await start(invocation.resolved.config, {
        environment,
        loadConfig: () => {
          const again = load();
          if ("problems" in again) return again;
          if (again.command !== "start") {
            throw new TypeError("Cannot reload as the same arguments mean another command");
          }
          return again.resolved;
        },
      });
  }
}

async function migrateStore(config: Config, isPrintOnly: boolean): Promise<number> {
  if (isPrintOnly) {
    print(describeMigrations());
    return EXIT_OK;
  }
  const url = config["metrics.postgres.connection_string"];
  if (url === null) {
    printError("Cannot migrate without a database: set metrics.postgres.connection_string or PRODIGY_POSTGRES_URL\n");
    return EXIT_MISCONFIGURED;
  }
  try {
    const { from, to } = await migrateDatabase({
      url,
      passwordFile: config["metrics.postgres.password_file"],
      caFile: config["metrics.postgres.ca_file"],
    });
    print(
      from === to
        ? `The schema is up to date (version ${to}).\n`
        : `Migrated the schema from version ${from} to ${to}.\n`,
    );
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    printError(`${error.message}\n`);
    return EXIT_FAILED;
  }
}

/** One that may not be seen is not set: not every command needs them. */
function findVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** Without leave to read it, or when it was deleted, there are only absolute paths. */
function findCurrentDirectory(): string {
  try {
    return Deno.cwd();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.NotFound) return "/";
    throw error;
  }
}

/** Prints the configuration, or what is wrong with the file it names. */
function checkConfig(resolved: Resolved): number {
  const webConfigFile = resolved.config["server.web_config_file"];
  if (webConfigFile !== null) new WatchedWebConfig(webConfigFile);
  print(describeConfig(resolved));
  return EXIT_OK;
}

interface Surroundings {
  readonly environment: ReadonlyMap<string, string | undefined>;
  readonly loadConfig: () => Resolved | Misconfiguration;
}

async function start(config: Config, { environment, loadConfig }: Surroundings): Promise<number> {
  const liveConfig = new LiveConfig(config);
  const log = createStderrLog(liveConfig.view);
  using signals = listenForSignals();
  const exporter = await startExporter(liveConfig, {
    log,
    now: Date.now,
    homeDirectory: environment.get("HOME") ?? null,
    pid: Deno.pid,
    listenPid: environment.get("LISTEN_PID"),
    listenFds: environment.get("LISTEN_FDS"),
    uid: Deno.uid(),
    hostname: () => Deno.hostname(),
    startStoreWorker: () => new Worker(import.meta.url, { type: "module", name: "event store" }),
    startedAtSeconds: Date.now() / 1000 - process.uptime(),
    readProcessUsage: () => {
      const cpu = process.cpuUsage();
      const memory = Deno.memoryUsage();
      return { cpuSeconds: (cpu.user + cpu.system) / 1e6, residentBytes: memory.rss, heapBytes: memory.heapUsed };
    },
    loadConfig,
    secret: crypto.getRandomValues(new Uint8Array(32)),
  });
  for (const name of ONLY_TO_START) Deno.permissions.revokeSync({ name });
  return await runUntilStopped(exporter, signals, log);
}

interface Signals extends Disposable {
  /** The first one to stop. A second one ends the process at once. */
  readonly stop: Promise<Deno.Signal>;
  /** What SIGHUP does. */
  onHangUp: () => void;
}

/** To be called before anything can be seen from outside: who sees the exporter start may stop it the next moment. */
function listenForSignals(): Signals {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let isStopping = false;
  const onStop = (signal: Deno.Signal) => (): void => {
    if (isStopping) Deno.exit(EXIT_FAILED);
    isStopping = true;
    resolve(signal);
  };
  const signals = { stop: promise, onHangUp: () => {} };
  const handlers = [
    ["SIGTERM", onStop("SIGTERM")],
    ["SIGINT", onStop("SIGINT")],
    ["SIGHUP", () => signals.onHangUp()],
  ] as const;
  for (const [signal, handler] of handlers) Deno.addSignalListener(signal, handler);
  return Object.assign(signals, {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of handlers) Deno.removeSignalListener(signal, handler);
    },
  });
}

/** Until a signal says so, or something happened that only a defect explains. */
async function runUntilStopped(exporter: Exporter, signals: Signals, log: Log): Promise<number> {
  signals.onHangUp = (): void => {
    exporter.reload();
  };
  const signal = await Promise.race([signals.stop, exporter.finished.then(() => signals.stop)]);
  log.info("stopping", { signal });
  await exporter.drain();
  return EXIT_OK;
}

/** The program is one file, so its other thread begins in it, too. */
function isWorker(): boolean {
  return "WorkerGlobalScope" in globalThis;
}

function createStderrLog(config: Config): Log {
  return createLog({
    level: () => config["log.level"],
    format: config["log.format"],
    isTerminal: Deno.stderr.isTerminal(),
    write: (line) => printError(`${line}\n`),
    now: () => new Date(),
  });
}

/** A reader that has seen enough (`| head`) is no failure, but the rest is of no use to anybody. */
function print(text: string): void {
  try {
    writeAll(Deno.stdout, text);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(EXIT_READER_LEFT);
    throw error;
  }
}

/** The work goes on when nobody reads the log any more. */
function printError(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function writeAll(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  while (offset < bytes.length) offset += stream.writeSync(bytes.subarray(offset));
}

if (isWorker()) {
  // What this thread may do is what the other one may; the database driver would look into the environment all the same.
  process.env = {};
  serveStore(globalThis as unknown as Port);
} else if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    if (error instanceof WebConfigError) {
      for (const problem of error.problems) printError(`Cannot use the web configuration: ${problem}\n`);
      Deno.exit(EXIT_MISCONFIGURED);
    }
    // A start that cannot be is told in one sentence; anything else is a defect and worth its stack.
    printError(
      error instanceof StartError ? `${error.message}\n` : `${error instanceof Error ? error.stack : error}\n`,
    );
    Deno.exit(EXIT_FAILED);
  }
}
