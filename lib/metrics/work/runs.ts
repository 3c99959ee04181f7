import { Sightings, type SightingsState } from "./precedence.ts";

export interface RunState {
  readonly id: string;
  readonly name: string | null;
  readonly active: boolean;
  readonly movedAtSeconds: number;
  readonly lastTimestamp: string | null;
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
  /** When it last moved, Unix seconds; see also `lastTimestamp`. */
  movedAtSeconds: number;
  /** Time of its latest event read as history, RFC 3339. */
  lastTimestamp: string | null;
  totalSteps: number | null;
  stepsDone: number;
  startedAtSeconds: number | null;
  endedAtSeconds: number | null;
  readonly sightings: Sightings;
}

/** Ended runs are remembered for their names (late usage) and against counting them again; the oldest go first. */
const MAX_REMEMBERED_RUNS = 20_000;

/** All runs by id, and how many are active under each name. */
export class Runs {
  readonly #byId = new Map<string, Run>();
  readonly #active = new Map<string, number>();

  get(id: string): Run | undefined {
    return this.#byId.get(id);
  }

  find(id: string): Run {
    let run = this.#byId.get(id);
    if (run === undefined) {
      run = {
        id,
        name: null,
        active: false,
        movedAtSeconds: 0,
        lastTimestamp: null,
        totalSteps: null,
        stepsDone: 0,
        startedAtSeconds: null,
        endedAtSeconds: null,
        sightings: new Sightings(),
      };
      this.#byId.set(id, run);
    }
    return run;
  }

  /** The only way a run's name or activity changes, so that the counts by name stay right. */
  update(run: Run, name: string | null, active: boolean): void {
    if (run.active && run.name !== null) this.#count(run.name, -1);
    run.name = name;
    run.active = active;
    if (run.active && run.name !== null) this.#count(run.name, 1);
  }

  activeCount(name: string): number {
    return this.#active.get(name) ?? 0;
  }

  all(): IterableIterator<Run> {
    return this.#byId.values();
  }

  prune(): void {
    if (this.#byId.size <= MAX_REMEMBERED_RUNS) return;
    const ended = [...this.#byId.values()].filter((run) => !run.active);
    ended.sort((a, b) => a.movedAtSeconds - b.movedAtSeconds);
    for (const run of ended.slice(0, this.#byId.size - MAX_REMEMBERED_RUNS)) this.#byId.delete(run.id);
  }

  saveState(): readonly RunState[] {
    return Array.from(this.#byId.values(), (run) => ({ ...run, sightings: run.sightings.saveState() }));
  }

  loadState(states: readonly RunState[]): void {
    for (const state of states) {
      const sightings = new Sightings();
      sightings.loadState(state.sightings);
      const run: Run = { ...state, active: false, sightings };
      this.#byId.set(run.id, run);
      this.update(run, state.name, state.active);
    }
  }

  #count(name: string, change: number): void {
    const count = (this.#active.get(name) ?? 0) + change;
    if (count === 0) this.#active.delete(name);
    else this.#active.set(name, count);
  }
}
