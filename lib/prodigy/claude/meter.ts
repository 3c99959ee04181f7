import type { Event } from "../../event/event.ts";
import type { EventRecord } from "../../event/record.ts";
import { append } from "../append.ts";
import { isFields } from "./fields.ts";
import type { AssistantLine, ClaudeLine, ResultLine } from "./line.ts";
import { MessageMaxima } from "./message_maxima.ts";
import type { Place } from "./place.ts";
import { SeenIds } from "./seen_ids.ts";
import {
  type Charge,
  chargeMessage,
  chargeResult,
  creditMessage,
  type EstimateUsd,
  isHeld,
  type SessionAccount,
  settle,
} from "./session_account.ts";
import { SessionAccounts } from "./session_accounts.ts";
import { packUsage } from "./usage.ts";

/**
 * How long a session must be silent before no stream is expected any more. A stream is written when its command ends,
 * and between two of Claude's answers lie at most a tool's and a request's time-out, ten minutes each by default.
 */
const QUIET_SECONDS = 20 * 60;
/** A stream without a result line is no longer being written, and states nothing, after this long at rest. */
const STREAM_REST_SECONDS = 30;

/**
 * How long a session that nothing is heard of is remembered: what a resumed one uses after that counts as a new
 * session's would. Counted from when it was read, as a home that is copied brings old sessions piece by piece.
 */
const REMEMBERED_SECONDS = 7 * 24 * 3600;

/** Where a line stands. */
export interface LineContext {
  readonly place: Place | null;
  /** From the line, or the time its stream began. */
  readonly timestamp: string | null;
  /** The file's name without its extension; stands for the session in lines that name none. */
  readonly fileStem: string;
  readonly isStream: boolean;
  /** It is a stream's last line, whole and without a newline: the command is over. */
  readonly isStreamEnd: boolean;
  /** When the file last moved, Unix time; stands in for a timestamp. */
  readonly movedSeconds: number;
  /** When the line is read, Unix time. */
  readonly readSeconds: number;
}

interface Told {
  readonly event: Event;
  /** See `EventRecord.factId`: of what a stream and a transcript may both tell. */
  readonly factId: string | null;
}

/** Turns lines of streams and transcripts into events, each message, tool call, error and session once. */
export class ClaudeMeter {
  readonly #estimateUsd: EstimateUsd;
  readonly #seen = new SeenIds();
  readonly #messages = new MessageMaxima(this.#seen);
  readonly #accounts = new SessionAccounts();

  constructor(estimateUsd: EstimateUsd) {
    this.#estimateUsd = estimateUsd;
  }

  fold(line: ClaudeLine, context: LineContext): readonly EventRecord[] {
    const sessionId = line.sessionId ?? context.fileStem;
    const isNew = this.#accounts.find(sessionId) === undefined;
    const account = this.#accounts.open(sessionId, context.place, line.kind === "result" ? null : line.model);
    if (isNew) account.isForgotten = this.#seen.has(factOfSession(sessionId));
    const atSeconds = context.timestamp === null ? context.movedSeconds : Date.parse(context.timestamp) / 1000;
    account.movedSeconds = Math.max(account.movedSeconds, atSeconds);
    account.heardSeconds = context.readSeconds;
    const waitsUntilSeconds = context.isStream ? context.movedSeconds + STREAM_REST_SECONDS : atSeconds + QUIET_SECONDS;
    account.waitsUntilSeconds = context.isStreamEnd ? 0 : Math.max(account.waitsUntilSeconds, waitsUntilSeconds);
    const records = Array.from(this.#foldLine(line, account, context, atSeconds), ({ event, factId }): EventRecord => ({
      ...recordOf(event, sessionId, context.place, context.timestamp),
      factId,
    }));
    return [...records, ...this.#accounts.takeOldest().flatMap((oldest) => this.#settle(oldest))];
  }

  *#foldLine(line: ClaudeLine, account: SessionAccount, context: LineContext, atSeconds: number): Iterable<Told> {
    yield* this.#foldStart(line, account, context.place);
    if (line.kind === "assistant") yield* this.#foldAssistant(line, account, context, atSeconds);
    if (line.kind !== "result" || !this.#isNewResult(line, context)) return;
    // Only streams tell results.
    for (const event of this.#foldResult(line, account, atSeconds)) yield { event, factId: null };
  }

  *#foldStart(line: ClaudeLine, { sessionId }: SessionAccount, place: Place | null): Iterable<Told> {
    const factId = factOfSession(sessionId);
    if (!this.#seen.add(factId)) return;
    const model = line.kind === "result" ? null : line.model;
    yield { event: { type: "claude_session_started", agentId: place?.agentId ?? null, sessionId, model }, factId };
  }

  *#foldAssistant(
    line: AssistantLine,
    account: SessionAccount,
    context: LineContext,
    atSeconds: number,
  ): Iterable<Told> {
    const agentId = context.place?.agentId ?? null;
    if (line.usage !== null && line.messageId !== null) {
      // A stream's totals hold all of its messages, a transcript's copies belong to whoever told them first.
      const foreign = context.isStream ? this.#messages.takeOver(line.messageId, account.sessionId) : null;
      const how = { atSeconds, estimateUsd: this.#estimateUsd };
      if (foreign !== null) creditMessage(account, { model: line.model, usage: foreign }, how);
      const growth = this.#messages.grow(line.messageId, line.usage, account.sessionId);
      const payer = growth === null ? account : this.#accounts.find(growth.sessionId) ?? account;
      const charge = growth === null ? null : chargeMessage(payer, { model: line.model, growth }, {
        atSeconds,
        streamExpected: context.isStream || (context.place !== null && agentId === null),
        estimateUsd: this.#estimateUsd,
      });
      if (growth !== null && charge !== null) {
        const factId = `usage ${line.messageId} ${packUsage(growth.after).join(" ")}`;
        yield { event: eventOf(charge, context.place), factId };
      }
    }
    for (const { id, name } of line.tools) {
      if (id !== null && !this.#seen.add(id)) continue;
      const event: Event = { type: "claude_tool_invoked", agentId, toolName: name, toolId: id };
      yield { event, factId: id === null ? null : `tool ${id}` };
    }
    if (line.errorType === null) return;
    account.hasApiError = true;
    const factId = line.messageId === null ? null : `error ${line.messageId}`;
    if (factId !== null && !this.#seen.add(factId)) return;
    // In a stream an error stands before the result that tells it, so that it is never an earlier result's.
    if (!context.isStream && account.resultErrors > 0) {
      account.resultErrors--;
      return;
    }
    const event: Event = { type: "claude_error", errorType: line.errorType, sessionId: account.sessionId, agentId };
    yield { event, factId };
  }

  /** Whether the result is neither a copy of a known one nor a later one of its file; to be asked once. */
  #isNewResult(line: ResultLine, context: LineContext): boolean {
    // A stream's later totals would include its first ones; the messages after those are counted by themselves.
    const isFirst = this.#seen.add(`result ${context.fileStem}`);
    const isCopy = line.resultId !== null && !this.#seen.add(`result id ${line.resultId}`);
    return isFirst && !isCopy;
  }

  *#foldResult(line: ResultLine, account: SessionAccount, atSeconds: number): Iterable<Event> {
    const { sessionId, place } = account;
    const agentId = place?.agentId ?? null;
    for (const charge of chargeResult(account, line.totals, { atSeconds, estimateUsd: this.#estimateUsd })) {
      yield eventOf(charge, place);
    }
    if (line.errorType !== null && !(line.isApiError && account.hasApiError)) {
      if (line.isApiError) account.resultErrors++;
      yield { type: "claude_error", errorType: line.errorType, sessionId, agentId };
    }
    yield {
      type: "claude_session_completed",
      sessionId,
      agentId,
      status: line.status,
      model: account.model,
      // Counted by model, with the tokens.
      costUsd: null,
      durationSeconds: line.durationSeconds,
    };
  }

  /**
   * Charges the sessions that waited for a stream in vain.
   *
   * @param nowSeconds Unix time; `Infinity` gives up all waiting.
   */
  settle(nowSeconds: number): readonly EventRecord[] {
    const records: EventRecord[] = [];
    for (const account of this.#accounts.values()) {
      const leftSeconds = account.waitsUntilSeconds - nowSeconds;
      // Of what was said at a time ahead of the clock nobody knows how long ago it was.
      const isOver = leftSeconds <= 0 || leftSeconds > QUIET_SECONDS;
      if (isOver && isHeld(account)) append(records, this.#settle(account));
    }
    return records;
  }

  /** Drops sessions that nothing was heard of for long; to be called after `settle`. */
  forget(nowSeconds: number): void {
    this.#accounts.dropBefore(nowSeconds - REMEMBERED_SECONDS);
  }

  #settle(account: SessionAccount): readonly EventRecord[] {
    const { sessionId, place } = account;
    const timestamp = new Date(account.movedSeconds * 1000).toISOString();
    return settle(account).map((charge) => recordOf(eventOf(charge, place), sessionId, place, timestamp));
  }

  save(): unknown {
    return { seen: this.#seen.save(), messages: this.#messages.save(), sessions: this.#accounts.save() };
  }

  /** @throws {TypeError} when `state` is not what `save` gave. */
  load(state: unknown): void {
    if (!isFields(state)) throw new TypeError("Cannot load Claude usage as it must be an object");
    this.#seen.load(state["seen"]);
    this.#messages.load(state["messages"]);
    this.#accounts.load(state["sessions"]);
  }
}

function factOfSession(sessionId: string): string {
  return `session ${sessionId}`;
}

function eventOf(charge: Charge, place: Place | null): Event {
  const { model } = charge;
  if (charge.kind === "unpriced") return { type: "claude_tokens_unpriced", model, tokens: charge.tokens };
  return {
    type: "claude_token_usage",
    agentId: place?.agentId ?? null,
    ...charge.usage,
    model,
    // The fold knows the run's name.
    workflowName: null,
    jobId: place?.jobId ?? null,
    costUsd: charge.costUsd,
  };
}

/** The Claude session's id is the correlation id: so the fold can tell a session that event lines told, too. */
function recordOf(event: Event, sessionId: string, place: Place | null, timestamp: string | null): EventRecord {
  return {
    id: null,
    timestamp,
    correlationId: sessionId,
    runId: place?.runId ?? null,
    origin: "state",
    event,
    durationClamped: false,
  };
}
