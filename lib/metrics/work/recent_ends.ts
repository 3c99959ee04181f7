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
    const ends = this.#ends;
    let at = ends.length - 1;
    while (at >= 0 && !isSameWork(ends[at], end)) at--;
    const known = ends[at];
    if (known !== undefined) {
      if (known.endedAtSeconds > end.endedAtSeconds) return;
      ends.splice(at, 1);
    }
    let place = ends.length;
    while (place > 0 && (ends[place - 1]?.endedAtSeconds ?? 0) > end.endedAtSeconds) place--;
    if (place === ends.length) ends.push(end);
    else ends.splice(place, 0, end);
    if (ends.length > MAX_ENDS) ends.shift();
  }

  saveState(): readonly RecentEnd[] {
    return this.all;
  }

  loadState(state: readonly RecentEnd[]): void {
    this.#ends.splice(0, Infinity, ...state.toReversed());
  }
}

function isSameWork(one: RecentEnd | undefined, other: RecentEnd): boolean {
  return one !== undefined && one.id === other.id && one.kind === other.kind;
}
