import assert from "node:assert/strict";
import { Runs } from "../../../lib/metrics/work/runs.ts";

/** More than are remembered. */
const MANY = 25_000;

Deno.test("Runs forgets those that ended or became known longest ago, but none that is active", () => {
  const runs = new Runs();
  runs.update(runs.find("active"), "nightly", true);
  runs.find("only known");
  runs.update(runs.find("ended early"), "nightly", true);
  runs.update(runs.find("ended early"), "nightly", false);
  runs.update(runs.find("ended late"), "nightly", true);
  for (let number = 0; number < MANY; number++) {
    runs.find(`run ${number}`);
    if (number === MANY - 10) runs.update(runs.find("ended late"), "nightly", false);
  }
  assert.equal(runs.get("active")?.active, true);
  assert.ok(runs.get("ended late") !== undefined, "it ended a moment ago, though it was known before all others");
  assert.ok(runs.get(`run ${MANY - 1}`) !== undefined);
  for (const gone of ["only known", "ended early", "run 0"]) assert.equal(runs.get(gone), undefined, gone);
  assert.ok([...runs.all()].length < MANY);
  assert.equal(runs.activeCount("nightly"), 1);
});

Deno.test("Runs counts a name's active runs, whatever they are renamed to", () => {
  const runs = new Runs();
  runs.update(runs.find("a"), null, true);
  runs.update(runs.find("b"), "nightly", true);
  assert.equal(runs.activeCount("nightly"), 1);
  runs.update(runs.find("a"), "nightly", true);
  assert.equal(runs.activeCount("nightly"), 2);
  runs.update(runs.find("b"), "weekly", true);
  runs.update(runs.find("a"), "nightly", false);
  assert.deepEqual([runs.activeCount("nightly"), runs.activeCount("weekly")], [0, 1]);
  assert.deepEqual(runs.active().map(({ id }) => id), ["b"]);
});

Deno.test("Runs forgets as many as are too many, however they came to be", () => {
  const runs = new Runs();
  const active = Array.from({ length: 5_000 }, (_, number) => runs.find(`active ${number}`));
  for (const run of active) runs.update(run, "nightly", true);
  for (let number = 0; number < 20_000; number++) runs.find(`run ${number}`);
  for (const run of active) runs.update(run, "nightly", false);
  runs.find("one more");
  assert.equal([...runs.all()].length, 20_000);
  assert.ok(runs.get("active 0") !== undefined, "those that ended just now are not the oldest");
});
