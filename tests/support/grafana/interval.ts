/** How Grafana turns a time range and a panel's width into the step of a query (rangeUtil.ts, models.go). */
export interface Interval {
  readonly stepSeconds: number;
  readonly rateIntervalSeconds: number;
}

/** Upper ends of what is rounded to the second number, in milliseconds. */
const ROUNDED: readonly (readonly [below: number, to: number])[] = [
  [1_500, 1_000],
  [3_500, 2_000],
  [7_500, 5_000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
];
/** Prometheus refuses more points in one answer. */
const MAX_POINTS = 11_000;
/** A panel's default is as many points as it is wide; a board on a usual screen has about so many pixels a column. */
const PIXELS_OF_A_COLUMN = 75;

/** @param scrapeIntervalSeconds as the data source is told in `timeInterval`. */
export function intervalOf(
  rangeSeconds: number,
  panel: { readonly maxDataPoints?: number; readonly gridPos: { readonly w: number } },
  scrapeIntervalSeconds: number,
): Interval {
  const points = panel.maxDataPoints ?? panel.gridPos.w * PIXELS_OF_A_COLUMN;
  const ms = rangeSeconds * 1000 / points;
  const rounded = (ROUNDED.find(([below]) => ms < below)?.[1] ?? 43_200_000) / 1000;
  const stepSeconds = Math.max(rounded, scrapeIntervalSeconds, Math.ceil(rangeSeconds / MAX_POINTS));
  return {
    stepSeconds,
    rateIntervalSeconds: Math.max(stepSeconds + scrapeIntervalSeconds, 4 * scrapeIntervalSeconds),
  };
}
