import { textHash } from "../../event/text_hash.ts";

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

interface Remembered {
  readonly end: RecentEnd;
  readonly idHash: number;
}

const MAX_ENDS = 20;

/** What ended last, however many came in between; for people, as metrics tell of no single run. */
export class RecentEnds {
  /** Oldest first: what comes next is nearly always the newest. */
  readonly #ends: Remembered[] = [];

  /** Newest first. */
  get all(): readonly RecentEnd[] {
    return this.#ends.map(({ end }) => end).reverse();
  }

  /** The latest end of a run that ended several times counts. History comes in any order. */
  add(end: RecentEnd): void {
    const ends = this.#ends;
    const remembered = { end, idHash: textHash(end.id) };
    let at = ends.length - 1;
    while (at >= 0 && !isSameWork(ends[at], remembered)) at--;
    const known = ends[at];
    if (known !== undefined) {
      if (known.end.endedAtSeconds > end.endedAtSeconds) return;
      ends.splice(at, 1);
    }
    let place = ends.length;
    while (place > 0 && (ends[place - 1]?.end.endedAtSeconds ?? 0) > end.endedAtSeconds) place--;
    if (place === ends.length) ends.push(remembered);
    else ends.splice(place, 0, remembered);
    if (ends.length > MAX_ENDS) ends.shift();
  }

  saveState(): readonly RecentEnd[] {
    return this.all;
  }

  loadState(state: readonly RecentEnd[]): void {
    this.#ends.length = 0;
    for (const end of state.toReversed()) this.add(end);
  }
}

/** Nearly always not, which the hashes tell at once. */
function isSameWork(one: Remembered | undefined, { end, idHash }: Remembered): boolean {
  return one !== undefined && one.idHash === idHash && one.end.id === end.id && one.end.kind === end.kind;
}
