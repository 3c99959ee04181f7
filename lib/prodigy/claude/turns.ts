/** So many hot and so many cold entries are looked at in one poll, at 5 to 10 us each. */
const HOT_PER_POLL = 200;
const COLD_PER_POLL = 150;

/** Spreads looks at many entries over polls: each is due once in as few polls as the limits allow, hot ones sooner. */
export class Turns {
  #polls = 0;
  #hot = { index: 0, stride: 1 };
  #cold = { index: 0, stride: 1 };

  /** Begins a poll of so many entries. */
  begin(hotCount: number, count: number): void {
    this.#polls++;
    this.#hot = { index: 0, stride: Math.max(1, Math.ceil(hotCount / HOT_PER_POLL)) };
    this.#cold = { index: 0, stride: Math.max(1, Math.ceil((count - hotCount) / COLD_PER_POLL)) };
  }

  /** To be asked once for each entry, in the same order in every poll. */
  isDue(isHot: boolean): boolean {
    const group = isHot ? this.#hot : this.#cold;
    return group.index++ % group.stride === this.#polls % group.stride;
  }
}
