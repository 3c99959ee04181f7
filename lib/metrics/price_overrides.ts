import { canonicalModel } from "./model_id.ts";
import type { PriceRow } from "./price_table.ts";

/** What the user's price rows came to: rows, or every problem with them. */
export type PriceOverrides =
  | { readonly kind: "rows"; readonly rows: readonly PriceRow[] }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

type Table = Readonly<Record<string, unknown>>;
type Report = (problem: string) => void;

const RATE_KEYS = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"] as const;
const KEYS: readonly string[] = ["from", "prompt_over", ...RATE_KEYS];
/** A rate beyond this is a mistake in the unit. */
const MAX_USD_PER_MILLION = 10_000;
const MAX_ROWS = 1_000;

/**
 * Checks prices as written in the config: a table from the start of a model's name to its row, or to a list of rows
 * for prices that changed. A row has the five rates in USD per million tokens, and optionally `from` (a day) and
 * `prompt_over` (tokens).
 */
export function parsePriceOverrides(value: unknown): PriceOverrides {
  if (value === undefined || value === null) return { kind: "rows", rows: [] };
  if (!isTable(value)) return { kind: "problems", problems: ["prices must be a table from model to price"] };
  const problems: string[] = [];
  const rows: PriceRow[] = [];
  for (const [model, rowOrRows] of Object.entries(value)) {
    const list: readonly unknown[] = Array.isArray(rowOrRows) ? rowOrRows : [rowOrRows];
    for (const row of list) {
      rows.push(parseRow(model, row, (problem) => problems.push(`${JSON.stringify(model.slice(0, 80))}: ${problem}`)));
      if (rows.length > MAX_ROWS) return { kind: "problems", problems: [`prices must be at most ${MAX_ROWS} rows`] };
    }
  }
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "rows", rows };
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function parseRow(model: string, value: unknown, report: Report): PriceRow {
  const row: Table = isTable(value) ? value : {};
  if (model.trim() === "" || model.length > 200) report("must be the start of a model's name");
  for (const key of Object.keys(row)) {
    if (!KEYS.includes(key)) report(`${JSON.stringify(key.slice(0, 80))} is none of ${KEYS.join(", ")}`);
  }
  return {
    // Any spelling of the model will do; a final dash has a meaning and is kept.
    modelPrefix: canonicalModel(model),
    from: parseFrom(row["from"], report),
    promptOver: parsePromptOver(row["prompt_over"], report),
    input: parseRate(row, "input", report),
    output: parseRate(row, "output", report),
    cacheWrite5m: parseRate(row, "cache_write_5m", report),
    cacheWrite1h: parseRate(row, "cache_write_1h", report),
    cacheRead: parseRate(row, "cache_read", report),
    source: "config",
  };
}

function parseRate(row: Table, key: typeof RATE_KEYS[number], report: Report): number {
  const raw = row[key];
  const rate = typeof raw === "bigint" ? Number(raw) : raw;
  if (typeof rate === "number" && rate >= 0 && rate <= MAX_USD_PER_MILLION) return rate;
  report(`${key} must be USD per million tokens, from 0 to ${MAX_USD_PER_MILLION}`);
  return 0;
}

function parseFrom(raw: unknown, report: Report): string | null {
  if (raw === undefined || raw === null) return null;
  const text = raw instanceof Date && !Number.isNaN(raw.getTime()) ? raw.toISOString().slice(0, 10) : raw;
  if (typeof text === "string" && isDay(text)) return text;
  report("from must be a day such as 2026-10-07");
  return null;
}

/** Whether `text` is a day of the calendar: JavaScript itself turns February 30 into March 2. */
function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function parsePromptOver(raw: unknown, report: Report): number | null {
  if (raw === undefined || raw === null) return null;
  const tokens = typeof raw === "bigint" ? Number(raw) : raw;
  if (typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
  report("prompt_over must be a whole number of tokens");
  return null;
}
