import assert from "node:assert/strict";
import { StateRig } from "../../support/state_rig.ts";

const SHELL = { command: "shell: cargo fmt", durationSeconds: 0.5 };

Deno.test("look() tells a run from start to end, each fact once", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "fix-lint", totalSteps: 2 });
  assert.deepEqual(rig.look(), ["start fix-lint"]);
  assert.deepEqual(rig.after(1), []);
  rig.clock.nowMs += 30_000;
  rig.prodigy.completeStep(run, { command: "claude: /lint", durationSeconds: 31.25 });
  assert.deepEqual(rig.look(), ["step 0 claude success 31.25s", "checkpoint"]);
  rig.clock.nowMs += 1_000;
  rig.prodigy.completeStep(run, SHELL);
  assert.deepEqual(rig.look(), ["step 1 shell success 0.5s", "checkpoint"]);
  rig.clock.nowMs += 1_000;
  rig.prodigy.finish(run);
  assert.deepEqual(rig.look(), ["checkpoint"], "the end has not settled yet");
  assert.deepEqual(rig.after(1), []);
  assert.deepEqual(rig.after(1), ["end fix-lint success 33s"]);
  assert.deepEqual(rig.after(60), []);
});

Deno.test("look() counts an end once however often it is rewritten, with the last time before it settled", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.look();
  rig.clock.nowMs += 10_000;
  rig.prodigy.finish(run);
  rig.look();
  rig.clock.nowMs += 1_000;
  rig.prodigy.merge(run, { cleanup: false });
  assert.deepEqual(rig.after(1), [], "the merge moved the end: it settles anew");
  assert.deepEqual(rig.after(1), ["end w success 11s"]);
  rig.clock.nowMs += 3_600_000;
  rig.prodigy.merge(run, { cleanup: true });
  assert.deepEqual(rig.look(), [], "a merge prompt answered an hour later is no second end");
  assert.deepEqual(rig.after(60), []);
});

Deno.test("look() sees nothing amiss at any moment of a rewrite", () => {
  using rig = new StateRig();
  const told: string[] = [];
  rig.prodigy.onState = () => told.push(...rig.look());
  const run = rig.prodigy.startWorkflow({ name: "w", totalSteps: 2 });
  for (let step = 0; step < 2; step++) {
    rig.clock.nowMs += 5_000;
    rig.prodigy.completeStep(run, SHELL);
  }
  rig.clock.nowMs += 5_000;
  rig.prodigy.finish(run);
  told.push(...rig.after(2));
  assert.deepEqual(told, [
    "start w",
    "step 0 shell success 0.5s",
    "checkpoint",
    "step 1 shell success 0.5s",
    "checkpoint",
    "checkpoint",
    "end w success 15s",
  ]);
});

Deno.test("look() tells a failed step with the time since the step before, and the failed run", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "nightly" });
  rig.clock.nowMs += 1_000;
  rig.prodigy.completeStep(run, SHELL);
  rig.clock.nowMs += 15_000;
  rig.prodigy.failStep(run, { command: "shell: cargo build" });
  assert.deepEqual(rig.look(), [
    "start nightly",
    "step 0 shell success 0.5s",
    "checkpoint",
    "step 1 shell failed 15s",
    "checkpoint",
  ]);
  assert.deepEqual(rig.after(2), ["end nightly failed 16s"]);
});

Deno.test("look() counts a failed run that is resumed and ends again as two ends", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.clock.nowMs += 10_000;
  rig.prodigy.failStep(run, { command: "claude: /do", message: "Error: Claude command '/do FAIL' failed: x" });
  rig.look();
  assert.deepEqual(rig.after(2), ["end w failed 10s"]);
  rig.clock.nowMs += 60_000;
  rig.prodigy.resume(run);
  assert.deepEqual(rig.look(), ["start w"]);
  rig.clock.nowMs += 5_000;
  rig.prodigy.completeStep(run, SHELL);
  assert.deepEqual(rig.look(), [], "Prodigy writes no checkpoint for a resumed step");
  rig.clock.nowMs += 5_000;
  rig.prodigy.finish(run);
  rig.look();
  assert.deepEqual(rig.after(2), ["end w success 82s"], "started_at stays, so the pause is in it");
});

Deno.test("look() counts a resume that began and ended between two looks", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.clock.nowMs += 10_000;
  rig.prodigy.failStep(run, { command: "shell: x" });
  rig.look();
  rig.after(2);
  for (const end of ["failed", "success"]) {
    rig.clock.nowMs += 60_000;
    rig.prodigy.resume(run);
    rig.clock.nowMs += 30_000;
    if (end === "failed") rig.prodigy.failStep(run, { command: "shell: x" });
    else rig.prodigy.finish(run);
    const told = [...rig.look(), ...rig.after(2)].filter((line) => !line.includes("step") && line !== "checkpoint");
    assert.deepEqual(told.map((line) => line.replace(/ [\d.]+s$/, "")), ["start w", `end w ${end}`]);
  }
});

Deno.test("look() takes an interrupted run for cancelled until its session moves again", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "long" });
  rig.look();
  rig.clock.nowMs += 9_000;
  rig.prodigy.interrupt(run);
  assert.deepEqual(rig.look(), []);
  assert.deepEqual(rig.after(2), ["end long cancelled 9s"]);
  rig.clock.nowMs += 100_000;
  rig.prodigy.resume(run);
  assert.deepEqual(rig.look(), ["start long"]);
  assert.deepEqual(rig.after(3), [], "the metadata still says interrupted");
  rig.prodigy.finish(run);
  rig.look();
  assert.deepEqual(rig.after(2), ["end long success 114s"]);
});

Deno.test("look() counts a second interruption after a resume nobody saw", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "long" });
  rig.prodigy.interrupt(run);
  rig.after(2);
  rig.clock.nowMs += 10_000;
  rig.prodigy.resume(run);
  rig.clock.nowMs += 10_000;
  rig.prodigy.interrupt(run);
  assert.deepEqual([...rig.look(), ...rig.after(2)], ["start long", "end long cancelled 22s"]);
});

Deno.test("look() gives a killed run up when nothing of it moved for the idle limit, and takes it back when it moves", () => {
  using rig = new StateRig({ idleLimitSeconds: 3600 });
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.look();
  rig.prodigy.kill(run);
  assert.deepEqual(rig.after(3600), []);
  assert.deepEqual(rig.after(1), ["abandoned run"]);
  assert.deepEqual(rig.after(10_000), []);
  rig.prodigy.resume(run);
  assert.deepEqual(rig.look(), ["start w"]);
  rig.prodigy.finish(run);
  rig.look();
  assert.deepEqual(rig.after(2), ["end w success 13601s"]);
});

Deno.test("look() keeps a run whose Claude still writes", () => {
  const claude = { seconds: 0 };
  using rig = new StateRig({ idleLimitSeconds: 3600, transcriptActivitySeconds: () => claude.seconds });
  rig.prodigy.startWorkflow({ name: "w" });
  rig.look();
  claude.seconds = rig.clock.nowMs / 1000 + 3500;
  assert.deepEqual(rig.after(7000), []);
  assert.deepEqual(rig.after(101), ["abandoned run"]);
});

Deno.test("look() gives up a run whose session file was deleted", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.look();
  rig.prodigy.deleteSession(run);
  assert.deepEqual([...rig.after(2), ...rig.after(2), ...rig.after(2)], ["abandoned run"]);
});

Deno.test("look() names a nameless run by its workflow file once a checkpoint tells, and exec runs exec", () => {
  using rig = new StateRig();
  const plain = rig.prodigy.startWorkflow({ name: "", workflowPath: "/tmp/checkout/wf/std.yml" });
  assert.deepEqual(rig.look(), ["start unnamed"]);
  rig.prodigy.completeStep(plain, SHELL);
  assert.deepEqual(rig.look(), ["start std", "step 0 shell success 0.5s", "checkpoint"]);
  rig.prodigy.finish(plain);
  assert.deepEqual([...rig.look(), ...rig.after(2)], ["checkpoint", "end std success 0s"]);

  const exec = rig.prodigy.startWorkflow({ name: "", workflowPath: "/tmp/.tmpA1b2C3.yml" });
  rig.prodigy.completeStep(exec, SHELL);
  assert.equal(rig.look()[0], "start exec");
});

Deno.test("look() counts the steps of each iteration, which have a checkpoint file each", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  for (let iteration = 0; iteration < 2; iteration++) {
    rig.clock.nowMs += 1_000;
    rig.prodigy.completeStep(run, SHELL);
    if (iteration === 0) rig.prodigy.nextIteration(run);
  }
  rig.prodigy.finish(run);
  const told = rig.look();
  assert.equal(told.filter((line) => line === "step 0 shell success 0.5s").length, 2);
  assert.equal(told.filter((line) => line === "checkpoint").length, 4, "two steps, two final writes");
});

Deno.test("look() clamps a run that ended before it began", () => {
  using rig = new StateRig({ settleMs: 0 });
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.look();
  rig.clock.nowMs -= 5_000;
  rig.prodigy.finish(run);
  const records = Array.from(rig.source.look(rig.clock.nowMs)).flatMap((batch) =>
    batch.kind === "records" ? batch.records : []
  );
  const end = records.find(({ event }) => event.type === "workflow_completed");
  assert.ok(end?.event.type === "workflow_completed");
  assert.equal(end.event.durationSeconds, 0);
  assert.equal(end.durationClamped, true);
});

Deno.test("look() tells the number of session worktrees on disk when it changes", () => {
  using rig = new StateRig();
  const pool = (): (number | null)[] =>
    Array.from(rig.source.look(rig.clock.nowMs)).flatMap((batch) => batch.kind === "records" ? batch.records : [])
      .flatMap(({ event }) => event.type === "worktree_pool_changed" ? [event.available] : []);
  assert.deepEqual(pool(), [0]);
  const run = rig.prodigy.startWorkflow();
  rig.prodigy.startMapReduce();
  assert.deepEqual(pool(), [2]);
  assert.deepEqual(pool(), []);
  rig.prodigy.finish(run);
  rig.prodigy.merge(run, { cleanup: true });
  assert.deepEqual(pool(), [1]);
});

Deno.test("look() takes an end at once when by its own times it is old, as in a home that was copied", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.clock.nowMs += 1_000;
  rig.prodigy.finish(run);
  const interrupted = rig.prodigy.startWorkflow({ name: "i" });
  rig.prodigy.interrupt(interrupted);
  rig.clock.nowMs += 2_000;
  const fresh = rig.prodigy.startWorkflow({ name: "fresh" });
  rig.prodigy.finish(fresh);
  const copiedAt = new Date(rig.clock.nowMs);
  Deno.utimeSync(`${rig.prodigy.prodigyHome}/sessions/${run}.json`, copiedAt, copiedAt);
  Deno.utimeSync(`${rig.prodigy.homeProdigy}/worktrees/demo-app/.metadata/${interrupted}.json`, copiedAt, copiedAt);
  const told = rig.look().toSorted();
  assert.deepEqual(told, ["end i cancelled 0s", "end w success 1s", "start fresh", "start i", "start w"]);
  assert.deepEqual(rig.after(2), ["end fresh success 0s"]);
});

Deno.test("look() takes an end at once when its times are ahead of the clock", () => {
  using rig = new StateRig();
  rig.clock.nowMs += 3_600_000;
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.finish(run);
  rig.clock.nowMs -= 3_600_000;
  const copiedAt = new Date(rig.clock.nowMs);
  Deno.utimeSync(`${rig.prodigy.prodigyHome}/sessions/${run}.json`, copiedAt, copiedAt);
  assert.deepEqual(rig.look(), ["start w", "end w success 0s"]);
});
