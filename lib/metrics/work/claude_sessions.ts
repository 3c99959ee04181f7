import type { Origin } from "../../event/record.ts";
import { IdHash } from "../../event/id_hash.ts";
import type { LineText } from "../../event/line_text.ts";
import { SeenIds } from "../../event/seen_ids.ts";
import type { Capture } from "../capture.ts";
import { Recent, RecentSet, type RecentState } from "./recent.ts";
import type { Verdict } from "./precedence.ts";

export interface ClaudeSessionsState {
  readonly byLines: ByFact<readonly string[]>;
  readonly byState: ByFact<readonly string[]>;
  readonly models: RecentState<string>;
  readonly current: RecentState<string>;
  readonly charged: RecentState<number>;
}

const MAX_SESSIONS = 20_000;
const MAX_TOOL_IDS = 65_536;
const MAX_CORRELATIONS = 1_000;

/** Kinds of facts about a session; a source that tells one of them says nothing about the others. */
const SESSION_FACTS = ["usage", "error", "end"] as const;
export type SessionFact = (typeof SESSION_FACTS)[number];
type ByFact<T> = { readonly [F in SessionFact]: T };

/**
 * What is known of Claude sessions, so that each kind of fact about one is counted from one kind of source only.
 *
 * Prodigy's own usage events name neither message nor session; only `claude_session_started` does, for the lines that
 * follow it from the same process (`correlation_id`). So usage told by lines silences the transcripts' usage of that
 * session, and lines about a session already read from a transcript are not counted again.
 */
export class ClaudeSessions {
  readonly #byLines = recentByFact();
  readonly #byState = recentByFact();
  readonly #models = new Recent<string>(MAX_CORRELATIONS);
  readonly #current = new Recent<string>(MAX_CORRELATIONS);
  readonly #charged = new Recent<number>(MAX_CORRELATIONS);
  readonly #toolHash = new IdHash();
  readonly #toolsByLines = new SeenIds(MAX_TOOL_IDS);
  readonly #toolsByState = new SeenIds(MAX_TOOL_IDS);

  started(origin: Origin, sessionId: string, correlationId: string | null, model: string | null): void {
    if (origin === "state" || correlationId === null) return;
    this.#current.set(correlationId, sessionId);
    if (model !== null) this.#models.set(correlationId, model);
  }

  /** For what names no session. State records carry the Claude session's id as their correlation id. */
  judge(origin: Origin, fact: SessionFact, correlationId: string | null): Verdict {
    if (correlationId === null) return "count";
    const sessionId = origin === "state" ? correlationId : this.#current.get(correlationId);
    return sessionId === undefined ? "count" : this.judgeSession(origin, fact, sessionId);
  }

  judgeSession(origin: Origin, fact: SessionFact, sessionId: string): Verdict {
    const isState = origin === "state";
    if ((isState ? this.#byLines : this.#byState)[fact].has(sessionId)) return isState ? "drop" : "gauges_only";
    (isState ? this.#byState : this.#byLines)[fact].add(sessionId);
    return "count";
  }

  /** A tool call has an id of its own, which tells a call read from a transcript from one told by lines. */
  judgeTool(origin: Origin, toolId: string | LineText | null): Verdict {
    if (toolId === null) return "count";
    const hash = typeof toolId === "string" ? this.#toolHash.ofText(toolId) : toolId.hash(this.#toolHash);
    if (origin === "state") {
      if (this.#toolsByLines.hasHash(hash)) return "drop";
      this.#toolsByState.addHash(hash);
      return "count";
    }
    this.#toolsByLines.addHash(hash);
    return this.#toolsByState.hasHash(hash) ? "gauges_only" : "count";
  }

  /** Remembers cost counted for usage, under whatever links it to the end of its session. */
  charge(link: string | null, usd: number): void {
    if (usd > 0) this.#charged.set(link ?? "", (this.#charged.get(link ?? "") ?? 0) + usd);
  }

  /**
   * What a session's stated cost adds to the cost already counted for its usage; a counter cannot be corrected down.
   *
   * @param links what usage of the session may have been charged under; the first that was counts.
   */
  settle(links: readonly (string | null)[], statedUsd: number): number {
    const link = links.find((one) => this.#charged.has(one ?? "")) ?? "";
    const charged = this.#charged.get(link) ?? 0;
    this.#charged.set(link, Math.max(0, charged - statedUsd));
    return Math.max(0, statedUsd - charged);
  }

  modelOf(correlationId: string | null): string | null {
    return correlationId === null ? null : this.#models.get(correlationId) ?? null;
  }

  *capture(): Capture<ClaudeSessionsState> {
    const byLines = yield* captureFacts(this.#byLines);
    const byState = yield* captureFacts(this.#byState);
    const models = this.#models.saveState();
    yield;
    const current = this.#current.saveState();
    yield;
    return { byLines, byState, models, current, charged: this.#charged.saveState() };
  }

  loadState(state: ClaudeSessionsState): void {
    for (const fact of SESSION_FACTS) {
      this.#byLines[fact].loadState(state.byLines[fact]);
      this.#byState[fact].loadState(state.byState[fact]);
    }
    this.#models.loadState(state.models);
    this.#current.loadState(state.current);
    this.#charged.loadState(state.charged);
  }
}

function* captureFacts(facts: ByFact<RecentSet>): Capture<ByFact<readonly string[]>> {
  const usage = facts.usage.saveState();
  yield;
  const error = facts.error.saveState();
  yield;
  const end = facts.end.saveState();
  yield;
  return { usage, error, end };
}

function mapFacts<T>(make: (fact: SessionFact) => T): ByFact<T> {
  return { usage: make("usage"), error: make("error"), end: make("end") };
}

function recentByFact(): ByFact<RecentSet> {
  return mapFacts(() => new RecentSet(MAX_SESSIONS));
}
