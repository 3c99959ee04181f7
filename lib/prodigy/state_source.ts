import type { EventRecord } from "../event/record.ts";
import type { Batch, Source, SourceHealth } from "../source/source.ts";
import { append } from "./append.ts";
import { ChangedFiles, type FileStats } from "./changed_files.ts";
import { Horizon } from "./horizon.ts";
import { LooseDlq } from "./loose_dlq.ts";
import type { ProdigyHomes } from "./run_files.ts";
import { RunReader } from "./run_reader.ts";
import { decodeStateMemory, type StateMemory } from "./run_memory.ts";
import { SessionWorktrees } from "./session_worktrees.ts";
import { stateRecord } from "./state_record.ts";

export interface StateSourceOptions extends ProdigyHomes {
  /** An end counts when it did not change for this long; 0 takes ends at once, for homes where nothing runs. Read anew. */
  readonly settleMs: number;
  /** A run none of whose files moved for this long is dead. Read anew. */
  readonly idleLimitSeconds: number;
  /** Runs not written since then are not looked at when first met; `null` for no limit. */
  readonly ignoreOlderThanMs: number | null;
  /** Read anew for every look. */
  readonly pollIntervalMs: number;
  /** When Claude last wrote for the run, Unix seconds: a single step can leave the run's own files alone for hours. */
  readonly transcriptActivitySeconds?: (runId: string) => number | null;
  /** The clock of the file system's times. */
  readonly wallNowMs?: () => number;
}

export interface StateSource extends Source {
  stats(): FileStats;
}

/** Records after which a batch goes out. */
const BATCH_RECORDS = 50;

/**
 * Reads what an unmodified Prodigy leaves on disk, its event files being empty: sessions, checkpoints, worktrees, DLQ
 * and MapReduce jobs, and tells as events what changed since the last look.
 */
export function createStateSource(options: StateSourceOptions): StateSource {
  const files = new ChangedFiles({ wallNowMs: options.wallNowMs ?? Date.now });
  const worktrees = new SessionWorktrees(files, `${options.homeProdigy}/worktrees`);
  const looseDlq = new LooseDlq(files, `${options.prodigyHome}/dlq`);
  const runs = new RunReader(files, {
    ...options,
    // A copy of their values would not change with them.
    get settleMs() {
      return options.settleMs;
    },
    get idleLimitSeconds() {
      return options.idleLimitSeconds;
    },
    transcriptActivitySeconds: options.transcriptActivitySeconds ?? (() => null),
  });
  let lookedAtMs: number | null = null;
  const horizon = new Horizon();
  let poolSize: number | null = null;

  function isDue(nowMs: number): boolean {
    return lookedAtMs === null || nowMs < lookedAtMs || nowMs - lookedAtMs >= options.pollIntervalMs;
  }

  function* look(nowMs: number): Generator<Batch> {
    if (!isDue(nowMs)) return;
    const ignoreBeforeMs = horizon.ignoreBeforeMs(nowMs, options.ignoreOlderThanMs);
    lookedAtMs = nowMs;
    files.beginLook();

    let records: EventRecord[] = [];
    const seen = worktrees.look();
    if (seen.count !== null && seen.count !== poolSize) {
      poolSize = seen.count;
      const envelope = { runId: null, timestamp: null };
      records.push(stateRecord({ type: "worktree_pool_changed", available: poolSize }, envelope));
    }
    for (const news of runs.look({ nowMs, ignoreBeforeMs, metadataPathOf: seen.pathOf })) {
      append(records, news);
      if (news.length > 0 && records.length < BATCH_RECORDS) continue;
      const batch: Batch = { kind: "records", source: "state", records };
      records = [];
      yield batch;
    }
    const isLive = options.settleMs > 0;
    append(records, looseDlq.look({ nowMs, ignoreBeforeMs, isLive, isRun: (id) => runs.knows(id) }));
    horizon.readToMs = nowMs;
    if (records.length > 0) yield { kind: "records", source: "state", records };
  }

  return {
    name: "state",
    look,
    health: (): SourceHealth => {
      const { notFiles, tooLarge, unreadable } = files.stats;
      const unread = { not_a_file: notFiles, too_large: tooLarge, unreadable };
      return { behindBytes: 0, problem: files.problem, unread };
    },
    stats: (): FileStats => files.stats,
    saveState: (): StateMemory => ({
      lookedAtMs: horizon.readToMs,
      poolSize,
      ...runs.saveState(),
      looseDlq: looseDlq.saveState(),
    }),
    loadState(state: unknown): void {
      const memory = decodeStateMemory(state);
      lookedAtMs = horizon.readToMs = memory.lookedAtMs;
      poolSize = memory.poolSize;
      runs.loadState(memory);
      looseDlq.loadState(memory.looseDlq);
    },
    close: (): void => {},
  };
}
