import assert from "node:assert/strict";
import { Family } from "../../../lib/metrics/family.ts";
import type { MetricRow } from "../../../lib/metrics/metric.ts";

const ROW: MetricRow = {
  name: "test_items_total",
  kind: "counter",
  help: "Items.",
  labels: [{ name: "job_id" }, { name: "status", values: ["success", "failed"] }],
  stability: "stable",
  maxOpenValues: 2,
  exactness: "",
  from: {},
};

function createFamily(row: Partial<MetricRow> = {}, maxSeries = 1000): { family: Family; limits: string[] } {
  const limits: string[] = [];
  let held = 0;
  const family = new Family({ ...ROW, ...row }, {
    reserve: (series) => held + series <= maxSeries && (held += series) > 0,
    release: (series) => held -= series,
    onLimit: (values) => limits.push(values.join(",")),
    exemplar: null,
  });
  return { family, limits };
}

function shown(family: Family): readonly string[] {
  return family.series().map(({ labels, amount }) => `${labels.join("/")}=${amount.value}`);
}

Deno.test("Family starts all values of a closed set at 0 with the first open value", () => {
  const { family } = createFamily();
  family.emit(2, "a", "failed");
  assert.deepEqual(shown(family), ["a/failed=2", "a/success=0"]);
});

Deno.test("Family starts a family of closed labels only at 0", () => {
  const { family } = createFamily({ labels: [{ name: "status", values: ["success", "failed"] }] });
  assert.deepEqual(shown(family), ["failed=0", "success=0"]);
});

Deno.test("Family starts a counter without labels at 0, but no gauge, which would claim something", () => {
  assert.deepEqual(shown(createFamily({ labels: [] }).family), ["=0"]);
  assert.deepEqual(shown(createFamily({ labels: [], kind: "gauge" }).family), []);
});

Deno.test("Family.emit() turns a value outside a closed set into other", () => {
  const { family } = createFamily();
  family.emit(1, "a", "exploded");
  family.emit(1, "a", "exploded");
  assert.deepEqual(shown(family), ["a/failed=0", "a/other=2", "a/success=0"]);
});

Deno.test("Family.emit() folds values past the budget into other and says which", () => {
  const { family, limits } = createFamily();
  for (const job of ["a", "b", "c", "d", "a"]) family.emit(1, job, "success");
  assert.deepEqual(shown(family), [
    "a/failed=0",
    "a/success=2",
    "b/failed=0",
    "b/success=1",
    "other/failed=0",
    "other/success=2",
  ]);
  assert.deepEqual(limits, ["c", "d"]);
});

Deno.test("Family.emit() folds past the total budget as well", () => {
  const { family, limits } = createFamily({}, 3);
  family.emit(1, "a", "success");
  family.emit(1, "b", "success");
  assert.deepEqual(shown(family), ["a/failed=0", "a/success=1", "other/failed=0", "other/success=1"]);
  assert.deepEqual(limits, ["b"]);
});

Deno.test("Family.emit() adds folded gauges up instead of overwriting one by another", () => {
  const { family } = createFamily({ kind: "gauge", labels: [{ name: "job_id" }], maxOpenValues: 1 });
  family.emit(1, "a");
  family.emit(5, "b");
  family.emit(7, "c");
  family.emit(6, "b");
  assert.deepEqual(shown(family), ["a=1", "other=13"]);
  family.remove("job_id", "b");
  assert.deepEqual(shown(family), ["a=1", "other=7"]);
});

Deno.test("Family.emit() ignores what would poison a counter", () => {
  const { family } = createFamily({ labels: [] });
  for (const value of [NaN, Infinity, -1]) family.emit(value);
  family.emit(1);
  assert.deepEqual(shown(family), ["=1"]);
});

Deno.test("Family.emit() cleans open values, and equal cleaned values share a series", () => {
  const { family } = createFamily({ labels: [{ name: "tool_name" }] });
  family.emit(1, "a\nb");
  family.emit(1, "a b");
  assert.deepEqual(shown(family), ["a b=2"]);
});

Deno.test("Family.emit() refuses a wrong number of labels, which is a mistake in the table", () => {
  const { family } = createFamily();
  assert.throws(() => family.emit(1, "a"), TypeError);
});

Deno.test("Family counts histogram observations into the first bucket that holds them", () => {
  const { family } = createFamily({ kind: "histogram", labels: [], buckets: [1, 10] });
  for (const value of [0, 1, 1.5, 10, 11]) family.emit(value);
  const amount = family.series()[0]?.amount;
  assert.deepEqual([...amount?.counts ?? []], [2, 2, 1]);
  assert.equal(amount?.value, 23.5);
  assert.equal(family.size, 5);
});

Deno.test("Family.remove() gives the room back", () => {
  const { family, limits } = createFamily({}, 3);
  family.emit(1, "a", "success");
  family.remove("job_id", "a");
  family.emit(1, "b", "success");
  assert.deepEqual(shown(family), ["b/failed=0", "b/success=1"]);
  assert.deepEqual(limits, []);
});

Deno.test("Family.remove() lets a value come back from 0", () => {
  const { family } = createFamily();
  family.emit(5, "a", "success");
  family.remove("job_id", "a");
  family.emit(1, "a", "success");
  assert.deepEqual(shown(family), ["a/failed=0", "a/success=1"]);
});

Deno.test("Family changes its generation when, and only when, a scrape would look different", () => {
  const { family } = createFamily({ kind: "gauge", labels: [] });
  family.emit(1);
  const before = family.generation;
  family.emit(1);
  assert.equal(family.generation, before);
  family.emit(2);
  assert.notEqual(family.generation, before);
});

Deno.test("Family freezes series born live at 0 until a scrape after their birth was thawed", () => {
  const { family } = createFamily({ labels: [{ name: "job_id" }] });
  family.emit(3, "old");
  family.freeze(0);
  family.emit(1, "old");
  family.sequence = 4;
  family.emit(2, "new");
  const frozen = (): unknown => family.series().map(({ labels, frozen }) => [labels[0], frozen?.amount.value]);
  assert.deepEqual(frozen(), [["new", 0], ["old", 3]]);
  family.thaw(4);
  assert.deepEqual(frozen(), [["new", 0], ["old", undefined]]);
  family.thaw(5);
  assert.deepEqual(frozen(), [["new", undefined], ["old", undefined]]);
});

Deno.test("Family.saveState() and loadState() carry amounts and what is frozen", () => {
  const { family } = createFamily({ kind: "histogram", labels: [{ name: "job_id" }], buckets: [1, 10] });
  family.sequence = 0;
  family.emit(5, "a");
  const state = JSON.parse(JSON.stringify(family.saveState(0)));
  const { family: other } = createFamily({ kind: "histogram", labels: [{ name: "job_id" }], buckets: [1, 10] });
  other.loadState(state);
  assert.deepEqual(other.saveState(0), family.saveState(0));
  assert.equal(other.series()[0]?.frozen?.amount.value, 0);
});

Deno.test("Family.saveState() writes series as thawed that will be once it is on disk", () => {
  const { family } = createFamily({ labels: [{ name: "job_id" }] });
  family.sequence = 1;
  family.emit(5, "a");
  assert.deepEqual(family.saveState(1), [{ labels: ["a"], value: 5, frozen: { value: 0 } }]);
  assert.deepEqual(family.saveState(2), [{ labels: ["a"], value: 5 }]);
});

Deno.test("Family.loadState() leaves out a histogram with other buckets", () => {
  const { family } = createFamily({ kind: "histogram", labels: [{ name: "job_id" }], buckets: [1, 10] });
  family.loadState([{ labels: ["a"], value: 5, counts: [1, 2] }]);
  assert.equal(family.series().length, 0);
});

Deno.test("Family.setMaxOpenValues() judges folded values anew, and takes nothing away", () => {
  const { family, limits } = createFamily({ maxOpenValues: 1 });
  for (const name of ["a", "b", "b"]) family.emit(1, name, "failed");
  assert.deepEqual(shown(family), ["a/failed=1", "a/success=0", "other/failed=2", "other/success=0"]);
  family.setMaxOpenValues(2);
  family.emit(1, "b", "failed");
  assert.deepEqual(shown(family).slice(2), ["b/failed=1", "b/success=0", "other/failed=2", "other/success=0"]);
  family.setMaxOpenValues(1);
  for (const name of ["a", "b", "c"]) family.emit(1, name, "failed");
  assert.deepEqual(shown(family).filter((one) => !one.endsWith("=0")), ["a/failed=2", "b/failed=2", "other/failed=3"]);
  assert.deepEqual(limits, ["b", "c"]);
});

Deno.test("Family.setMaxOpenValues() leaves a folded gauge together: its shares cannot be told apart", () => {
  const { family } = createFamily({ kind: "gauge", labels: [{ name: "name" }], maxOpenValues: 1 });
  for (const [value, name] of [[1, "a"], [2, "b"], [3, "c"]] as const) family.emit(value, name);
  family.setMaxOpenValues(3);
  family.emit(5, "b");
  family.emit(7, "d");
  assert.deepEqual(shown(family), ["a=1", "d=7", "other=8"]);
});
