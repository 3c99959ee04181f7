import type { Batch, Source, SourceHealth } from "../../source/source.ts";
import { Horizon } from "../horizon.ts";
import { ClaudeFiles } from "./claude_files.ts";
import { isFields } from "./fields.ts";
import { ClaudeMeter } from "./meter.ts";
import { RunActivity } from "./run_activity.ts";
import type { EstimateUsd } from "./session_account.ts";

export interface ClaudeSourceOptions {
  /** Prodigy's saved streams: `~/.prodigy/logs/claude-streaming`, also when Prodigy's home is elsewhere. */
  readonly streamsDirectory: string;
  /** Claude Code's transcripts: `${CLAUDE_CONFIG_DIR:-~/.claude}/projects`. */
  readonly projectsDirectory: string;
  /** Which transcripts count: of sessions in Prodigy's worktrees, all, or none. */
  readonly transcripts: "prodigy" | "all" | "off";
  /** Files that had not moved for longer when first seen are not read; `null`: all are. */
  readonly ignoreOlderThanMs: number | null;
  /** Read anew for every look. */
  readonly pollIntervalMs: number;
  readonly lineMaxBytes: number;
  readonly estimateUsd: EstimateUsd;
}

export interface ClaudeSource extends Source {
  /** Unix time in seconds at which a Claude session of the run last moved, `null` when none was seen. */
  activity(runId: string): number | null;
  /**
   * Charges by estimate what still waits for the vendor's figure (see `SessionAccount`). For a single reading of files
   * that nothing more comes to; while following, `look` does it by itself for sessions that fell silent.
   */
  settle(): Iterable<Batch>;
}

interface Memory {
  readonly meter: ClaudeMeter;
  readonly activity: RunActivity;
  readonly streams: ClaudeFiles;
  readonly transcripts: ClaudeFiles | null;
}

/** Claude usage from Prodigy's saved streams and Claude Code's transcripts, each session counted once. */
export function createClaudeSource(options: ClaudeSourceOptions): ClaudeSource {
  let memory = createMemory(options);
  let lookedAtMs: number | null = null;
  const horizon = new Horizon();

  function* look(nowMs: number): Iterable<Batch> {
    if (lookedAtMs !== null && nowMs >= lookedAtMs && nowMs - lookedAtMs < options.pollIntervalMs) return;
    lookedAtMs = nowMs;
    const ignoreBeforeMs = horizon.ignoreBeforeMs(nowMs, options.ignoreOlderThanMs);
    const all = [memory.streams, ...memory.transcripts === null ? [] : [memory.transcripts]];
    for (const files of all) yield* files.find(nowMs, ignoreBeforeMs);
    // By their times, so that a session's stream and transcript lie close together: of what was read long ago it is not
    // known any more that it counted.
    for (let next = oldestOf(all); next !== null; next = oldestOf(all)) yield* next.readNext();
    yield* settle(nowMs / 1000);
    memory.meter.forget(nowMs / 1000);
    horizon.readToMs = nowMs;
  }

  function* settle(nowSeconds: number): Iterable<Batch> {
    const records = memory.meter.settle(nowSeconds);
    if (records.length > 0) yield { kind: "records", source: "claude", records };
  }

  return {
    name: "claude",
    look,
    settle: () => settle(Infinity),
    activity: (runId) => memory.activity.lastSeconds(runId),
    health: () => healthOf(memory),
    saveState: () => ({
      version: 1,
      readToMs: horizon.readToMs,
      meter: memory.meter.save(),
      activity: memory.activity.save(),
      streams: memory.streams.save(),
      transcripts: memory.transcripts?.save() ?? {},
    }),
    loadState(state: unknown): void {
      if (!isFields(state) || state["version"] !== 1) {
        throw new TypeError("Cannot load the Claude source's state as it must be of version 1");
      }
      // Into a fresh one, so that a state that turns out to be damaged leaves nothing behind.
      const loaded = createMemory(options);
      loaded.meter.load(state["meter"]);
      loaded.activity.load(state["activity"]);
      loaded.streams.load(state["streams"]);
      loaded.transcripts?.load(state["transcripts"]);
      memory = loaded;
      lookedAtMs = null;
      // States saved before this was kept have none.
      horizon.readToMs = typeof state["readToMs"] === "number" ? state["readToMs"] : null;
    },
    close: () => {},
  };
}

/** Whose next file rests longest; streams before transcripts. */
function oldestOf(all: readonly ClaudeFiles[]): ClaudeFiles | null {
  let oldest: ClaudeFiles | null = null;
  for (const files of all) {
    if (files.nextMtimeMs < (oldest?.nextMtimeMs ?? Infinity)) oldest = files;
  }
  return oldest;
}

function createMemory(options: ClaudeSourceOptions): Memory {
  const { ignoreOlderThanMs, lineMaxBytes } = options;
  const meter = new ClaudeMeter(options.estimateUsd);
  const activity = new RunActivity();
  const filesOf = (directory: string, isStream: boolean): ClaudeFiles =>
    new ClaudeFiles(
      { directory, isStream, countsAll: options.transcripts === "all", ignoreOlderThanMs, lineMaxBytes },
      meter,
      activity,
    );
  return {
    meter,
    activity,
    streams: filesOf(options.streamsDirectory, true),
    transcripts: options.transcripts === "off" ? null : filesOf(options.projectsDirectory, false),
  };
}

function healthOf({ streams, transcripts }: Memory): SourceHealth {
  const unreadable = streams.unreadable.size + (transcripts?.unreadable.size ?? 0);
  const [first] = [...streams.unreadable, ...transcripts?.unreadable ?? []];
  return {
    unread: { unreadable, not_a_file: streams.notFiles + (transcripts?.notFiles ?? 0) },
    behindBytes: streams.behindBytes + (transcripts?.behindBytes ?? 0),
    problem: first === undefined
      ? null
      : `Cannot read ${unreadable} of Claude's files and directories, such as ${JSON.stringify(first)}`,
  };
}
