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
  #ends: readonly RecentEnd[] = [];

  /** Newest first. */
  get all(): readonly RecentEnd[] {
    return this.#ends;
  }

  /** The latest end of a run that ended several times counts. History comes in any order. */
  add(end: RecentEnd): void {
    const known = this.#ends.find((one) => one.kind === end.kind && one.id === end.id);
    if (known !== undefined && known.endedAtSeconds > end.endedAtSeconds) return;
    const others = this.#ends.filter((one) => one !== known);
    const after = others.findIndex((one) => one.endedAtSeconds <= end.endedAtSeconds);
    this.#ends = others.toSpliced(after === -1 ? others.length : after, 0, end).slice(0, MAX_ENDS);
  }

  saveState(): readonly RecentEnd[] {
    return this.#ends;
  }

  loadState(state: readonly RecentEnd[]): void {
    this.#ends = state;
  }
}
