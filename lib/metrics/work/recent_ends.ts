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

const MAX_ENDS = 20;

/** What ended last, however many came in between; for people, as metrics tell of no single run. */
export class RecentEnds {
  /** Oldest first: what comes next is nearly always the newest. Some more than are told, which go together. */
  readonly #ends: RecentEnd[] = [];
  /** Of their ids: what comes next is nearly never among them, which these tell at once. */
  readonly #hashes: number[] = [];

  /** Newest first. */
  get all(): readonly RecentEnd[] {
    return this.#ends.slice(-MAX_ENDS).reverse();
  }

  /** The latest end of a run that ended several times counts. History comes in any order. */
  add(end: RecentEnd): void {
    const ends = this.#ends;
    const hash = textHash(end.id);
    const known = this.#placeOf(end, hash);
    if (known !== -1) {
      if (isLater(ends[known], end)) return;
      this.#remove(known, 1);
    }
    let place = ends.length;
    while (place > 0 && isLater(ends[place - 1], end)) place--;
    if (place === ends.length) {
      ends.push(end);
      this.#hashes.push(hash);
    } else {
      ends.splice(place, 0, end);
      this.#hashes.splice(place, 0, hash);
    }
    if (ends.length >= 2 * MAX_ENDS) this.#remove(0, ends.length - MAX_ENDS);
  }

  saveState(): readonly RecentEnd[] {
    return this.all;
  }

  loadState(state: readonly RecentEnd[]): void {
    this.#remove(0, this.#ends.length);
    for (const end of state.toReversed()) this.add(end);
  }

  /** Of the same run or job; -1 when it is not here. */
  #placeOf({ id, kind }: RecentEnd, hash: number): number {
    let place = this.#hashes.indexOf(hash);
    while (place !== -1 && !(this.#ends[place]?.id === id && this.#ends[place]?.kind === kind)) {
      place = this.#hashes.indexOf(hash, place + 1);
    }
    return place;
  }

  #remove(place: number, count: number): void {
    this.#ends.splice(place, count);
    this.#hashes.splice(place, count);
  }
}

function isLater(one: RecentEnd | undefined, other: RecentEnd): boolean {
  return one !== undefined && one.endedAtSeconds > other.endedAtSeconds;
}
