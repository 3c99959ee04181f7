/** So many looks in a row without news, ten seconds of them by default, and the next ones come more rarely. */
const LOOKS_UNTIL_QUIET = 50;
const QUIET_FACTOR = 5;
/** But no more rarely than this for being quiet: a line is on the metrics before anybody asks for them again. */
const LONGEST_QUIET_MS = 1_000;

/**
 * How long to wait before the next look: where nothing happens, most of what a look costs is waking up for it.
 * @param looksInVain how many in a row have found nothing
 */
export function restMs(pollIntervalMs: number, looksInVain: number): number {
  if (looksInVain < LOOKS_UNTIL_QUIET) return pollIntervalMs;
  return Math.max(pollIntervalMs, Math.min(LONGEST_QUIET_MS, QUIET_FACTOR * pollIntervalMs));
}

/** Decides when the sources are looked at again: after an interval, or as soon as somebody knows of news. */
export class Pacer {
  #wake: (() => void) | null = null;
  #isWoken = false;

  /** Ends the present or the next wait at once. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Waits for so long, or until woken. Resolves to whether it was woken. */
  async wait(intervalMs: number): Promise<boolean> {
    if (!this.#isWoken) await this.#sleep(intervalMs);
    const wasWoken = this.#isWoken;
    this.#isWoken = false;
    return wasWoken;
  }

  #sleep(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
