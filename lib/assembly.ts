import { join } from "node:path";
import type { Config } from "./config/options.ts";
import { SeenEvents } from "./event/seen_events.ts";
import { localDayAt } from "./local_day.ts";
import { type Budgets, Metrics } from "./metrics/metrics.ts";
import { createPrices, type Prices } from "./metrics/prices.ts";
import { Pipeline, type PipelineHooks } from "./pipeline.ts";
import { type ClaudeSource, createClaudeSource } from "./prodigy/claude/claude_source.ts";
import { createStateSource } from "./prodigy/state_source.ts";
import { createDirectoryTail } from "./source/directory_tail.ts";
import { type Source, UNREAD_REASONS } from "./source/source.ts";
import type { Log } from "./telemetry/log.ts";
import { type Count, Notices } from "./telemetry/notices.ts";
import { COMMIT, COMMIT_DATE, VERSION } from "./version.ts";

/** Without anyone who scrapes, a finished job is shown for so long. */
const UNSCRAPED_LIMIT_SECONDS = 3600;

/** How the files are looked at: followed while they grow, or read once as they are. */
export interface ReadingMode {
  /** Age limit for what is met at the very first look; `null` reads everything. */
  readonly ignoreOlderThanMs: number | null;
  /** Whether an ended state must stand for a while before it counts, because it may still change. */
  readonly settles: boolean;
}

export interface AssemblyDeps {
  readonly log: Log;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Prodigy keeps worktrees and Claude's streams here even when its home is elsewhere; `null` without a HOME. */
  readonly homeDirectory: string | null;
}

/** The parts every command that counts needs, put together. */
export interface Assembly {
  readonly metrics: Metrics;
  readonly count: Count;
  readonly notices: Notices;
  readonly fileSources: readonly Source[];
  readonly claude: ClaudeSource | null;
  /** To be called when options have changed; what reads them when it needs them knows by itself. */
  configChanged(): void;
  createPipeline(
    sources: readonly Source[],
    seen: SeenEvents,
    hooks?: Partial<PipelineHooks>,
  ): Pipeline;
}

/** @param config Its reloadable options may change later. */
export function assemble(config: Config, mode: ReadingMode, deps: AssemblyDeps): Assembly {
  let current = createPrices(config["claude.prices"]);
  const prices: Prices = { estimateUsd: (model, usage, atSeconds) => current.estimateUsd(model, usage, atSeconds) };
  const metrics: Metrics = new Metrics({
    ...budgetsOf(config),
    jobLabelMode: config["cardinality.job_label"],
    jobLabelLength: config["cardinality.job_label_length"],
    foldMcpTools: config["cardinality.fold_mcp_tools"],
    get idleLimitSeconds() {
      return config["readers.idle_limit"];
    },
    get finishedHoldSeconds() {
      return config["cardinality.finished_job_hold"];
    },
    get unscrapedLimitSeconds() {
      return Math.max(UNSCRAPED_LIMIT_SECONDS, config["cardinality.finished_job_hold"]);
    },
    get dlqLimitSeconds() {
      return config["cardinality.dlq_hold"];
    },
    prices,
    exemplars: config["metrics.exemplars"],
    dayAt: localDayAt,
    buckets: {
      prodigy_workflow_duration_seconds: config["buckets.workflow"],
      prodigy_step_duration_seconds: config["buckets.step"],
      prodigy_agent_duration_seconds: config["buckets.agent"],
      prodigy_mapreduce_job_duration_seconds: config["buckets.job"],
    },
  }, {
    onLimit: (metric, values) => notices.limitHit(metric, values),
    onReaped: (kind, count) => notices.reaped(kind, count),
  });
  const count: Count = (metric, value, ...labels) => metrics.ledger.family(metric).emit(value, ...labels);
  const notices: Notices = new Notices(count, deps.log);
  metrics.ledger.family("prodigy_exporter_build_info").emit(1, VERSION, COMMIT, COMMIT_DATE, Deno.version.deno);
  metrics.ledger.family("prodigy_exporter_series_limit").emit(config["cardinality.max_series"]);

  const claude = config["readers.enabled"] ? createClaude(config, mode, deps, prices.estimateUsd) : null;
  return {
    metrics,
    count,
    notices,
    fileSources: [...createFileSources(config, mode, deps, claude), ...claude === null ? [] : [claude]],
    claude,
    configChanged: () => {
      current = createPrices(config["claude.prices"]);
      metrics.setBudgets(budgetsOf(config));
      metrics.ledger.family("prodigy_exporter_series_limit").emit(config["cardinality.max_series"]);
    },
    createPipeline: (sources, seen, hooks) => {
      const { work, fold } = metrics;
      return new Pipeline({ sources, seen, work, fold, notices, now: deps.now }, hooks);
    },
  };
}

function budgetsOf(config: Config): Budgets {
  return {
    maxSeries: config["cardinality.max_series"],
    maxWorkflowNames: config["cardinality.max_workflow_names"],
    maxToolNames: config["cardinality.max_tool_names"],
    maxModels: config["cardinality.max_models"],
  };
}

/** Lines first: what they tell of a run, the state readers need not. */
function createFileSources(
  config: Config,
  mode: ReadingMode,
  deps: AssemblyDeps,
  claude: ClaudeSource | null,
): readonly Source[] {
  const prodigyHome = config["prodigy.home"];
  const sources: Source[] = [];
  if (config["events.enabled"]) {
    sources.push(createDirectoryTail({
      eventsDirectory: config["events.directory"],
      stateDirectory: join(prodigyHome, "state"),
      lineMaxBytes: config["events.line_max_bytes"],
      get rescanIntervalMs() {
        return config["events.rescan_interval"] * 1000;
      },
      ignoreOlderThanMs: mode.ignoreOlderThanMs,
    }));
  }
  if (config["readers.enabled"]) {
    sources.push(createStateSource({
      prodigyHome,
      homeProdigy: homeWith("worktrees", config, deps),
      get settleMs() {
        return mode.settles ? config["readers.settle"] * 1000 : 0;
      },
      get idleLimitSeconds() {
        return config["readers.idle_limit"];
      },
      ignoreOlderThanMs: mode.ignoreOlderThanMs,
      get pollIntervalMs() {
        return config["readers.poll_interval"] * 1000;
      },
      transcriptActivitySeconds: (runId) => claude?.activity(runId) ?? null,
    }));
  }
  return sources;
}

function createClaude(
  config: Config,
  mode: ReadingMode,
  deps: AssemblyDeps,
  estimateUsd: Parameters<typeof createClaudeSource>[0]["estimateUsd"],
): ClaudeSource {
  return createClaudeSource({
    streamsDirectory: join(homeWith(STREAMS, config, deps), STREAMS),
    projectsDirectory: join(config["claude.config_dir"], "projects"),
    transcripts: config["claude.transcripts"],
    ignoreOlderThanMs: mode.ignoreOlderThanMs,
    get pollIntervalMs() {
      return config["readers.poll_interval"] * 1000;
    },
    lineMaxBytes: config["events.line_max_bytes"],
    estimateUsd,
  });
}

const STREAMS = join("logs", "claude-streaming");

/**
 * Prodigy 0.4.4 keeps worktrees and Claude's streams in ~/.prodigy whatever PRODIGY_HOME says (worktree/builder.rs:93,
 * claude.rs:374). A home that has its own all the same, such as a copy of somebody's, is taken at its word.
 */
function homeWith(part: string, config: Config, { homeDirectory }: AssemblyDeps): string {
  const home = config["prodigy.home"];
  return homeDirectory === null || isDirectory(join(home, part)) ? home : join(homeDirectory, ".prodigy");
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    // Absent, or not to be read: then it is not the place to look.
    return false;
  }
}

/** What lies in the sources' way and is not read, for a scrape. */
export function tellUnread({ ledger }: Metrics, sources: Iterable<Source>): void {
  const family = ledger.family("prodigy_exporter_files_unread");
  for (const source of sources) {
    const { unread } = source.health();
    if (unread === undefined) continue;
    for (const reason of UNREAD_REASONS) family.emit(unread[reason] ?? 0, source.name, reason);
  }
}

export function createSeenEvents(config: Config): SeenEvents {
  return SeenEvents.create(config["events.dedup_window"]);
}
