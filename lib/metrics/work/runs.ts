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
}

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
  readonly #activeByName = new Map<string, number>();

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
      };
      this.#byId.set(id, run);
      this.#forgetOldest();
      this.#found = run;
    }
    return run;
  }

  /** The only way a run's name or activity changes, so that the counts by name stay right. */
  update(run: Run, name: string | null, active: boolean): void {
    if (run.active && run.name !== null) this.#count(run.name, -1);
    if (run.active !== active) this.#move(run, active);
    run.name = name;
    run.active = active;
    if (run.active && run.name !== null) this.#count(run.name, 1);
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
    return this.#activeByName.get(name) ?? 0;
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
      states.push({ ...run, sightings: run.sightings.saveState() });
      if (states.length % RUNS_A_STEP === 0) yield;
    }
    return states;
  }

  loadState(states: readonly RunState[]): void {
    for (const state of states) {
      const sightings = new Sightings();
      sightings.loadState(state.sightings);
      const run: Run = { ...state, toldAtSeconds: state.toldAtSeconds ?? 0, active: false, sightings };
      this.#byId.set(run.id, run);
      this.update(run, state.name, state.active);
    }
    this.#found = undefined;
  }

  #count(name: string, change: number): void {
    const count = (this.#activeByName.get(name) ?? 0) + change;
    if (count === 0) this.#activeByName.delete(name);
    else this.#activeByName.set(name, count);
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
