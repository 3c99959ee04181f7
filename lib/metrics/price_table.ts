/** State of the built-in prices; printed wherever the table is shown. */
export const PRICE_TABLE_DATE = "2026-11";

/** What one model costs from a day on, in USD per million tokens. */
export interface PriceRow {
  /** Canonical start of a model id (`canonicalModel()`); see `createPrices()` for what it matches. */
  readonly modelPrefix: string;
  /** First day (UTC, `YYYY-MM-DD`) of this price; `null`: always. */
  readonly from: string | null;
  /** The row holds for messages whose prompt has more tokens than this; `null`: for all. */
  readonly promptOver: number | null;
  readonly input: number;
  readonly output: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Stated for each model: no fixed share of `input` (a tenth for most, a fortieth for some). */
  readonly cacheRead: number;
  /** `vendor`: from the vendor's pricing page; `secondary`: from elsewhere; `config`: the user's. */
  readonly source: "vendor" | "secondary" | "config";
}

type Rates = readonly [input: number, write5m: number, write1h: number, read: number, output: number];
type Condition = Partial<Pick<PriceRow, "from" | "promptOver">>;

function rows(
  source: PriceRow["source"],
  modelPrefixes: readonly string[],
  [input, cacheWrite5m, cacheWrite1h, cacheRead, output]: Rates,
  { from = null, promptOver = null }: Condition = {},
): readonly PriceRow[] {
  const price = { from, promptOver, input, output, cacheWrite5m, cacheWrite1h, cacheRead, source };
  return modelPrefixes.map((modelPrefix) => ({ modelPrefix, ...price }));
}

/** List prices without batch discount. A trailing dash takes in all minor versions of a generation. */
export const PRICE_TABLE: readonly PriceRow[] = [
  ...rows("vendor", ["claude-fable-5-1", "claude-mythos-5-1"], [10, 12.5, 20, 0.25, 50]),
  ...rows("vendor", ["claude-fable-5", "claude-mythos-5"], [10, 12.5, 20, 1, 50]),

  ...rows("secondary", ["claude-opus-5-5"], [4, 5, 8, 0.2, 20]),
  ...rows("vendor", ["claude-opus-5", "claude-opus-4-8", "claude-opus-4-7"], [5, 6.25, 10, 0.5, 25]),
  ...rows("vendor", ["claude-opus-4-6", "claude-opus-4-5"], [5, 6.25, 10, 0.5, 25]),
  ...rows("vendor", ["claude-opus-4-1", "claude-opus-4", "claude-opus-4-0"], [15, 18.75, 30, 1.5, 75]),
  ...rows("vendor", ["claude-3-opus"], [15, 18.75, 30, 1.5, 75]),

  ...rows("secondary", ["claude-sonnet-5-5"], [2, 2.5, 4, 0.2, 10]),
  ...rows("secondary", ["claude-sonnet-5-5"], [2, 2.5, 4, 0.1, 10], { from: "2026-10-07" }),
  ...rows("vendor", ["claude-sonnet-5"], [2, 2.5, 4, 0.2, 10]),
  ...rows("vendor", ["claude-sonnet-4", "claude-sonnet-4-", "claude-3-7-sonnet"], [3, 3.75, 6, 0.3, 15]),

  ...rows("secondary", ["claude-haiku-5-5"], [0.1, 0.125, 0.2, 0.01, 0.5]),
  // For long prompts only input and output are published; the cache prices keep their ratio to input.
  ...rows("secondary", ["claude-haiku-5-5"], [0.5, 0.625, 1, 0.05, 2.5], { promptOver: 100_000 }),
  ...rows("vendor", ["claude-haiku-4-5"], [1, 1.25, 2, 0.1, 5]),
  ...rows("vendor", ["claude-3-5-haiku"], [0.8, 1, 1.6, 0.08, 4]),
  ...rows("vendor", ["claude-3-haiku"], [0.25, 0.3, 0.5, 0.03, 1.25]),
];
