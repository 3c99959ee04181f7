import type { EventOf, EventType } from "../event/event.ts";
import type { Facts } from "./work/facts.ts";

export type MetricKind = "counter" | "gauge" | "histogram";

/** One label. With `values` it is a closed set: anything else becomes "other", and all values start at 0. */
export interface Label {
  readonly name: string;
  readonly values?: readonly string[];
}

/** Adds to a counter, sets a gauge, observes into a histogram. Label values in the order of the row's labels. */
export type Emit = (value: number, label1?: string, label2?: string, label3?: string, label4?: string) => void;

/**
 * What an event means for a metric. Pure but for `emit`: it reads the event and the facts the open work already
 * holds *after* this event. `emit` instead of a returned array because this runs for every line.
 */
export type Samples<T extends EventType> = (event: EventOf<T>, facts: Facts, emit: Emit) => void;
export type SamplesByType = { readonly [T in EventType]?: Samples<T> };

/** A metric, declared once: the registry, the reference, the lints and the budgets all come from such rows. */
export interface MetricRow {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds in the metric's unit, ascending, without +Inf. Histograms only. */
  readonly buckets?: readonly number[];
  readonly stability: "stable" | "experimental";
  /** Most combinations of open label values before further ones fold into "other". */
  readonly maxOpenValues: number;
  /** How exact it is by kind of source, for the reference. */
  readonly exactness: string;
  /** Only event lines tell it: a line about what state files told first still does. */
  readonly isToldByLinesOnly?: boolean;
  readonly from: SamplesByType;
}
