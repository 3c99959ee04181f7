import assert from "node:assert/strict";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";

/** What an exposition must hold, made by hand. All that is not named here must be 0 or absent. */
export interface GoldenTable {
  /** Values of counters and gauges by their whole series, such as `name{label="value"}`. */
  readonly values: Readonly<Record<string, number>>;
  /** What was observed into histograms, by `name` or `name{label="value"}`. */
  readonly observed: Readonly<Record<string, readonly number[]>>;
  /** Metrics of which nothing was counted. */
  readonly nothing: readonly string[];
}

/** Upper bounds as the design has them, not as the program does. */
const BOUNDS: Readonly<Record<string, readonly number[]>> = {
  prodigy_workflow_duration_seconds: [1, 5, 10, 30, 60, 300, 600, 1800],
  prodigy_step_duration_seconds: [0.1, 1, 5, 10, 30, 60],
  prodigy_agent_duration_seconds: [1, 10, 30, 60, 300, 600],
  prodigy_mapreduce_job_duration_seconds: [10, 30, 60, 300, 600, 1800, 3600, 7200, 14_400, 43_200],
};
/** The exporter's own metrics and its process's are no facts about a home. */
const OWN = /^(?:prodigy_exporter_|process_)/;

/** Every series of the exposition against the table, and every metric of the program in it. */
export function assertGolden(exposition: string, table: GoldenTable): void {
  assertComplete(table);
  const expected = new Map([...Object.entries(table.values), ...Object.entries(table.observed).flatMap(seriesOf)]);
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (const [series, value] of parseSeries(exposition)) {
    if (OWN.test(series)) continue;
    seen.add(series);
    const wanted = expected.get(series) ?? 0;
    if (!isClose(value, wanted)) wrong.push(`${series} is ${value}, expected ${wanted}`);
  }
  for (const [series, wanted] of expected) if (!seen.has(series)) wrong.push(`${series} is absent, expected ${wanted}`);
  assert.deepEqual(wrong, []);
}

/** A metric that nobody thought of is a hole in the table. */
function assertComplete({ values, observed, nothing }: GoldenTable): void {
  const named = new Set(
    [...Object.keys(values), ...Object.keys(observed)].map((series) => series.replace(/\{.*$/, "")),
  );
  const names = METRIC_TABLE.map(({ name }) => name).filter((name) => !OWN.test(name));
  assert.deepEqual(names.filter((name) => !named.has(name) && !nothing.includes(name)), [], "not in the table");
  assert.deepEqual(nothing.filter((name) => named.has(name) || !names.includes(name)), [], "wrongly said to be empty");
}

function seriesOf(
  [series, observations]: readonly [string, readonly number[]],
): readonly (readonly [string, number])[] {
  const [, name = "", labels = ""] = /^([^{]*)(?:\{(.*)\})?$/.exec(series) ?? [];
  const bounds = BOUNDS[name];
  assert.ok(bounds !== undefined, `${name} is no histogram`);
  const rest = labels === "" ? "" : `,${labels}`;
  const own = labels === "" ? "" : `{${labels}}`;
  const upTo = (bound: number): number => observations.filter((value) => value <= bound).length;
  return [
    ...bounds.map((bound) => [`${name}_bucket{le="${bound}"${rest}}`, upTo(bound)] as const),
    [`${name}_bucket{le="+Inf"${rest}}`, observations.length],
    [`${name}_sum${own}`, observations.reduce((sum, value) => sum + value, 0)],
    [`${name}_count${own}`, observations.length],
  ];
}

function parseSeries(exposition: string): readonly (readonly [string, number])[] {
  return exposition.split("\n").flatMap((line) => {
    if (line === "" || line.startsWith("#")) return [];
    const space = line.lastIndexOf(" ");
    return [[line.slice(0, space), Number(line.slice(space + 1))] as const];
  });
}

/** Sums of fractions differ in the last digits by the order they were added in. */
function isClose(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one), Math.abs(other));
}
