import { MAX_TOKENS } from "../../event/fields.ts";
import type { TokenUsage } from "../../metrics/prices.ts";
import { amountAt, type Fields, objectAt } from "./fields.ts";

/** Field-wise arithmetic on what messages used. */
export type { TokenUsage };

export const NO_USAGE: TokenUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  cacheCreation1hTokens: 0,
};

function combine(a: TokenUsage, b: TokenUsage, operation: (a: number, b: number) => number): TokenUsage {
  return {
    inputTokens: operation(a.inputTokens, b.inputTokens),
    outputTokens: operation(a.outputTokens, b.outputTokens),
    cacheReadTokens: operation(a.cacheReadTokens, b.cacheReadTokens),
    cacheCreationTokens: operation(a.cacheCreationTokens, b.cacheCreationTokens),
    cacheCreation1hTokens: operation(a.cacheCreation1hTokens, b.cacheCreation1hTokens),
  };
}

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return combine(a, b, (a, b) => a + b);
}

export function maxUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return combine(a, b, Math.max);
}

/** What `a` has more than `b`, never negative. */
export function excessUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return combine(a, b, (a, b) => Math.max(0, a - b));
}

export function totalTokens(usage: TokenUsage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
}

export function isZeroUsage(usage: TokenUsage): boolean {
  return totalTokens(usage) === 0;
}

/** Reads the API's `usage` object; what is absent or no whole number counts as 0. */
export function readApiUsage(usage: Fields): TokenUsage {
  const creation = objectAt(usage, "cache_creation");
  const cacheCreation1hTokens = tokensAt(creation, "ephemeral_1h_input_tokens");
  const cacheCreationParts = tokensAt(creation, "ephemeral_5m_input_tokens") + cacheCreation1hTokens;
  return {
    inputTokens: tokensAt(usage, "input_tokens"),
    outputTokens: tokensAt(usage, "output_tokens"),
    cacheReadTokens: tokensAt(usage, "cache_read_input_tokens"),
    // Either may be missing: the sum or its parts.
    cacheCreationTokens: Math.max(tokensAt(usage, "cache_creation_input_tokens"), cacheCreationParts),
    cacheCreation1hTokens,
  };
}

/** Reads one model's entry of a result line's `modelUsage`. */
export function readModelUsage(usage: Fields): TokenUsage {
  return {
    inputTokens: tokensAt(usage, "inputTokens"),
    outputTokens: tokensAt(usage, "outputTokens"),
    cacheReadTokens: tokensAt(usage, "cacheReadInputTokens"),
    cacheCreationTokens: tokensAt(usage, "cacheCreationInputTokens"),
    // Not stated by model; the messages tell it.
    cacheCreation1hTokens: 0,
  };
}

function tokensAt(usage: Fields, key: string): number {
  const tokens = amountAt(usage, key);
  return tokens !== null && Number.isInteger(tokens) && tokens <= MAX_TOKENS ? tokens : 0;
}

/** As five numbers, for the saved state. */
export function packUsage(usage: TokenUsage): readonly number[] {
  return [
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens,
    usage.cacheCreationTokens,
    usage.cacheCreation1hTokens,
  ];
}

/** @throws {TypeError} when `packed` is not what `packUsage` gave. */
export function unpackUsage(packed: unknown): TokenUsage {
  if (!Array.isArray(packed) || packed.length !== 5 || !packed.every((part) => Number.isSafeInteger(part))) {
    throw new TypeError("Cannot load Claude usage as it must be five whole numbers");
  }
  const [inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheCreationTokens = 0, cacheCreation1hTokens = 0] =
    // Checked just above: whole numbers.
    packed as readonly number[];
  return { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens, cacheCreation1hTokens };
}
