import { canonicalModel } from "./model_id.ts";
import { PRICE_TABLE, type PriceRow } from "./price_table.ts";

/** Tokens of one or more messages. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  /** All cache writes, of which `cacheCreation1hTokens` are kept for one hour. */
  readonly cacheCreationTokens: number;
  readonly cacheCreation1hTokens: number;
}

export interface Prices {
  /**
   * What `usage` costs by list price.
   *
   * @param usage One message's, as a price may depend on the length of its prompt.
   * @param atSeconds Unix time the tokens were used.
   * @returns USD, or `null` when no price is known for the model.
   */
  estimateUsd(model: string | null, usage: TokenUsage, atSeconds: number): number | null;
}

/** Models whose rows are remembered, as finding them takes longer than the sum. */
const MAX_MODELS = 1_000;

/**
 * Prices by the built-in table and the user's rows.
 *
 * The longest matching prefix decides, then the user's row before the built-in one, then the row for longer prompts,
 * then the later date. A prefix ends where a part of the name ends, and a number after it is another version:
 * `claude-opus-4` prices `claude-opus-4` and `claude-opus-4-preview`, but not `claude-opus-4-9`, because a wrong price
 * would go unnoticed where a missing one is counted. `claude-opus-4-` prices every minor version.
 */
export function createPrices(overrides: readonly PriceRow[]): Prices {
  const rows = [...overrides, ...PRICE_TABLE].map((row, order) => ({
    ...row,
    order,
    fromSeconds: row.from === null ? -Infinity : Date.parse(`${row.from}T00:00:00Z`) / 1000,
    overTokens: row.promptOver ?? -1,
    own: row.source === "config",
  })).sort((a, b) =>
    b.modelPrefix.length - a.modelPrefix.length || Number(b.own) - Number(a.own) || b.overTokens - a.overTokens ||
    b.fromSeconds - a.fromSeconds || a.order - b.order
  );
  const rowsOf = new Map<string, readonly (typeof rows)[number][]>();
  const findRows = (model: string): readonly (typeof rows)[number][] => {
    const known = rowsOf.get(model);
    if (known !== undefined) return known;
    const name = canonicalModel(model);
    const found = rows.filter((row) => hasPrefix(name, row.modelPrefix));
    // Model names come from files, so there is no end to them.
    if (rowsOf.size >= MAX_MODELS) rowsOf.clear();
    rowsOf.set(model, found);
    return found;
  };
  return {
    estimateUsd(model, usage, atSeconds): number | null {
      if (model === null) return null;
      const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
      const row = findRows(model).find((row) => row.fromSeconds <= atSeconds && row.overTokens < prompt);
      return row === undefined ? null : costUsd(row, usage);
    },
  };
}

function hasPrefix(name: string, prefix: string): boolean {
  if (!name.startsWith(prefix)) return false;
  return name.length === prefix.length || prefix.endsWith("-") || /^-(?!\d)/.test(name.slice(prefix.length));
}

function costUsd(row: PriceRow, usage: TokenUsage): number {
  const for1h = Math.min(usage.cacheCreation1hTokens, usage.cacheCreationTokens);
  const microUsd = usage.inputTokens * row.input + usage.outputTokens * row.output +
    usage.cacheReadTokens * row.cacheRead +
    (usage.cacheCreationTokens - for1h) * row.cacheWrite5m + for1h * row.cacheWrite1h;
  return microUsd / 1e6;
}
