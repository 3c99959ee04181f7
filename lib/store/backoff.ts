export interface BackoffOptions {
  readonly firstMs: number;
  readonly capMs: number;
}

/**
 * How long to wait before the next try: exponential with full jitter, so that exporters that lost the same database do
 * not come back to it at the same moment.
 *
 * @param failures so far in a row, at least 1
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: number, { firstMs, capMs }: BackoffOptions): number {
  return random * Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 30));
}
