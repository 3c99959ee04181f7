import { assemble, type Assembly, type AssemblyDeps, createSeenEvents, tellUnread } from "./assembly.ts";
import type { LiveConfig } from "./config/live_config.ts";
import type { Config } from "./config/options.ts";
import type { Misconfiguration, Resolved } from "./config/resolve.ts";
import { SeenEvents } from "./event/seen_events.ts";
import { createExporterHandler } from "./exporter_handler.ts";
import { ProcessMetrics, type ProcessUsage } from "./metrics/process_metrics.ts";
import { Persistence, restore, savedSeen, savedStore } from "./persistence.ts";
import { createRecorder } from "./recording.ts";
import { Reloader } from "./reloader.ts";
import { BurstPace } from "./runtime/burst_pace.ts";
import type { Answered } from "./runtime/event_loop.ts";
import { OpenRequests } from "./server/open_requests.ts";
import type { ReloadOutcome } from "./server/reload.ts";
import type { Handler } from "./server/routes.ts";
import type { Status } from "./server/status.ts";
import { WatchedWebConfig } from "./server/web_config/watched_web_config.ts";
import { startWebServer, type WebServer } from "./server/web_server.ts";
import { readSnapshot, setAside } from "./snapshot/snapshot_file.ts";
import type { SnapshotPart } from "./snapshot/snapshot_format.ts";
import { openStateDirectory, type StateDirectory } from "./snapshot/state_directory.ts";
import { openActivatedListener, parseActivation } from "./source/activated_listener.ts";
import { Journal } from "./source/journal.ts";
import { Pacer, restMs } from "./source/pacer.ts";
import { openSocketListener } from "./source/socket_listener.ts";
import type { Source } from "./source/source.ts";
import { UnixSocket } from "./source/unix_socket.ts";
import { SourceWatch } from "./source_watch.ts";
import { QUEUE_CAPACITY, type Recorder } from "./store/recorder.ts";
import { StoreNotices } from "./telemetry/store_notices.ts";
import { VERSION } from "./version.ts";

export interface ExporterDeps extends AssemblyDeps {
  readonly pid: number;
  /** What a service manager that passes a socket sets; see `parseActivation`. */
  readonly listenPid: string | undefined;
  readonly listenFds: string | undefined;
  readonly uid: number | null;
  readonly hostname: () => string;
  readonly startStoreWorker: () => Worker;
  readonly readProcessUsage: () => ProcessUsage;
  /** Unix time in seconds the process started. */
  readonly startedAtSeconds: number;
  /** Reads the configuration anew. */
  readonly loadConfig: () => Resolved | Misconfiguration;
  /** Random bytes, new for every process. */
  readonly secret: Uint8Array;
}

export interface Exporter {
  /** Where metrics are served; `null` with metrics off. */
  readonly address: { readonly hostname: string; readonly port: number } | null;
  /** Rejects when something happened that only a defect explains. */
  readonly finished: Promise<void>;
  /** Reads the configuration anew and puts in force what can be; with mistakes in it, nothing. */
  reload(): ReloadOutcome;
  /** Stops taking, folds the rest, writes the snapshot, ends. */
  drain(): Promise<void>;
}

/** The exporter cannot start; the message says what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

const SNAPSHOT_FILE = "snapshot";
const UPKEEP_INTERVAL_MS = 1_000;
/** Rounds that may bring up more before the first is served: state readers read on what others found. */
const CATCH_UP_ROUNDS = 5;
/** Longest wait for rows without which reading goes on, a second at a time so that a stop is heard. */
const ROWS_WAIT_SECONDS = 10;
const DRAIN_SOCKET_MS = 2_000;
const DRAIN_SERVER_MS = 3_000;
const DRAIN_STORE_MS = 5_000;
const SET_ASIDE_FILE = "store_set_aside.jsonl";

/**
 * Builds everything, begins to serve (503 until caught up) and to read.
 * @throws {StartError}
 * @throws {WebConfigError}
 */
export async function startExporter(liveConfig: LiveConfig, deps: ExporterDeps): Promise<Exporter> {
  const { log, now } = deps;
  const config = liveConfig.view;
  // First, because what is wrong with it is known before anything is opened.
  const webConfigFile = config["metrics.enabled"] ? config["server.web_config_file"] : null;
  const webConfig = webConfigFile === null ? null : new WatchedWebConfig(webConfigFile);
  const state = openState(config, deps);
  const pacer = new Pacer();
  const { assembly, socket, sources, seen, parts } = await createCounting(config, deps, state, pacer);
  const { metrics, notices } = assembly;

  const requests = new OpenRequests();
  const answered: Answered = (timeoutMs) => requests.answered(timeoutMs);
  const recorder = createRecorder(config, {
    notices: new StoreNotices(assembly.count, log),
    setAsidePath: state?.file(SET_ASIDE_FILE) ?? null,
    hostname: deps.hostname,
    now,
    startStoreWorker: deps.startStoreWorker,
    answered,
    answering: requests.answering,
  });
  const persistence = new Persistence({
    metrics,
    notices,
    seen,
    sources,
    socket,
    path: state?.file(SNAPSHOT_FILE) ?? null,
    recorder,
    atLeastOnce: config["metrics.postgres.at_least_once"],
    answered,
    now,
  });
  const exporter = new Running(liveConfig, deps, {
    assembly,
    webConfig,
    sources,
    socket,
    persistence,
    recorder,
    seen,
    pacer,
    state,
    requests,
    answered,
  });
  try {
    const savedRecorder = savedStore(parts);
    if (savedRecorder !== null) recorder?.loadState(savedRecorder);
    await exporter.serve();
    if (socket !== null) await exporter.openSocket(socket);
  } catch (error) {
    await exporter.abandon();
    throw error;
  }
  exporter.start(parts.length > 0);
  log.info("started", { version: VERSION, ...exporter.address === null ? {} : { port: exporter.address.port } });
  return exporter;
}

/** What counts, as it was when the snapshot was written. */
interface Counting {
  readonly assembly: Assembly;
  readonly socket: UnixSocket | null;
  readonly sources: readonly Source[];
  readonly seen: SeenEvents;
  /** Of the snapshot it goes on from; none at the first start. */
  readonly parts: readonly SnapshotPart[];
}

async function createCounting(
  config: Config,
  deps: ExporterDeps,
  state: StateDirectory | null,
  pacer: Pacer,
): Promise<Counting> {
  const build = (parts: readonly SnapshotPart[]): Counting => {
    const assembly = assemble(config, {
      ignoreOlderThanMs: config["readers.ignore_older_than"] * 1000,
      settles: true,
    }, deps);
    const socket = config["socket.enabled"] ? createSocket(config, state, pacer, deps.now) : null;
    const sources = [...socket === null ? [] : [socket], ...assembly.fileSources];
    const saved = savedSeen(parts);
    try {
      const seen = saved === null ? createSeenEvents(config) : SeenEvents.load(saved, config["events.dedup_window"]);
      if (parts.length > 0) restore(parts, assembly.metrics, sources, deps.now());
      return { assembly, socket, sources, seen, parts };
    } catch (error) {
      for (const source of sources) source.close();
      throw error;
    }
  };
  if (state === null) return build([]);
  const parts = await loadSnapshot(state, deps);
  try {
    return build(parts);
  } catch (error) {
    // A TypeError of some part: a whole snapshot that another version of the program wrote in another shape.
    if (!(error instanceof TypeError) || parts.length === 0) throw error;
    const { reason, movedTo } = await setAside(state.file(SNAPSHOT_FILE), deps.now(), error.message);
    deps.log.error("snapshot_set_aside", { reason, movedTo });
    return build([]);
  }
}

interface Parts {
  readonly assembly: Assembly;
  readonly webConfig: WatchedWebConfig | null;
  readonly sources: readonly Source[];
  readonly socket: UnixSocket | null;
  readonly persistence: Persistence;
  readonly recorder: Recorder | null;
  readonly seen: SeenEvents;
  readonly pacer: Pacer;
  readonly state: StateDirectory | null;
  readonly requests: OpenRequests;
  readonly answered: Answered;
}

class Running implements Exporter {
  finished: Promise<void> = Promise.resolve();
  readonly #config: Config;
  readonly #deps: ExporterDeps;
  readonly #parts: Parts;
  readonly #process: ProcessMetrics;
  readonly #stopping = new AbortController();
  readonly #watch: SourceWatch;
  readonly #reloader: Reloader;
  #server: WebServer | null = null;
  #phase: "starting" | "catching up" | "running" | "draining" = "starting";
  #hasFailed = false;
  #isDirty = true;
  #waitsForRows: boolean;
  #upkeepAtMs = 0;
  #snapshotAtMs = 0;

  constructor(liveConfig: LiveConfig, deps: ExporterDeps, parts: Parts) {
    this.#config = liveConfig.view;
    this.#waitsForRows = this.#config["metrics.postgres.at_least_once"];
    this.#deps = deps;
    this.#parts = parts;
    const { assembly, sources, webConfig, pacer } = parts;
    this.#watch = new SourceWatch(sources, assembly.notices);
    this.#reloader = new Reloader({
      liveConfig,
      loadConfig: deps.loadConfig,
      lookAtWebConfig: () => this.#server?.lookAtWebConfig(),
      webConfigProblem: () => webConfig?.problem ?? null,
      onChanged: () => {
        assembly.configChanged();
        // The present wait may be a long one.
        pacer.wake();
      },
      notices: assembly.notices,
      now: deps.now,
    });
    this.#process = new ProcessMetrics(assembly.metrics.ledger, deps.startedAtSeconds, deps.readProcessUsage);
  }

  get address(): Exporter["address"] {
    return this.#server?.addr ?? null;
  }

  /** @throws {StartError} when the port is taken. */
  async serve(): Promise<void> {
    const config = this.#config;
    if (!config["metrics.enabled"]) return;
    const options = {
      hostname: config["metrics.bind_address"],
      port: config["metrics.port"],
      log: this.#deps.log,
      webConfig: this.#parts.webConfig,
      onWebConfigReloaded: () => this.#reloader.webConfigReloaded(),
      get authExcludedPaths() {
        return config["server.auth_excluded_paths"];
      },
      secret: this.#deps.secret,
    };
    try {
      this.#server = await startWebServer(options, this.#createHandler());
    } catch (error) {
      throw new StartError(messageOf(error), { cause: error });
    }
  }

  reload(): ReloadOutcome {
    return this.#reloader.reload();
  }

  #createHandler(): Handler {
    const { log, now } = this.#deps;
    const { metrics, count } = this.#parts.assembly;
    return this.#parts.requests.watch(createExporterHandler(this.#config, {
      log,
      now,
      metrics,
      count,
      updateOwnMetrics: () => this.#updateOwnMetrics(),
      lags: () => this.#watch.lags(now()),
      status: () => this.#status(),
      reload: () => this.reload(),
    }));
  }

  /** @throws {StartError} when somebody else listens there, or something else lies there. */
  async openSocket(socket: UnixSocket): Promise<void> {
    const passedFd = parseActivation(this.#deps, this.#deps.pid);
    const opened = passedFd !== null ? await openActivatedListener(passedFd) : await openSocketListener({
      path: this.#config["socket.path"],
      mode: this.#config["socket.mode"],
      group: this.#config["socket.group"],
    });
    if (opened.kind === "listening") socket.listen(opened.listener);
    else throw new StartError(opened.problem);
  }

  /** @param isRestored whether counting goes on from a snapshot, or history is being met for the first time. */
  start(isRestored: boolean): void {
    this.finished = this.#run(isRestored).catch((error) => {
      this.#hasFailed = true;
      throw error;
    });
  }

  async drain(): Promise<void> {
    this.#phase = "draining";
    const { socket, persistence, recorder } = this.#parts;
    await socket?.drain(DRAIN_SOCKET_MS);
    this.#stop();
    await this.finished;
    await recorder?.drain(DRAIN_STORE_MS);
    await persistence.idle();
    await persistence.save();
    await persistence.idle();
    await this.#server?.drain(DRAIN_SERVER_MS);
    this.#close();
    this.#deps.log.info("stopped");
  }

  /** Undoes a start that failed half-way. */
  async abandon(): Promise<void> {
    this.#stop();
    await this.#parts.recorder?.drain(0);
    await this.#server?.drain(0);
    this.#close();
  }

  #stop(): void {
    this.#stopping.abort();
    this.#parts.pacer.wake();
  }

  #close(): void {
    for (const source of this.#parts.sources) source.close();
    this.#parts.state?.[Symbol.dispose]();
  }

  async #run(isRestored: boolean): Promise<void> {
    const { assembly, sources, seen, pacer, recorder, answered } = this.#parts;
    const { signal } = this.#stopping;
    const pace = new BurstPace(answered);
    const pipeline = assembly.createPipeline(sources, seen, {
      onTurn: (nowMs) => this.#onTurn(nowMs),
      pace,
      answered,
      record: recorder === null ? null : (record, line, usage) => recorder.offer(record, line, usage),
    });
    if (recorder !== null) assembly.metrics.work.onAbandoned = (record) => recorder.offer(record, null, null);
    const look = async (): Promise<boolean> => {
      const hasNews = await pipeline.round(signal);
      // After the round: a snapshot may have been written in the middle of it.
      this.#isDirty ||= hasNews;
      return hasNews;
    };
    this.#setPhase("catching up");
    for (let round = 0; round < CATCH_UP_ROUNDS && !signal.aborted; round++) {
      if (!await look()) break;
    }
    if (!isRestored) assembly.metrics.goLive();
    this.#setPhase("running");
    let looksInVain = 0;
    while (!signal.aborted) {
      const wasWoken = await pacer.wait(restMs(this.#config["events.poll_interval"] * 1000, looksInVain));
      if (wasWoken) pace.end();
      else pace.begin();
      looksInVain = await look() ? 0 : looksInVain + 1;
    }
    // What came in while the socket drained, and what was written until now. The signal is spent: it must not stop this.
    await pipeline.round(new AbortController().signal);
  }

  #setPhase(phase: "catching up" | "running"): void {
    if (this.#phase !== "draining") this.#phase = phase;
  }

  #onTurn(nowMs: number): Promise<void> | null {
    if (nowMs - this.#upkeepAtMs >= UPKEEP_INTERVAL_MS) {
      this.#upkeepAtMs = nowMs;
      if (this.#phase === "running") this.#parts.assembly.metrics.upkeep.tick(nowMs);
      this.#watch.look(nowMs);
    }
    return this.#snapshotIfDue(nowMs) ?? this.#roomForRows();
  }

  /**
   * While the exporter catches up, it reads lines faster than any database takes them, and what the queue has no room for
   * would be dropped. With `at_least_once` reading waits then, as nobody is served yet; not for a database that is away.
   */
  #roomForRows(): Promise<void> | null {
    const { recorder } = this.#parts;
    const isWaiting = this.#waitsForRows && this.#phase === "catching up";
    if (!isWaiting || recorder === null || recorder.queued < QUEUE_CAPACITY / 2) return null;
    return this.#untilStored(recorder, recorder.offered - QUEUE_CAPACITY / 2);
  }

  async #untilStored(recorder: Recorder, sequence: number): Promise<void> {
    for (let second = 0; second < ROWS_WAIT_SECONDS && !this.#stopping.signal.aborted; second++) {
      // When recording has ended, there is nothing to wait for.
      if (await recorder.stored(sequence, 1_000).catch(() => false)) return;
    }
    this.#waitsForRows = false;
  }

  /** Resolves when everything is captured; it is written while lines are read on. */
  #snapshotIfDue(nowMs: number): Promise<void> | null {
    const { persistence, socket, assembly } = this.#parts;
    const isDue = nowMs - this.#snapshotAtMs >= this.#config["state.snapshot_interval"] * 1000;
    if (persistence.busy || !(isDue || socket?.wantsSnapshot())) return null;
    if (!this.#isDirty && !assembly.metrics.ledger.hasThawable(assembly.metrics.thawable(nowMs))) return null;
    this.#snapshotAtMs = nowMs;
    this.#isDirty = false;
    return persistence.save();
  }

  #updateOwnMetrics(): void {
    const { ledger } = this.#parts.assembly.metrics;
    const nowMs = this.#deps.now();
    this.#process.update();
    for (const { name, behindBytes, behindSeconds, problem } of this.#watch.lags(nowMs)) {
      ledger.family("prodigy_exporter_source_up").emit(problem === null ? 1 : 0, name);
      ledger.family("prodigy_exporter_source_behind_bytes").emit(behindBytes, name);
      ledger.family("prodigy_exporter_source_behind_seconds").emit(behindSeconds, name);
    }
    tellUnread(this.#parts.assembly.metrics, this.#parts.sources);
    const { isInForce, readAtSeconds } = this.#reloader;
    ledger.family("prodigy_exporter_config_last_reload_successful").emit(isInForce ? 1 : 0);
    ledger.family("prodigy_exporter_config_last_reload_success_timestamp_seconds").emit(readAtSeconds);
    const stats = this.#parts.socket?.stats();
    if (stats !== undefined) {
      ledger.family("prodigy_exporter_journal_bytes").emit(stats.journalBytes);
      ledger.family("prodigy_exporter_socket_connections").emit(stats.openConnections);
    }
    const { recorder } = this.#parts;
    if (recorder !== null) {
      ledger.family("prodigy_exporter_store_up").emit(recorder.problem === null ? 1 : 0);
      ledger.family("prodigy_exporter_store_queue").emit(recorder.queued);
    }
    ledger.family("prodigy_exporter_series").emit(ledger.seriesCount());
    ledger.family("prodigy_exporter_snapshot_age_seconds").emit((nowMs - this.#parts.persistence.writtenAtMs) / 1000);
  }

  #status(): Status {
    const { problem } = this.#parts.persistence;
    const webConfigProblem = this.#parts.webConfig?.problem ?? null;
    const storeProblem = this.#parts.recorder?.problem ?? null;
    return {
      ready: this.#phase === "running",
      reasons: this.#phase === "running" ? [] : [describePhase(this.#phase, this.#watch.behindBytes)],
      failing: this.#hasFailed,
      problems: [
        ...this.#watch.problems,
        ...problem === null ? [] : [{ part: "snapshot", problem }],
        ...webConfigProblem === null ? [] : [{ part: "web configuration", problem: webConfigProblem }],
        ...storeProblem === null ? [] : [{ part: "store", problem: storeProblem }],
      ],
      startedAtMs: this.#deps.startedAtSeconds * 1000,
    };
  }
}

function describePhase(phase: string, behindBytes: number): string {
  if (phase !== "catching up" || behindBytes === 0) return phase;
  return `${phase}: ${(behindBytes / 1e6).toFixed(1)} MB to read`;
}

/** `null` when there can be none: counting goes on without. @throws {StartError} when another exporter holds it. */
function openState(config: Config, { log, pid, uid }: ExporterDeps): StateDirectory | null {
  const opened = openStateDirectory(config["state.directory"], { pid, uid });
  switch (opened.kind) {
    case "refused":
      throw new StartError(opened.problem);
    case "unavailable":
      log.warn("state_unavailable", { problem: `${opened.problem}: ${messageOf(opened.cause)}` });
      return null;
    case "open":
      for (const warning of opened.warnings) log.warn("state_directory", { problem: warning });
      return opened.directory;
  }
}

async function loadSnapshot(state: StateDirectory, { log, now }: ExporterDeps): Promise<readonly SnapshotPart[]> {
  const read = await readSnapshot(state.file(SNAPSHOT_FILE), now());
  switch (read.kind) {
    case "missing":
      return [];
    case "set_aside":
      log.error("snapshot_set_aside", { reason: read.reason, movedTo: read.movedTo });
      return [];
    case "refused":
      throw new StartError(read.problem);
    case "loaded":
      log.info("snapshot_loaded", { created: read.created });
      return read.parts;
  }
}

function createSocket(config: Config, state: StateDirectory | null, pacer: Pacer, now: () => number): UnixSocket {
  const journal = state === null
    ? null
    : new Journal(state.path, { maxBytes: config["socket.journal_max_bytes"], nowMs: now });
  return new UnixSocket({
    journal,
    lineMaxBytes: config["events.line_max_bytes"],
    get maxConnections() {
      return config["socket.max_connections"];
    },
    get idleTimeoutMs() {
      return config["socket.idle_timeout"] * 1000;
    },
    nowMs: now,
    onData: () => pacer.wake(),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
