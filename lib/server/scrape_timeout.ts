/** Prometheus tells with this header after how long it will hang up. It also shows that the client is a Prometheus. */
export const SCRAPE_TIMEOUT_HEADER = "x-prometheus-scrape-timeout-seconds";

/** Prometheus's own default, for those who do not say. */
const DEFAULT_TIMEOUT_SECONDS = 10;
/** More is not waited for, whatever is asked. */
const MAX_TIMEOUT_SECONDS = 300;
/** The answer must have arrived by then, so it is sent so much earlier; other exporters use the same. */
const NETWORK_SECONDS = 0.5;

/** How long an answer may take, in milliseconds. */
export function scrapeTimeoutMs(headers: Headers): number {
  const told = Number(headers.get(SCRAPE_TIMEOUT_HEADER) ?? NaN);
  const seconds = told > 0 ? Math.min(told, MAX_TIMEOUT_SECONDS) : DEFAULT_TIMEOUT_SECONDS;
  // A time-out below a second is a test or a mistake; half of it is then better than none.
  return Math.ceil(Math.max(seconds - NETWORK_SECONDS, seconds / 2) * 1000);
}

/** The promise's value, or `null` when it takes longer. The work goes on: somebody else may be waiting for it. */
export async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
