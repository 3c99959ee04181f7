import type { EventRecord } from "../event/record.ts";
import type { ChangedFiles, Listing } from "./changed_files.ts";
import { newRunReadings, type ProdigyHomes, readRunFiles, type RunReadings, stateDirectoryOf } from "./run_files.ts";
import { COMPLETED_LIFE, UNSEEN_LIFE } from "./run_life.ts";
import { lookAtRun } from "./run_look.ts";
import {
  hasLeftovers,
  isClosed,
  newRunMemory,
  type PassedRun,
  type RunMemory,
  type StateMemory,
} from "./run_memory.ts";
import { RunTurns } from "./run_turns.ts";
import { readSession, type RunState, runState, type SessionFacts } from "./sessions.ts";
import { stateRecord } from "./state_record.ts";
import { timeSeconds } from "./times.ts";

export interface RunReaderOptions extends ProdigyHomes {
  readonly settleMs: number;
  readonly idleLimitSeconds: number;
  readonly ignoreOlderThanMs: number | null;
  readonly transcriptActivitySeconds?: (runId: string) => number | null;
}

export interface RunsLook {
  readonly nowMs: number;
  readonly ignoreBeforeMs: number;
  metadataPathOf(sessionId: string): string | undefined;
}

/** What is kept of a run while it is looked at; forgotten when it is closed. */
interface OpenRun {
  session: SessionFacts | null;
  sessionMtimeMs: number;
  stamp: string | null;
  readonly readings: RunReadings;
  /** The end that waits to settle, and since when it did not change. */
  end: { readonly key: string; readonly sinceMs: number } | null;
}

/** A run that moved within this time is expected to move again soon. */
const RESTLESS_SECONDS = 120;
/** Runs looked at between two moments at which a look can be interrupted. */
const VISITS_PER_SLICE = 50;
/** Of a run closed for so long only the time of its session file is kept. */
const PASSED_AFTER_MS = 3_600_000;
/** A session file that stays torn for so long was left so by a crash: what was read before holds. */
const TORN_MS = 5_000;
const SUFFIX = ".json";

/** All runs, by their session files. */
export class RunReader {
  readonly #files: ChangedFiles;
  readonly #options: RunReaderOptions;
  readonly #directory: string;
  readonly #memory = new Map<string, RunMemory>();
  readonly #passed = new Map<string, PassedRun>();
  readonly #open = new Map<string, OpenRun>();
  readonly #leftovers = new Set<string>();
  /** Runs whose session file was missed once. */
  #missing = new Set<string>();
  #listing: Listing | null = null;
  readonly #turns = new RunTurns();

  constructor(files: ChangedFiles, options: RunReaderOptions) {
    this.#files = files;
    this.#options = options;
    this.#directory = `${options.prodigyHome}/sessions`;
  }

  knows(id: string): boolean {
    return this.#memory.has(id) || this.#passed.has(id);
  }

  /**
   * News of one run after the other; a run's memory holds its news when they are yielded. No news are yielded now and
   * then, where the look can be interrupted.
   */
  *look(look: RunsLook): Generator<readonly EventRecord[]> {
    const listing = this.#files.listKept(this.#directory);
    if (typeof listing === "string") return;
    if (listing !== this.#listing) this.#turns.setIds(idsOf(listing));
    let visits = 0;
    for (const id of this.#turns.due((id) => this.#open.has(id) || this.#leftovers.has(id))) {
      const records = this.#lookAt(id, this.#pathOf(id), look);
      this.#turns.noted(id, this.#isRestless(id, look.nowMs));
      if (records.length > 0 || ++visits % VISITS_PER_SLICE === 0) yield records;
    }
    yield* this.#lookForGone(listing, look);
  }

  saveState(): Pick<StateMemory, "runs" | "passed"> {
    return { runs: Object.fromEntries(this.#memory), passed: Object.fromEntries(this.#passed) };
  }

  loadState(state: Pick<StateMemory, "runs" | "passed">): void {
    for (const [id, memory] of Object.entries(state.runs)) {
      this.#memory.set(id, memory);
      if (memory.closedStamp !== null) this.#files.assumeRead(this.#pathOf(id), memory.closedStamp);
      if (isClosed(memory) && hasLeftovers(memory)) this.#leftovers.add(id);
    }
    for (const [id, run] of Object.entries(state.passed)) this.#passed.set(id, run);
  }

  #lookAt(id: string, path: string, look: RunsLook): readonly EventRecord[] {
    const memory = this.#memory.get(id) ?? this.#meet(id, path, look.ignoreBeforeMs);
    if (memory === null) return [];
    const { nowMs } = look;
    const isWanted = !isClosed(memory) || this.#leftovers.has(id);
    let open = this.#open.get(id);
    const reading = readSession(this.#files, path, { id, nowMs, force: isWanted && open === undefined });
    if (open === undefined && (isWanted || reading.kind === "read")) {
      open = { session: null, sessionMtimeMs: 0, stamp: memory.closedStamp, readings: newRunReadings(), end: null };
      this.#open.set(id, open);
    }
    if (reading.kind === "absent" || reading.kind === "skipped") return [];
    if (open !== undefined) open.sessionMtimeMs = reading.mtimeMs;
    if (reading.kind === "torn" && nowMs - reading.mtimeMs < TORN_MS) return [];
    if (reading.kind !== "read" && this.#pass(id, path, reading.mtimeMs, nowMs)) return [];
    if (open === undefined) return [];
    if (reading.kind === "read") {
      open.session = reading.session;
      open.stamp = reading.stamp;
    }
    if (open.session === null) return [];
    return this.#advance(id, memory, open, open.session, look);
  }

  /** A run met for the first time, or `null` when it is too old. One that was passed over and moved is met anew. */
  #meet(id: string, path: string, ignoreBeforeMs: number): RunMemory | null {
    const passed = this.#passed.get(id);
    if (passed === undefined && ignoreBeforeMs === -Infinity) return newRunMemory(null);
    const mtimeMs = this.#files.mtimeMs(path);
    if (mtimeMs === null || mtimeMs === passed?.mtimeMs) return null;
    if (passed !== undefined) {
      // What was not told by when it was passed over was too old to be.
      const baselineMs = passed.toldMs ?? Math.max(passed.mtimeMs + PASSED_AFTER_MS, ignoreBeforeMs);
      const memory = newRunMemory(baselineMs / 1000, passed.isCompleted ? COMPLETED_LIFE : UNSEEN_LIFE);
      this.#passed.delete(id);
      this.#memory.set(id, memory);
      return memory;
    }
    if (mtimeMs >= ignoreBeforeMs) return newRunMemory(null);
    this.#passed.set(id, { mtimeMs, isCompleted: false });
    return null;
  }

  /**
   * Passes over a run that is long closed, so that memory stays bounded; with leftovers, or when it was only given up,
   * not before it is too old.
   */
  #pass(id: string, path: string, mtimeMs: number, nowMs: number): boolean {
    const memory = this.#memory.get(id);
    if (memory === undefined) return false;
    const isGivenUp = memory.life.phase === "abandoned";
    if (!isGivenUp && !isClosed(memory)) return false;
    const mayMove = isGivenUp || this.#leftovers.has(id);
    if (nowMs - mtimeMs < (mayMove ? this.#options.ignoreOlderThanMs ?? Infinity : PASSED_AFTER_MS)) return false;
    this.#forget(id, path);
    this.#passed.set(id, passedRun(memory, mtimeMs, memory.life.activitySeconds * 1000));
    return true;
  }

  #advance(
    id: string,
    memory: RunMemory,
    open: OpenRun,
    session: SessionFacts,
    look: RunsLook,
  ): readonly EventRecord[] {
    const { nowMs } = look;
    const metadata = look.metadataPathOf(id);
    const run = { id, memory, readings: open.readings, ...(metadata === undefined ? {} : { metadata }) };
    const isLive = this.#options.settleMs > 0;
    const seen = readRunFiles(this.#files, this.#options, run, { nowMs, isLive });
    const interruptedAt = open.readings.worktree?.interruptedAt ?? null;
    const newestSeconds = Math.max(open.sessionMtimeMs, seen.newestMs) / 1000;
    const next = lookAtRun(memory, {
      id,
      session,
      interruptedAt,
      isSettled: this.#isSettled(open, runState(session, interruptedAt), nowMs) ||
        memory.life.phase === "unseen" && this.#isLongWritten(session, interruptedAt, nowMs),
      activitySeconds: Math.max(newestSeconds, this.#options.transcriptActivitySeconds?.(id) ?? 0),
      checkpoints: seen.checkpoints,
      agents: seen.agents,
      dlq: seen.dlq,
      jobs: seen.jobs,
    }, { nowMs, idleLimitSeconds: this.#options.idleLimitSeconds });

    if (next.doubt !== null) this.#files.doubt(this.#pathOf(id), next.doubt);
    const closed = isClosed(next.memory);
    this.#memory.set(id, { ...next.memory, closedStamp: closed ? open.stamp : null });
    if (closed && hasLeftovers(next.memory)) this.#leftovers.add(id);
    else this.#leftovers.delete(id);
    if (closed && !this.#leftovers.has(id)) this.#close(id);
    return next.records;
  }

  #isSettled(open: OpenRun, state: RunState, nowMs: number): boolean {
    if (state.status === "active") {
      open.end = null;
      return false;
    }
    const key = `${state.status} ${state.endedAt}`;
    const movedMs = Math.max(
      open.sessionMtimeMs,
      state.status === "cancelled" ? open.readings.worktreeMtimeMs : 0,
    );
    if (open.end?.key !== key) open.end = { key, sinceMs: Math.min(nowMs, movedMs) };
    return nowMs - open.end.sinceMs >= this.#options.settleMs;
  }

  /**
   * Of a run met for the first time: by its own times nobody has written it just now, whatever the file's time says. A
   * home that was copied or unpacked has new files with old contents. Times ahead of the clock are no recent ones, too.
   */
  #isLongWritten(session: SessionFacts, interruptedAt: string | null, nowMs: number): boolean {
    const times = [session.updatedAt, session.completedAt, interruptedAt].map(timeSeconds);
    return times.every((seconds) => seconds === null || Math.abs(nowMs - seconds * 1000) >= this.#options.settleMs);
  }

  *#lookForGone(listing: Listing, look: RunsLook): Generator<readonly EventRecord[]> {
    if (listing === this.#listing && this.#missing.size === 0) return;
    this.#listing = listing;
    const present = new Set(listing.files);
    const missing = new Set<string>();
    for (const id of new Set([...this.#memory.keys(), ...this.#passed.keys(), ...this.#open.keys()])) {
      if (present.has(id + SUFFIX) || this.#isGone(id, look.nowMs)) continue;
      if (!this.#missing.has(id)) {
        missing.add(id);
        continue;
      }
      const last = this.#lastWord(id, look);
      if (last.length > 0) yield last;
      const memory = this.#memory.get(id);
      this.#remember(id, memory, look.nowMs);
      if (memory?.life.phase !== "active") continue;
      const envelope = { runId: id, timestamp: null };
      const jobs = Object.entries(memory.jobs).filter(([, job]) => job.isActive);
      yield [null, ...jobs.map(([jobId]) => jobId)].map((jobId) =>
        stateRecord({ type: "work_abandoned", jobId }, envelope)
      );
    }
    this.#missing = missing;
  }

  /** Of a run that is gone before its end had settled: that end. */
  #lastWord(id: string, look: RunsLook): readonly EventRecord[] {
    const memory = this.#memory.get(id);
    const open = this.#open.get(id);
    if (memory?.life.phase !== "active" || open === undefined || open.session === null || open.end === null) return [];
    open.end = { ...open.end, sinceMs: -Infinity };
    return this.#advance(id, memory, open, open.session, look);
  }

  /** What is gone may come back, as when a home is moved and copied: for a while it is known what was told of it. */
  #remember(id: string, memory: RunMemory | undefined, nowMs: number): void {
    // One that went on is to be looked at when it is back, whatever its session file's time.
    const mtimeMs = memory?.life.phase === "ended" ? this.#open.get(id)?.sessionMtimeMs ?? 0 : 0;
    const run = memory === undefined ? this.#passed.get(id) : passedRun(memory, mtimeMs, nowMs);
    this.#forget(id, this.#pathOf(id));
    if (run !== undefined) this.#passed.set(id, { ...run, goneMs: nowMs });
  }

  /** Whether that it is gone is known; forgets it wholly when it was for long enough. */
  #isGone(id: string, nowMs: number): boolean {
    const goneMs = this.#passed.get(id)?.goneMs;
    if (goneMs === undefined) return false;
    if (Math.abs(nowMs - goneMs) > (this.#options.ignoreOlderThanMs ?? 0)) this.#passed.delete(id);
    return true;
  }

  /** Whether more of it is to be expected soon. */
  #isRestless(id: string, nowMs: number): boolean {
    const open = this.#open.get(id);
    if (open === undefined) return false;
    const memory = this.#memory.get(id);
    if (memory === undefined || open.session === null) return nowMs - open.sessionMtimeMs < RESTLESS_SECONDS * 1000;
    return !isClosed(memory) && (open.end !== null || nowMs / 1000 - memory.life.activitySeconds < RESTLESS_SECONDS);
  }

  #pathOf(id: string): string {
    return `${this.#directory}/${id}${SUFFIX}`;
  }

  #close(id: string): void {
    this.#open.delete(id);
    this.#files.forgetListing(stateDirectoryOf(this.#options, id));
  }

  #forget(id: string, path: string): void {
    this.#memory.delete(id);
    this.#passed.delete(id);
    this.#leftovers.delete(id);
    this.#close(id);
    this.#files.forget(path);
  }
}

/** @param otherwiseMs until when things were told of a run that has not ended */
function passedRun({ life }: RunMemory, mtimeMs: number, otherwiseMs: number): PassedRun {
  const endedSeconds = life.phase === "ended" ? timeSeconds(life.endedAt) : null;
  const toldMs = endedSeconds === null ? otherwiseMs : endedSeconds * 1000;
  return { mtimeMs, isCompleted: life.endStatus === "success", toldMs };
}

function idsOf(listing: Listing): readonly string[] {
  return listing.files.flatMap((file) => file.endsWith(SUFFIX) ? [file.slice(0, -SUFFIX.length)] : []);
}
