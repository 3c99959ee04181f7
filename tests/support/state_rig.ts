import type { Event } from "../../lib/event/event.ts";
import type { EventRecord } from "../../lib/event/record.ts";
import { createStateSource, type StateSource, type StateSourceOptions } from "../../lib/prodigy/state_source.ts";
import { RunSimulator } from "./run_simulator.ts";

/** Long before and after everything the simulator does. */
export const RIG_START_MS = Date.parse("2026-11-24T08:10:00Z");

export type RigOptions = Partial<Omit<StateSourceOptions, "homeProdigy">>;

/** A scratch home with a simulated Prodigy, a state source on it and one clock for both. */
export class StateRig implements Disposable {
  readonly home: string = Deno.makeTempDirSync({ prefix: "state_rig_" });
  readonly clock = { nowMs: RIG_START_MS };
  readonly prodigy: RunSimulator;
  source: StateSource;
  readonly #options: StateSourceOptions;

  constructor(options: RigOptions = {}) {
    const homeProdigy = `${this.home}/.prodigy`;
    const prodigyHome = options.prodigyHome ?? homeProdigy;
    this.prodigy = new RunSimulator({ homeDirectory: this.home, clock: this.clock, prodigyHome });
    this.#options = {
      prodigyHome,
      homeProdigy,
      settleMs: 2_000,
      idleLimitSeconds: 6 * 3600,
      ignoreOlderThanMs: 7 * 24 * 3600 * 1000,
      pollIntervalMs: 0,
      // The simulator gives its files this clock's time.
      wallNowMs: () => this.clock.nowMs,
      ...options,
    };
    this.source = createStateSource(this.#options);
  }

  /** Lets time pass, then looks: what the look told, one line per event. */
  after(seconds: number): string[] {
    this.clock.nowMs += seconds * 1000;
    return this.look();
  }

  look(): string[] {
    return lookAt(this.source, this.clock.nowMs).map(({ event }) => describeEvent(event)).filter((line) => line !== "");
  }

  /** A new process with the state of the old one, through text as the snapshot does it. */
  restart(): void {
    const state: unknown = JSON.parse(JSON.stringify(this.source.saveState()));
    this.source.close();
    this.source = createStateSource(this.#options);
    this.source.loadState(state);
  }

  [Symbol.dispose](): void {
    this.source.close();
    Deno.removeSync(this.home, { recursive: true });
  }
}

export function lookAt(source: StateSource, nowMs: number): readonly EventRecord[] {
  return Array.from(source.look(nowMs)).flatMap((batch) => batch.kind === "records" ? batch.records : []);
}

/** Short and without ids; "" for what only keeps a run from being reaped, and for the pool. */
export function describeEvent(event: Event): string {
  const seconds = (value: number | null): string => value === null ? "?" : `${Math.round(value * 1e6) / 1e6}s`;
  switch (event.type) {
    case "work_seen":
    case "worktree_pool_changed":
      return "";
    case "workflow_started":
      return `start ${event.workflowName}`;
    case "workflow_completed":
      return `end ${event.workflowName} ${event.status} ${seconds(event.durationSeconds)}`;
    case "step_completed":
      return `step ${event.stepIndex} ${event.stepType} ${event.status} ${seconds(event.durationSeconds)}`;
    case "checkpoint_created":
      return "checkpoint";
    case "job_started":
      return `job start ${event.totalItems ?? "?"}`;
    case "job_completed":
      return `job completed ${seconds(event.durationSeconds)} ${event.successCount}+${event.failureCount}`;
    case "job_failed":
      return `job failed ${seconds(event.durationSeconds)}`;
    case "agent_completed":
      return `agent ${suffix(event.agentId)} completed ${seconds(event.durationSeconds)}`;
    case "agent_failed":
      return `agent ${suffix(event.agentId)} failed ${event.errorType}`;
    case "agent_started":
      return `agent ${suffix(event.agentId)} start`;
    case "worktree_created":
    case "worktree_cleaned":
      return `${event.type} ${suffix(event.agentId)}`;
    case "dlq_item_added":
    case "dlq_item_removed":
      return `${event.type} ${event.itemId}`;
    case "work_abandoned":
      return `abandoned ${event.jobId === null ? "run" : "job"}`;
    default:
      return event.type;
  }
}

function suffix(agentId: string): string {
  return agentId.replace(/^.*_agent_/, "");
}
