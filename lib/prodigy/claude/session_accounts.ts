import { isFields } from "./fields.ts";
import type { Place } from "./place.ts";
import { createAccount, createModelAccount, type ModelAccount, type SessionAccount } from "./session_account.ts";
import { excessUsage, isZeroUsage, packUsage, unpackUsage } from "./usage.ts";

/** Sessions kept; the one not touched for longest is given up first. */
export const OPEN_SESSIONS = 4_096;

/** The accounts of the newest Claude sessions. */
export class SessionAccounts {
  readonly #accounts = new Map<string, SessionAccount>();

  find(sessionId: string): SessionAccount | undefined {
    return this.#accounts.get(sessionId);
  }

  open(sessionId: string, place: Place | null, model: string | null): SessionAccount {
    const account = this.#accounts.get(sessionId) ?? createAccount(sessionId, place, model);
    account.model ??= model;
    this.#accounts.delete(sessionId);
    this.#accounts.set(sessionId, account);
    return account;
  }

  /** Removes the sessions beyond the limit, for a last settlement. */
  takeOldest(): readonly SessionAccount[] {
    const taken: SessionAccount[] = [];
    for (const [sessionId, account] of this.#accounts) {
      if (this.#accounts.size <= OPEN_SESSIONS) break;
      this.#accounts.delete(sessionId);
      taken.push(account);
    }
    return taken;
  }

  values(): Iterable<SessionAccount> {
    return this.#accounts.values();
  }

  /** Removes the sessions that were not heard of since this Unix time. */
  dropBefore(heardBeforeSeconds: number): void {
    for (const [sessionId, { heardSeconds }] of this.#accounts) {
      if (heardSeconds < heardBeforeSeconds) this.#accounts.delete(sessionId);
    }
  }

  save(): unknown {
    return [...this.#accounts.values()].map((account) => ({ ...account, models: [...account.models].map(saveModel) }));
  }

  /** @throws {TypeError} when `state` is not what `save` gave. */
  load(state: unknown): void {
    if (!Array.isArray(state)) throw new TypeError("Cannot load Claude sessions as they must be a list");
    this.#accounts.clear();
    for (const row of state) {
      const account = readAccount(row);
      this.#accounts.set(account.sessionId, account);
    }
  }
}

/** In a short form: most sessions have counted just what their messages tell, and no stream. */
function saveModel([key, own]: readonly [string, ModelAccount]): unknown {
  const { model, messages, stated, counted, statedUsd, chargedUsd, heldUsd, heldTokens } = own;
  const isPlain = isZeroUsage(stated) && isZeroUsage(excessUsage(messages, counted));
  return [
    [key, model, statedUsd, chargedUsd, heldUsd, heldTokens],
    packUsage(messages),
    ...isPlain ? [] : [packUsage(stated), packUsage(counted)],
  ];
}

function readAccount(row: unknown): SessionAccount {
  const problem = new TypeError("Cannot load a Claude session as its fields must be as saved");
  if (!isFields(row)) throw problem;
  const { sessionId, place, model, movedSeconds, waitsUntilSeconds, hasApiError, end, models } = row;
  // States saved before these were kept have none.
  const { resultErrors = 0, heardSeconds = movedSeconds, isForgotten = false } = row;
  if (typeof sessionId !== "string" || !isTextOrNull(model) || typeof movedSeconds !== "number") throw problem;
  if (typeof waitsUntilSeconds !== "number" || typeof resultErrors !== "number") throw problem;
  if (typeof heardSeconds !== "number" || typeof isForgotten !== "boolean") throw problem;
  if (typeof hasApiError !== "boolean" || !(end === "open" || end === "stated" || end === "covered")) throw problem;
  if (!Array.isArray(models)) throw problem;
  return {
    sessionId,
    place: readPlace(place),
    model,
    movedSeconds,
    heardSeconds,
    waitsUntilSeconds,
    isForgotten,
    hasApiError,
    resultErrors,
    end,
    models: new Map(models.map(readModel)),
  };
}

/** @throws {TypeError} when `value` is neither a place nor null. */
export function readPlace(value: unknown): Place | null {
  if (value === null) return null;
  const { runId, jobId, agentId } = isFields(value) ? value : {};
  if (isTextOrNull(runId) && isTextOrNull(jobId) && isTextOrNull(agentId)) return { runId, jobId, agentId };
  throw new TypeError("Cannot load a place as it must have three ids");
}

function readModel(row: unknown): readonly [string, ModelAccount] {
  const [names, packedMessages, ...rest]: readonly unknown[] = Array.isArray(row) ? row : [];
  const [key, model, statedUsd, chargedUsd, heldUsd, heldTokens]: readonly unknown[] = Array.isArray(names)
    ? names
    : [];
  if (
    typeof key !== "string" || !isTextOrNull(model) || typeof statedUsd !== "number" ||
    typeof chargedUsd !== "number" || typeof heldUsd !== "number" || typeof heldTokens !== "number"
  ) throw new TypeError("Cannot load a model's account as its fields must be as saved");
  const messages = unpackUsage(packedMessages);
  const amounts = { statedUsd, chargedUsd, heldUsd, heldTokens };
  const own = { ...createModelAccount(model), messages, counted: messages, ...amounts };
  if (rest.length === 0) return [key, own];
  return [key, { ...own, stated: unpackUsage(rest[0]), counted: unpackUsage(rest[1]) }];
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}
