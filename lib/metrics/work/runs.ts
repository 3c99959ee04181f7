import type { Capture } from "../capture.ts";
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
export interface Run {
  readonly id: string;
  /** `null` until a source told it. */
  name: string | null;
  active: boolean;
  /** When it last moved, Unix seconds; 0 when nothing told. */
  movedAtSeconds: number;
  /** The latest time its events told, Unix seconds; 0 when none did. */
  toldAtSeconds: number;
  totalSteps: number | null;
  stepsDone: number;
  startedAtSeconds: number | null;
  endedAtSeconds: number | null;
  readonly sightings: Sightings;
  /** Of those that are active under its name; `null` while it is not, or has none. */
  tally: Tally | null;
}

/** How many runs are active under a name. */
interface Tally {
  readonly name: string;
  count: number;
}
const NO_TALLY: Tally = { name: "", count: 0 };

/** Ended runs are remembered for their names (late usage) and against counting them again; the oldest go first. */
const MAX_REMEMBERED_RUNS = 20_000;
/** Nobody runs so many workflows at one time; past it those that moved longest ago are given up. */
const MAX_ACTIVE_RUNS = 5_000;
const RUNS_A_STEP = 500;

/** All runs by id, and how many are active under each name. */
export class Runs {
  /** In the order they became known, or inactive, in: those that are not active are forgotten from the front. */
  readonly #byId = new Map<string, Run>();
  /** What was found last: the lines of a run come together. */
  #found: Run | undefined = undefined;
  /** In the order they became active in. */
  readonly #active = new Set<Run>();
  readonly #tallies = new Map<string, Tally>();
  /** What changed last is asked for next. */
  #tally = NO_TALLY;

  get(id: string): Run | undefined {
    if (id === this.#found?.id) return this.#found;
    return this.#found = this.#byId.get(id);
  }

  find(id: string): Run {
    let run = this.get(id);
    if (run === undefined) {
      run = {
        id,
        name: null,
        active: false,
        movedAtSeconds: 0,
        toldAtSeconds: 0,
        totalSteps: null,
        stepsDone: 0,
        startedAtSeconds: null,
        endedAtSeconds: null,
        sightings: new Sightings(),
        tally: null,
      };
      this.#byId.set(id, run);
      this.#forgetOldest();
      this.#found = run;
    }
    return run;
  }

  /** The only way a run's name or activity changes, so that the counts by name stay right. */
  update(run: Run, name: string | null, active: boolean): void {
    if (run.active !== active) this.#move(run, active);
    run.name = name;
    run.active = active;
    const named = active ? name : null;
    if (run.tally !== null && run.tally.name !== named) this.#leave(run, run.tally);
    if (run.tally === null && named !== null) this.#join(run, named);
  }

  #move(run: Run, active: boolean): void {
    if (active) {
      this.#active.add(run);
      return;
    }
    this.#active.delete(run);
    this.#byId.delete(run.id);
    this.#byId.set(run.id, run);
  }

  activeCount(name: string): number {
    return (name === this.#tally.name ? this.#tally : this.#tallies.get(name))?.count ?? 0;
  }

  get isCrowded(): boolean {
    return this.#active.size > MAX_ACTIVE_RUNS;
  }

  /** A copy, so any of them may end meanwhile. */
  active(): readonly Run[] {
    return [...this.#active];
  }

  all(): IterableIterator<Run> {
    return this.#byId.values();
  }

  *capture(): Capture<readonly RunState[]> {
    const states: RunState[] = [];
    for (const run of this.#byId.values()) {
      states.push(stateOf(run));
      if (states.length % RUNS_A_STEP === 0) yield;
    }
    return states;
  }

  loadState(states: readonly RunState[]): void {
    for (const state of states) {
      const sightings = new Sightings();
      sightings.loadState(state.sightings);
      const run: Run = { ...state, toldAtSeconds: state.toldAtSeconds ?? 0, active: false, sightings, tally: null };
      this.#byId.set(run.id, run);
      this.update(run, state.name, state.active);
    }
    this.#found = undefined;
  }

  #join(run: Run, name: string): void {
    let tally = this.#tallies.get(name);
    if (tally === undefined) this.#tallies.set(name, tally = { name, count: 0 });
    tally.count++;
    this.#tally = run.tally = tally;
  }

  #leave(run: Run, tally: Tally): void {
    tally.count--;
    if (tally.count === 0) this.#tallies.delete(tally.name);
    this.#tally = tally;
    run.tally = null;
  }

  #forgetOldest(): void {
    // Many at a time: a map must pass over all it has forgotten to find its first.
    if (this.#byId.size - this.#active.size < MAX_REMEMBERED_RUNS * 1.1) return;
    for (const run of this.#byId.values()) {
      if (this.#byId.size - this.#active.size <= MAX_REMEMBERED_RUNS) break;
      if (!run.active) this.#byId.delete(run.id);
    }
  }
}

function stateOf(run: Run): RunState {
  return {
    id: run.id,
    name: run.name,
    active: run.active,
    movedAtSeconds: run.movedAtSeconds,
    toldAtSeconds: run.toldAtSeconds,
    totalSteps: run.totalSteps,
    stepsDone: run.stepsDone,
    startedAtSeconds: run.startedAtSeconds,
    endedAtSeconds: run.endedAtSeconds,
    sightings: run.sightings.saveState(),
  };
}
