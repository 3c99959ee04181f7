/** Decides when the sources are looked at again: after an interval, or as soon as somebody knows of news. */
export class Pacer {
  #wake: (() => void) | null = null;
  #isWoken = false;

  /** Ends the present or the next wait at once. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Waits until woken, aborted, or for so long. */
  wait(intervalMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#wake = null;
        this.#isWoken = false;
        resolve();
      };
      const timer = setTimeout(end, intervalMs);
      this.#wake = end;
      if (this.#isWoken || signal.aborted) end();
      else signal.addEventListener("abort", end);
    });
  }
}
