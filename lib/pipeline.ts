import { ANSWER_MS, type Answered, NOBODY_ASKS, type Pace, Slices, steadyPace } from "./runtime/event_loop.ts";
import { BlockDecoder, type LineHandler } from "./event/block_decoder.ts";
import type { EventType } from "./event/event.ts";
import type { IdHash } from "./event/id_hash.ts";
import type { EventRecord } from "./event/record.ts";
import type { SeenEvents } from "./event/seen_events.ts";
import type { Fold } from "./metrics/fold.ts";
import { UNKNOWN } from "./metrics/label_values.ts";
import type { OpenWork } from "./metrics/work/open_work.ts";
import type { Batch, LineBatch, Source, SourceName } from "./source/source.ts";
import type { UsageMeaning } from "./store/stored_event.ts";
import type { Notices } from "./telemetry/notices.ts";

/**
 * Takes an event that counted, with the bytes of the line it came from (`null` for state readers), which are good for
 * now only; at once, and without throwing.
 */
export type RecordEvent = (record: EventRecord, line: Uint8Array | null, usage: UsageMeaning | null) => void;

export interface PipelineDeps {
  /** In the order they are looked at: lines before the state readers, whose facts they supersede. */
  readonly sources: readonly Source[];
  readonly seen: SeenEvents;
  readonly work: OpenWork;
  readonly fold: Pick<Fold, "fold">;
  readonly notices: Notices;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

export interface PipelineHooks {
  /** Side branch to the event store; `null`: there is none. */
  readonly record: RecordEvent | null;
  /**
   * Called between batches, when offsets and counts belong together: housekeeping and snapshots go here. Nothing is
   * folded until what it returns settles.
   */
  readonly onTurn: (nowMs: number) => Promise<void> | null;
  /** Lines wait for those who ask. */
  readonly answered: Answered;
  /** Of reading: slices are long when nothing else is to run. */
  readonly pace: Pace;
}

const NO_HOOKS: PipelineHooks = { record: null, onTurn: () => null, answered: NOBODY_ASKS, pace: steadyPace(50) };

/** The way of a line: batch -> events -> once each -> fold. */
export class Pipeline {
  readonly #deps: PipelineDeps;
  readonly #hooks: PipelineHooks;
  readonly #decoder = new BlockDecoder();
  readonly #handler: LineHandler = {
    onRecord: (record) => {
      this.#records++;
      if (this.#isDuplicate(this.#decoder.idHash)) this.#duplicates++;
      else this.#fold(record, true);
    },
    onRejected: ({ rejected, detail }) => {
      this.#rejected++;
      this.#deps.notices.rejected(this.#source, rejected, 1, detail);
    },
  };
  #source: SourceName = "files";
  /** Kept from batch to batch to spare allocations; see `#take`. */
  readonly #byType = new Map<string, { count: number }>();
  #duplicates = 0;
  #superseded = 0;
  #clamped = 0;
  #records = 0;
  #rejected = 0;

  constructor(deps: PipelineDeps, hooks: Partial<PipelineHooks> = {}) {
    this.#deps = deps;
    this.#hooks = { ...NO_HOOKS, ...hooks };
  }

  /**
   * Looks at every source once and folds what they yield. Resolves to whether there was anything: a batch without
   * records is only a moment at which something else may run.
   */
  async round(signal: AbortSignal): Promise<boolean> {
    const { now, work, sources } = this.#deps;
    const { onTurn, answered, pace } = this.#hooks;
    let isBusy = false;
    await answered(ANSWER_MS);
    const slices = new Slices(pace);
    for (const source of sources) {
      work.nowSeconds = now() / 1000;
      for (const batch of source.look(now())) {
        this.#take(batch);
        isBusy ||= batch.kind !== "records" || batch.records.length > 0;
        if (!slices.isOver) continue;
        await onTurn(now());
        await slices.pause();
        work.nowSeconds = now() / 1000;
        // Leaving the generator between batches is safe: what it yielded is folded, the rest is still unread.
        if (signal.aborted) return isBusy;
      }
    }
    await onTurn(now());
    return isBusy;
  }

  /** Folds one batch, all of it before anything else can run; counts are added once per batch. */
  #take(batch: Batch): void {
    const { notices } = this.#deps;
    const { source } = batch;
    switch (batch.kind) {
      case "lines":
        this.#takeLines(batch);
        break;
      case "records":
        for (const record of batch.records) this.#fold(record, false);
        if (batch.read !== undefined) notices.linesRead(source, batch.read.lines, batch.read.sizeBytes);
        break;
      case "rejected":
        notices.linesRead(source, batch.count, 0);
        notices.rejected(source, batch.reason, batch.count, "");
        break;
    }
    this.#settle(source);
  }

  #takeLines({ source, lines, runId, repository = null, sizeBytes }: LineBatch): void {
    this.#source = source;
    this.#decoder.decode(lines, runId, this.#handler, repository);
    this.#deps.notices.linesRead(source, this.#records + this.#rejected, sizeBytes);
  }

  /** An event without an id cannot be told from another one. */
  #isDuplicate(idHash: IdHash | null): boolean {
    return idHash !== null && !this.#deps.seen.add(this.#source === "socket" ? "socket" : "files", idHash);
  }

  #fold(record: EventRecord, isLine: boolean): void {
    const { type } = record.event;
    if (record.durationClamped) this.#clamped++;
    const verdict = this.#deps.fold.fold(record, isLine ? this.#decoder.atSeconds : null);
    // Signs of life, of giving up and of a price that never came are no events.
    if (type === "work_seen" || type === "work_abandoned" || type === "claude_tokens_unpriced") return;
    if (verdict !== "count") this.#superseded++;
    else this.#hooks.record?.(record, isLine ? this.#decoder.line : null, this.#usageOf(type));
    if (verdict === "drop") return;
    const counted = this.#byType.get(type);
    if (counted === undefined) this.#byType.set(type, { count: 1 });
    else counted.count++;
  }

  /** What the fold just made of an event with a cost. */
  #usageOf(type: EventType): UsageMeaning | null {
    if (type !== "claude_token_usage" && type !== "claude_session_completed") return null;
    const { model, workflowName, costUsd } = this.#deps.work;
    return {
      model: model === UNKNOWN ? null : model,
      workflowName: workflowName === UNKNOWN ? null : workflowName,
      costUsd,
    };
  }

  #settle(source: SourceName): void {
    const { notices } = this.#deps;
    if (this.#byType.size > 0) notices.eventsFolded(source, this.#byType);
    if (this.#duplicates > 0) notices.duplicates(source, this.#duplicates);
    if (this.#superseded > 0) notices.superseded(source, this.#superseded);
    if (this.#clamped > 0) notices.durationsClamped(this.#clamped);
    this.#byType.clear();
    this.#duplicates =
      this.#superseded =
      this.#clamped =
      this.#records =
      this.#rejected =
        0;
  }
}
