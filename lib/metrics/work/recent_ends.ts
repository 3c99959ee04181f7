/** A workflow run or MapReduce job that ended. */
export interface RecentEnd {
  readonly kind: "workflow" | "job";
  /** Tells it from others of its kind. */
  readonly id: string;
  /** The label it has in metrics. */
  readonly name: string;
  /** `interrupted`: cancelled, or given up as dead. */
  readonly outcome: "completed" | "failed" | "interrupted";
  readonly endedAtSeconds: number;
  readonly durationSeconds: number | null;
}

const MAX_ENDS = 20;

/** What ended last, however many came in between; for people, as metrics tell of no single run. */
export class RecentEnds {
  /** Oldest first: what comes next is nearly always the newest. */
  readonly #ends: RecentEnd[] = [];

  /** Newest first. */
  get all(): readonly RecentEnd[] {
    return this.#ends.toReversed();
  }

  /** The latest end of a run that ended several times counts. History comes in any order. */
  add(end: RecentEnd): void {
    const at = this.#ends.findLastIndex((one) => one.id === end.id && one.kind === end.kind);
    const known = this.#ends[at];
    if (known !== undefined) {
      if (known.endedAtSeconds > end.endedAtSeconds) return;
      this.#ends.splice(at, 1);
    }
    const before = this.#ends.findLastIndex((one) => one.endedAtSeconds <= end.endedAtSeconds);
    if (before === this.#ends.length - 1) this.#ends.push(end);
    else this.#ends.splice(before + 1, 0, end);
    if (this.#ends.length > MAX_ENDS) this.#ends.shift();
  }

  saveState(): readonly RecentEnd[] {
    return this.all;
  }

  loadState(state: readonly RecentEnd[]): void {
    this.#ends.splice(0, Infinity, ...state.toReversed());
  }
}
