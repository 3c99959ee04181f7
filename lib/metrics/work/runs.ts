import { textHash } from "../../event/text_hash.ts";
import type { Capture } from "../capture.ts";
import { TextMap } from "../text_map.ts";
import { Chain, type Link } from "./chain.ts";
import { Sightings, type SightingsState } from "./precedence.ts";

export interface RunState {
  readonly id: string;
  readonly name: string | null;
  readonly active: boolean;
  readonly movedAtSeconds: number;
  readonly toldAtSeconds?: number;
  readonly totalSteps: number | null;
  readonly stepsDone: number;
  readonly startedAtSeconds: number | null;
  readonly endedAtSeconds: number | null;
  readonly sightings: SightingsState;
}

/** One workflow run. */
export class Run implements Link<Run> {
  /** `null` until a source told it. */
  name: string | null = null;
  active = false;
  /** When it last moved, Unix seconds; 0 when nothing told. */
  movedAtSeconds = 0;
  /** The latest time its events told, Unix seconds; 0 when none did. */
  toldAtSeconds = 0;
  totalSteps: number | null = null;
  stepsDone = 0;
  startedAtSeconds: number | null = null;
  endedAtSeconds: number | null = null;
  readonly sightings = new Sightings();
  /** Of those that are active under its name; `null` while it is not, or has none. */
  tally: Tally | null = null;
  /** Of those that are active, or of the others. */
  chain: Chain<Run> | null = null;
  previous: Run | null = null;
  next: Run | null = null;
  /** Of its id, which nobody asked about for long when the run is forgotten. */
  idHash: number;
  #id: string;

  constructor(id: string) {
    this.#id = id;
    this.idHash = textHash(id);
  }

  get id(): string {
    return this.#id;
  }

  /** Makes it another run that nothing is known of yet: see `Runs`. It must be in no chain. */
  begin(id: string): this {
    this.#id = id;
    this.idHash = textHash(id);
    this.name = null;
    this.active = false;
    this.tally = null;
    this.#load(NEW_RUN);
    return this;
  }

  saveState(): RunState {
    return {
      id: this.id,
      name: this.name,
      active: this.active,
      movedAtSeconds: this.movedAtSeconds,
      toldAtSeconds: this.toldAtSeconds,
      totalSteps: this.totalSteps,
      stepsDone: this.stepsDone,
      startedAtSeconds: this.startedAtSeconds,
      endedAtSeconds: this.endedAtSeconds,
      sightings: this.sightings.saveState(),
    };
  }

  /** All but its name and whether it is active, which `Runs` must know of. */
  static fromState(state: RunState): Run {
    const run = new Run(state.id);
    run.#load(state);
    return run;
  }

  #load(state: RunState): void {
    this.movedAtSeconds = state.movedAtSeconds;
    this.toldAtSeconds = state.toldAtSeconds ?? 0;
    this.totalSteps = state.totalSteps;
    this.stepsDone = state.stepsDone;
    this.startedAtSeconds = state.startedAtSeconds;
    this.endedAtSeconds = state.endedAtSeconds;
    this.sightings.loadState(state.sightings);
  }
}

const NEW_RUN = new Run("").saveState();

/** How many runs are active under a name. */
interface Tally {
  readonly name: string;
  count: number;
  /** It is among those that are found by name. */
  isKept: boolean;
}

/** Ended runs are remembered for their names (late usage) and against counting them again; the oldest go first. */
const MAX_REMEMBERED_RUNS = 20_000;
/** Nobody runs so many workflows at one time; past it those that moved longest ago are given up. */
const MAX_ACTIVE_RUNS = 5_000;
const RUNS_A_STEP = 500;

/**
 * All runs by id, and how many are active under each name.
 *
 * Of a run that is forgotten the next new one is made: in a flood of them V8 would move thousands a second to its old
 * generation, to find there that they are garbage.
 */
export class Runs {
  readonly #byId = new TextMap<Run>();
  /** What was found last: the lines of a run come together. */
  #found: Run | undefined = undefined;
  /** In the order they became active in. */
  readonly #active = new Chain<Run>();
  /** In the order they became known, or inactive, in: the first are forgotten. */
  readonly #inactive = new Chain<Run>();
  readonly #tallies = new TextMap<Tally>();
  /**
   * What changed last is asked for next. It is kept with the others when another one changes: of a run that ends before
   * that, its name is not looked for at all.
   */
  #tally: Tally = { name: "", count: 0, isKept: false };

  get(id: string): Run | undefined {
    if (id === this.#found?.id) return this.#found;
    return this.#found = this.#byId.get(id);
  }

  find(id: string): Run {
    let run = this.get(id);
    if (run === undefined) {
      run = this.#forgetOldest()?.begin(id) ?? new Run(id);
      this.#byId.set(id, run);
      this.#inactive.add(run);
      this.#found = run;
    }
    return run;
  }

  /** The only way a run's name or activity changes, so that the counts by name stay right. */
  update(run: Run, name: string | null, active: boolean): void {
    (active ? this.#active : this.#inactive).add(run);
    run.name = name;
    run.active = active;
    const named = active ? name : null;
    if (run.tally !== null && run.tally.name !== named) this.#leave(run, run.tally);
    if (run.tally === null && named !== null) this.#join(run, named);
  }

  activeCount(name: string): number {
    return this.#tallyOf(name)?.count ?? 0;
  }

  get isCrowded(): boolean {
    return this.#active.size > MAX_ACTIVE_RUNS;
  }

  /** A copy, so any of them may end meanwhile. */
  active(): readonly Run[] {
    return [...this.#active];
  }

  *all(): Generator<Run> {
    yield* this.#active;
    yield* this.#inactive;
  }

  *capture(): Capture<readonly RunState[]> {
    const states: RunState[] = [];
    for (const run of this.all()) {
      states.push(run.saveState());
      if (states.length % RUNS_A_STEP === 0) yield;
    }
    return states;
  }

  loadState(states: readonly RunState[]): void {
    for (const state of states) {
      const run = Run.fromState(state);
      this.#byId.set(run.id, run);
      this.update(run, state.name, state.active);
    }
    this.#found = undefined;
  }

  #join(run: Run, name: string): void {
    const tally = this.#tallyOf(name) ?? { name, count: 0, isKept: false };
    tally.count++;
    run.tally = tally;
    this.#takeInHand(tally);
  }

  #leave(run: Run, tally: Tally): void {
    tally.count--;
    run.tally = null;
    if (tally.count === 0 && tally.isKept) tally.isKept = !this.#tallies.delete(tally.name);
    this.#takeInHand(tally);
  }

  #tallyOf(name: string): Tally | undefined {
    return name === this.#tally.name ? this.#tally : this.#tallies.get(name);
  }

  #takeInHand(tally: Tally): void {
    const former = this.#tally;
    if (former === tally) return;
    if (former.count > 0 && !former.isKept) {
      this.#tallies.set(former.name, former);
      former.isKept = true;
    }
    this.#tally = tally;
  }

  /** As many as are too many with one more. @returns the last of them; `null` when there is room. */
  #forgetOldest(): Run | null {
    let oldest: Run | null = null;
    while (this.#inactive.size >= MAX_REMEMBERED_RUNS) {
      oldest = this.#inactive.takeFirst();
      if (oldest !== null) this.#byId.delete(oldest.id, oldest.idHash);
    }
    return oldest;
  }
}
