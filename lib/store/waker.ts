/** Lets loops sleep until something happens, or some time has passed. */
export class Waker {
  #sleepers: (() => void)[] = [];

  /** Wakes all that wait now. */
  wake(): void {
    const sleepers = this.#sleepers;
    if (sleepers.length === 0) return;
    this.#sleepers = [];
    for (const rise of sleepers) rise();
  }

  /** @param longestMs `null`: as long as nothing wakes it */
  async wait(longestMs: number | null): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.push(resolve);
    const timer = longestMs === null ? undefined : setTimeout(() => this.wake(), longestMs);
    await promise;
    clearTimeout(timer);
  }
}
