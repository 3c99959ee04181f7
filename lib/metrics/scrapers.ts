/** A scraper that missed so many of its intervals is gone. */
const MISSED_INTERVALS = 2.5;
/** For a scraper seen only once: longer than the usual scrape intervals. */
const ASSUMED_INTERVAL_MS = 60_000;

/** Key of a scraper that scraped before a restart. */
const FORMER = "former:";

/** Interval in milliseconds of each scraper, `null` while unknown. */
export type ScrapersState = readonly (number | null)[];

interface Scraper {
  lastMs: number;
  intervalMs: number | null;
  /** Numbers of the last two renderings it was shown. */
  last: number;
  beforeLast: number;
}

/**
 * Which scrapers there are and what they have seen. Two Prometheus servers may scrape at their own pace; what must not
 * be missed has been seen only when each of them has.
 *
 * Renderings are numbered in one sequence; scrapers that ask at the same time are shown one and the same, and have seen
 * what was there when it began, whenever they joined it. A scraper is known by its connection (address and port), which Prometheus keeps
 * open between scrapes; one that reconnects is a new one, and the old one is waited for until it is overdue.
 */
export class Scrapers {
  readonly #scrapers = new Map<string, Scraper>();
  #sequence = 0;
  #anonymousLast = 0;
  #anonymousBeforeLast = 0;

  /** Number of the last rendering. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Numbers a rendering; to be called right before it begins. */
  begin(): number {
    return ++this.#sequence;
  }

  /** Notes that a scraper is shown the rendering of this number. */
  saw(scraper: string, nowMs: number, rendering: number): void {
    const known = this.#scrapers.get(scraper);
    if (known === undefined) {
      const former = this.#scrapers.keys().find((key) => key.startsWith(FORMER));
      if (former !== undefined) this.#scrapers.delete(former);
      this.#scrapers.set(scraper, { lastMs: nowMs, intervalMs: null, last: rendering, beforeLast: 0 });
      return;
    }
    // Shown the same twice, it has still seen it once.
    if (rendering <= known.last) return;
    known.intervalMs = nowMs - known.lastMs;
    known.lastMs = nowMs;
    known.beforeLast = known.last;
    known.last = rendering;
  }

  /** Whether any Prometheus scrapes. */
  hasAny(nowMs: number): boolean {
    return this.#oldest(nowMs, () => 1) > 0;
  }

  /** As `saw`, of something that is no Prometheus and cannot be told from others: all of them are one. */
  sawAnonymous(rendering: number): void {
    if (rendering <= this.#anonymousLast) return;
    this.#anonymousBeforeLast = this.#anonymousLast;
    this.#anonymousLast = rendering;
  }

  /** As `seenTwiceSince`, of those that are no Prometheus. */
  get anonymousSeenTwiceSince(): number {
    return this.#anonymousBeforeLast;
  }

  /** Every scraper has scraped at least once since this number; 0 when there is none. */
  seenOnceSince(nowMs: number): number {
    return this.#oldest(nowMs, (scraper) => scraper.last);
  }

  /** Every scraper has scraped at least twice since this number; 0 when there is none. */
  seenTwiceSince(nowMs: number): number {
    return this.#oldest(nowMs, (scraper) => scraper.beforeLast);
  }

  saveState(): ScrapersState {
    return Array.from(this.#scrapers.values(), ({ intervalMs }) => intervalMs);
  }

  /** After a restart the same scrapers come back over new connections: so many are waited for. */
  loadState(state: ScrapersState, nowMs: number): void {
    for (const [index, intervalMs] of state.entries()) {
      this.#scrapers.set(`${FORMER}${index}`, { lastMs: nowMs, intervalMs, last: 0, beforeLast: 0 });
    }
  }

  #oldest(nowMs: number, of: (scraper: Scraper) => number): number {
    let oldest = Infinity;
    for (const [key, scraper] of this.#scrapers) {
      if (nowMs - scraper.lastMs > MISSED_INTERVALS * (scraper.intervalMs ?? ASSUMED_INTERVAL_MS)) {
        this.#scrapers.delete(key);
      } else oldest = Math.min(oldest, of(scraper));
    }
    return oldest === Infinity ? 0 : oldest;
  }
}
