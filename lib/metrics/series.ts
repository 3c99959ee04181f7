import type { Exemplar } from "./exemplar.ts";

/** What one series counts. A histogram's `counts` are per bucket (not cumulative), the last one is +Inf. */
export interface Amount {
  value: number;
  readonly counts: Float64Array | null;
}

export interface Series {
  readonly labels: readonly string[];
  readonly amount: Amount;
  /** What scrapers are still shown, and since which scrape; `null` once the true amount may be shown. */
  frozen: { readonly amount: Amount; readonly sequence: number } | null;
  /** The last event of each bucket, as far as there is one; `null` while there is none. */
  exemplars: (Exemplar | undefined)[] | null;
  /** What its lines say before each of their values, by format; `null` until it is first shown. */
  readonly stems: { text: readonly string[] | null; openmetrics: readonly string[] | null };
  /** It is shown no more; whoever still holds it must look for the one that is. */
  isRemoved: boolean;
}

export interface AmountState {
  readonly value: number;
  readonly counts?: readonly number[];
}
export interface SeriesState extends AmountState {
  readonly labels: readonly string[];
  /** Whose a shared gauge is: raw label values, and what they were last set to. */
  readonly parts?: readonly Part[];
  readonly frozen?: AmountState;
}

export type Part = readonly [raw: readonly string[], lastSet: number];

export function copyAmount(amount: Amount): Amount {
  return { value: amount.value, counts: amount.counts === null ? null : amount.counts.slice() };
}

export function amountOf({ value, counts }: AmountState): Amount {
  return { value, counts: counts === undefined ? null : Float64Array.from(counts) };
}

export function assignAmount(amount: Amount, { value, counts }: AmountState): void {
  amount.value = value;
  if (counts !== undefined) amount.counts?.set(counts);
}

export function amountState(amount: Amount): AmountState {
  return amount.counts === null ? { value: amount.value } : { value: amount.value, counts: Array.from(amount.counts) };
}

/** @param thawBelow as if it had been thawed with it. */
export function seriesState({ labels, amount, frozen }: Series, thawBelow: number): SeriesState {
  const state = { labels, ...amountState(amount) };
  return frozen === null || frozen.sequence < thawBelow ? state : { ...state, frozen: amountState(frozen.amount) };
}
