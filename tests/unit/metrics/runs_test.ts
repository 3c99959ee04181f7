import assert from "node:assert/strict";
import { captured } from "../../../lib/metrics/capture.ts";
import { Job } from "../../../lib/metrics/work/job.ts";
import { Run, Runs } from "../../../lib/metrics/work/runs.ts";

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

Deno.test("a new run made of a forgotten one knows nothing of it", () => {
  const runs = new Runs();
  const old = runs.find("old");
  old.totalSteps = 7;
  old.stepsDone = 3;
  old.startedAtSeconds =
    old.endedAtSeconds =
    old.movedAtSeconds =
    old.toldAtSeconds =
      1_700_000_000;
  old.sightings.judge("state", "lifecycle", "end");
  runs.update(old, "nightly", true);
  runs.update(old, "nightly", false);
  for (let number = 0; number < MANY; number++) {
    const run = runs.find(`run ${number}`);
    assert.deepEqual(run.saveState(), new Run(`run ${number}`).saveState());
  }
  assert.equal(runs.get("old"), undefined);
});

Deno.test("Run.begin() and Job.begin() leave nothing as it was", () => {
  const run = spoilt(new Run("old"), ["sightings"]);
  run.sightings.judge("line", "steps", null);
  assert.deepEqual(run.begin("new"), new Run("new"));
  assert.deepEqual(run.saveState(), new Run("new").saveState());

  const job = spoilt(new Job("old", null), ["sightings", "alone"]);
  job.running = true;
  job.shown = false;
  job.show("label");
  job.agentStarted("agent");
  job.dlq("item", true, 1);
  job.sightings.judge("state", "agents", "agent:1");
  const begun = job.begin("new", "session");
  const fresh = new Job("new", "session");
  for (const key of Object.keys(fresh).filter((key) => key !== "alone")) {
    assert.deepEqual(Reflect.get(begun, key), Reflect.get(fresh, key), key);
  }
  assert.deepEqual(captured(begun.capture()), captured(fresh.capture()));
  assert.deepEqual(begun.alone, [begun]);
  assert.deepEqual([begun.agentsRunning, begun.dlqItems], [0, 0]);
});

/** With something else in every field that can be seen from outside, but for those given and the links of a chain. */
function spoilt<T extends object>(one: T, except: readonly string[]): T {
  for (const key of Object.keys(one)) {
    if (![...except, "chain", "previous", "next"].includes(key)) Reflect.set(one, key, "spoilt");
  }
  return one;
}
