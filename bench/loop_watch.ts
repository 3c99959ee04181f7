/** Notes for how long at most nothing else could run: neither lines be read nor scrapes be answered. */
export class LoopWatch implements Disposable {
  longestMs = 0;
  #lastMs = performance.now();
  #isOver = false;

  constructor() {
    void this.#watch();
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const nowMs = performance.now();
      this.longestMs = Math.max(this.longestMs, nowMs - this.#lastMs);
      this.#lastMs = nowMs;
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
  }
}
