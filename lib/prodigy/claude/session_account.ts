import { canonicalModel } from "../../metrics/model_id.ts";
import type { Growth } from "./message_maxima.ts";
import type { Place } from "./place.ts";
import type { ResultTotals } from "./result_totals.ts";
import { addUsage, excessUsage, isZeroUsage, maxUsage, NO_USAGE, type TokenUsage, totalTokens } from "./usage.ts";

/** The price table's estimate, as `Prices.estimateUsd`. */
export type EstimateUsd = (model: string | null, usage: TokenUsage, atSeconds: number) => number | null;

/** What to count now. */
export type Charge =
  /** Tokens, and their cost (`null`: no price known, count them as unpriced); 0 also while the cost is held back. */
  | {
    readonly kind: "usage";
    readonly model: string | null;
    readonly usage: TokenUsage;
    readonly costUsd: number | null;
  }
  /** Tokens counted before, of which it is now certain that nobody states their cost. */
  | { readonly kind: "unpriced"; readonly model: string | null; readonly tokens: number };

/** One model's part of a session. */
export interface ModelAccount {
  readonly model: string | null;
  /** Sum over de-duplicated messages. */
  messages: TokenUsage;
  /** Sum over the result lines of the session's streams. */
  stated: TokenUsage;
  /** Given out as charges. */
  counted: TokenUsage;
  statedUsd: number;
  chargedUsd: number;
  /** Estimate of counted tokens whose cost a stream is expected to state. */
  heldUsd: number;
  /** Counted tokens without a known price whose cost a stream is expected to state. */
  heldTokens: number;
}

/**
 * What is known and what was counted of one Claude session, whose messages may be read from a transcript, a stream
 * or both, in any order.
 *
 * Tokens: counted is always the larger of the messages' sum and the streams' totals (message lines can carry early,
 * partial usage). Cost: counters cannot go down and the vendor's figure must stand, so where a stream can be expected
 * (a session in a run's own worktree; agents run without) the estimate is held back, and the stream's figure takes
 * its place. `settle` charges what was held when no stream comes. If one comes later still, only what its figure is
 * higher is charged. Tokens without a known price are likewise told to be unpriced only then, because the vendor's
 * figure could not take that back.
 */
export interface SessionAccount {
  readonly sessionId: string;
  readonly place: Place | null;
  model: string | null;
  /** When it last spoke, Unix time, by its own words: the files of a home that was copied are new. */
  movedSeconds: number;
  /** When it was last heard of here, Unix time: what is read may be old. */
  heardSeconds: number;
  /** Until when a stream may still come, Unix time. */
  waitsUntilSeconds: number;
  /** What was counted of it is not known any more, so that a stream's totals cannot be compared with that. */
  isForgotten: boolean;
  /** A message told an error of the API. */
  hasApiError: boolean;
  /** API errors that result lines told and no message has told yet; the session's transcript still may. */
  resultErrors: number;
  /** A stream ended; its cost, when `covered`, holds for all tokens of the session. */
  end: "open" | "stated" | "covered";
  readonly models: Map<string, ModelAccount>;
}

export function createAccount(sessionId: string, place: Place | null, model: string | null): SessionAccount {
  const unmoved = { movedSeconds: 0, heardSeconds: 0, waitsUntilSeconds: 0, hasApiError: false, resultErrors: 0 };
  return { sessionId, place, model, ...unmoved, isForgotten: false, end: "open", models: new Map() };
}

export function createModelAccount(model: string | null): ModelAccount {
  return {
    model,
    messages: NO_USAGE,
    stated: NO_USAGE,
    counted: NO_USAGE,
    statedUsd: 0,
    chargedUsd: 0,
    heldUsd: 0,
    heldTokens: 0,
  };
}

function modelAccountOf(account: SessionAccount, model: string | null): ModelAccount {
  for (const own of account.models.values()) {
    if (own.model === model) return own;
  }
  // The result line may spell a model as configured, the messages as the API answers.
  const key = model === null ? "" : canonicalModel(model);
  const known = account.models.get(key);
  if (known !== undefined) return known;
  const fresh = createModelAccount(model);
  account.models.set(key, fresh);
  return fresh;
}

/** Counts what a message used more than before. */
export function chargeMessage(
  account: SessionAccount,
  message: { readonly model: string | null; readonly growth: Growth },
  how: { readonly atSeconds: number; readonly streamExpected: boolean; readonly estimateUsd: EstimateUsd },
): Charge | null {
  const own = modelAccountOf(account, message.model);
  own.messages = addUsage(own.messages, excessUsage(message.growth.after, message.growth.before));
  const due = excessUsage(own.messages, own.counted);
  if (isZeroUsage(due)) return null;
  // By whole messages: a price may depend on the length of the prompt.
  const after = how.estimateUsd(message.model, message.growth.after, how.atSeconds);
  const before = how.estimateUsd(message.model, message.growth.before, how.atSeconds);
  const growthUsd = after === null || before === null ? null : Math.max(0, after - before);

  if (account.end === "open" && how.streamExpected) {
    if (growthUsd === null) own.heldTokens += totalTokens(due);
    else own.heldUsd += growthUsd;
    return count(own, due, 0);
  }
  if (account.end === "covered") return count(own, due, 0);
  // Tokens within a stream's totals are paid by it; only those beyond are estimated.
  const costUsd = account.end === "open" ? growthUsd : how.estimateUsd(own.model, due, how.atSeconds);
  own.chargedUsd += costUsd ?? 0;
  return count(own, due, costUsd);
}

/**
 * Takes for counted what was counted of a message under another session, whose transcript has a copy of it: what this
 * one's streams state holds it, too.
 */
export function creditMessage(
  account: SessionAccount,
  message: { readonly model: string | null; readonly usage: TokenUsage },
  how: { readonly atSeconds: number; readonly estimateUsd: EstimateUsd },
): void {
  const own = modelAccountOf(account, message.model);
  own.messages = addUsage(own.messages, message.usage);
  own.counted = addUsage(own.counted, message.usage);
  own.chargedUsd += how.estimateUsd(message.model, message.usage, how.atSeconds) ?? 0;
}

function count(own: ModelAccount, usage: TokenUsage, costUsd: number | null): Charge {
  own.counted = addUsage(own.counted, usage);
  return { kind: "usage", model: own.model, usage, costUsd };
}

const NOTHING_STATED: ResultTotals = { models: [], costUsd: null, isCostOnly: false };

/** Counts what a stream's result line states beyond what was counted. */
export function chargeResult(
  account: SessionAccount,
  stated: ResultTotals,
  how: { readonly atSeconds: number; readonly estimateUsd: EstimateUsd },
): readonly Charge[] {
  const totals = account.isForgotten ? NOTHING_STATED : stated;
  for (const total of totals.models) {
    const own = modelAccountOf(account, total.model ?? account.model);
    own.stated = addUsage(own.stated, total.usage);
    own.statedUsd += total.costUsd;
  }
  const models = [...account.models.values()];
  if (totals.costUsd === null) {
    const charges = settle(account);
    const rest = models.flatMap((own) => {
      const due = excessUsage(maxUsage(own.messages, own.stated), own.counted);
      if (isZeroUsage(due)) return [];
      const costUsd = how.estimateUsd(own.model, due, how.atSeconds);
      own.chargedUsd += costUsd ?? 0;
      return [count(own, due, costUsd)];
    });
    if (account.end === "open") account.end = "stated";
    return [...charges, ...rest];
  }
  account.end = totals.isCostOnly ? "covered" : "stated";
  const missing = models.map((own) => Math.max(0, own.statedUsd - own.chargedUsd));
  const allowed = sum(models.map((own) => own.statedUsd)) - sum(models.map((own) => own.chargedUsd));
  const share = Math.max(0, Math.min(1, allowed / (sum(missing) || 1)));
  return models.flatMap((own, index) => {
    const costUsd = (missing[index] ?? 0) * share;
    own.heldUsd = 0;
    own.heldTokens = 0;
    own.chargedUsd += costUsd;
    const due = excessUsage(maxUsage(own.messages, own.stated), own.counted);
    return isZeroUsage(due) && costUsd === 0 ? [] : [count(own, due, costUsd)];
  });
}

function sum(parts: readonly number[]): number {
  return parts.reduce((total, part) => total + part, 0);
}

/** Whether the account waits for a stream. */
export function isHeld(account: SessionAccount): boolean {
  for (const own of account.models.values()) {
    if (own.heldUsd > 0 || own.heldTokens > 0) return true;
  }
  return false;
}

/** Gives up waiting for a stream: what was held is charged as estimated, or told to be unpriced. */
export function settle(account: SessionAccount): readonly Charge[] {
  return [...account.models.values()].flatMap((own) => {
    const charges: Charge[] = [];
    if (own.heldTokens > 0) charges.push({ kind: "unpriced", model: own.model, tokens: own.heldTokens });
    if (own.heldUsd > 0) charges.push({ kind: "usage", model: own.model, usage: NO_USAGE, costUsd: own.heldUsd });
    own.chargedUsd += own.heldUsd;
    own.heldUsd = 0;
    own.heldTokens = 0;
    return charges;
  });
}
