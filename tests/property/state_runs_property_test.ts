import assert from "node:assert/strict";
import fc from "fast-check";
import { StateRig } from "../support/state_rig.ts";

/** What a run of acts must have told in the end, whenever somebody looked. */
interface Model {
  readonly told: string[];
  starts: number;
  steps: number;
  ends: number;
  agentsDone: number;
  agentsFailed: number;
}

const count = (told: readonly string[], pattern: RegExp): number => told.filter((line) => pattern.test(line)).length;

const look = fc.record({ act: fc.constant("look" as const), seconds: fc.integer({ min: 0, max: 5 }) });
const restart = fc.constant({ act: "restart" as const });

Deno.test("look() counts each fact of a plain run once, whatever the moments of looking, restarting and resuming", () => {
  const act = fc.oneof(
    { weight: 4, arbitrary: look },
    restart,
    { weight: 3, arbitrary: fc.constant({ act: "step" as const }) },
    fc.constant({ act: "fail" as const }),
    fc.constant({ act: "interrupt" as const }),
    fc.constant({ act: "resume" as const }),
    fc.constant({ act: "finish" as const }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
      using rig = new StateRig();
      const model: Model = { told: [], starts: 1, steps: 0, ends: 0, agentsDone: 0, agentsFailed: 0 };
      const run = rig.prodigy.startWorkflow({ name: "w" });
      let state: "running" | "failed" | "interrupted" | "finished" = "running";
      let isFirstLife = true;
      for (const step of acts) {
        // Longer than settling and than what tells a resumed failure from a rewritten end.
        rig.clock.nowMs += 40_000;
        if (step.act === "look") model.told.push(...rig.after(step.seconds));
        else if (step.act === "restart") rig.restart();
        else if (step.act === "resume") {
          if (state !== "failed" && state !== "interrupted") continue;
          // An end nobody saw and that left no trace cannot be counted: look before it is overwritten.
          model.told.push(...rig.look(), ...rig.after(2));
          rig.clock.nowMs += 1_000;
          rig.prodigy.resume(run);
          state = "running";
          isFirstLife = false;
          model.starts++;
        } else if (state === "running") {
          if (step.act === "step") {
            rig.prodigy.completeStep(run, { command: "shell: x", durationSeconds: 1 });
            if (isFirstLife) model.steps++;
          } else if (step.act === "fail") {
            rig.prodigy.failStep(run, { command: "shell: x" });
            model.steps++;
            state = "failed";
          } else if (step.act === "interrupt") {
            rig.prodigy.interrupt(run);
            state = "interrupted";
          } else {
            rig.prodigy.finish(run);
            state = "finished";
          }
          if (state !== "running") model.ends++;
        }
      }
      model.told.push(...rig.after(3), ...rig.after(3));
      assert.equal(count(model.told, /^step /), model.steps, "steps");
      assert.equal(count(model.told, /^end /), model.ends, "ends");
      assert.equal(count(model.told, /^start /), model.starts, "starts");
    }),
    { numRuns: 30 },
  );
});

Deno.test("look() counts each agent once as done or failed, whatever the moments of looking and restarting", () => {
  const act = fc.oneof(
    { weight: 3, arbitrary: look },
    restart,
    { weight: 3, arbitrary: fc.constant({ act: "start" as const }) },
    { weight: 3, arbitrary: fc.record({ act: fc.constant("succeed" as const), pick: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant("fail" as const),
        pick: fc.nat(),
        errorType: fc.constantFrom("Timeout", "MergeConflict"),
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
      using rig = new StateRig();
      const model: Model = { told: [], starts: 0, steps: 0, ends: 0, agentsDone: 0, agentsFailed: 0 };
      const { runId } = rig.prodigy.startMapReduce();
      const running: number[] = [];
      for (const step of acts) {
        rig.clock.nowMs += 1_000;
        if (step.act === "look") model.told.push(...rig.after(step.seconds));
        else if (step.act === "restart") rig.restart();
        else if (step.act === "start") {
          rig.prodigy.startAgent(runId, model.starts);
          running.push(model.starts++);
        } else {
          const [index] = running.splice(step.pick % Math.max(1, running.length), 1);
          if (index === undefined) continue;
          if (step.act === "fail") {
            rig.prodigy.agentFails(runId, index, { errorType: step.errorType });
            model.agentsFailed++;
          } else {
            rig.prodigy.agentSucceeds(runId, index);
            model.agentsDone++;
          }
        }
      }
      rig.clock.nowMs += 1_000;
      rig.prodigy.finishMapReduce(runId);
      model.told.push(...rig.look(), ...rig.after(2), ...rig.after(2));
      assert.equal(count(model.told, /^agent .* completed/), model.agentsDone, "done");
      assert.equal(count(model.told, /^agent .* failed/), model.agentsFailed, "failed");
      const ends = model.told.filter((line) => line.startsWith("job "));
      assert.equal(count(ends, new RegExp(`^job completed .* ${model.agentsDone}\\+${model.agentsFailed}$`)), 1);
    }),
    { numRuns: 30 },
  );
});
