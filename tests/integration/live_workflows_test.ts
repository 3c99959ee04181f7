import { createLiveHome, type LiveHome, type Values } from "../support/live_home.ts";
import { RunSimulator } from "../support/run_simulator.ts";

const NAME = 'workflow_name="fix-lint"';
const ended = (status: string): string => `prodigy_workflow_executions_total{${NAME},status="${status}"}`;
const DURATION = `prodigy_workflow_duration_seconds`;
const ACTIVE = `prodigy_workflow_active{${NAME}}`;
const STEPS = `prodigy_workflow_steps_total{${NAME}}`;
const CHECKPOINTS = "prodigy_checkpoints_created_total";
const POOL = "prodigy_worktree_pool_size";
const stepsOf = (type: string, status: string): string =>
  `prodigy_step_executions_total{step_type="${type}",status="${status}"}`;
const stepSeconds = (type: string): string => `prodigy_step_duration_seconds_sum{step_type="${type}"}`;

/** What happens at one instant, how long after the one before, and what must then be counted. */
interface Act {
  readonly after: number;
  readonly act: (run: string, home: LiveHome) => void | Promise<void>;
  readonly then: Values;
}

async function play(acts: readonly Act[]): Promise<void> {
  await using home = await createLiveHome();
  const run = home.prodigy.startWorkflow({ name: "fix-lint" });
  await home.until({ [ACTIVE]: 1, [POOL]: 1, [ended("success")]: 0 });
  for (const { after, act, then } of acts) {
    home.clock.nowMs += after * 1000;
    await act(run, home);
    await home.until(then);
  }
  await home.assertNothingMore();
}

const claudeStep: Act = {
  after: 32,
  act: (run, { prodigy }) => prodigy.completeStep(run, { command: "claude: /lint", durationSeconds: 31.25 }),
  then: { [STEPS]: 1, [stepsOf("claude", "success")]: 1, [stepSeconds("claude")]: 31.25, [CHECKPOINTS]: 1 },
};
const shellStep: Act = {
  after: 1,
  act: (run, { prodigy }) => prodigy.completeStep(run, { command: "shell: cargo fmt", durationSeconds: 0.75 }),
  then: { [STEPS]: 2, [stepsOf("shell", "success")]: 1, [stepSeconds("shell")]: 0.75, [CHECKPOINTS]: 2 },
};
/** A step with on_failure, which Prodigy shows as `test:`. */
const testStep: Act = {
  after: 9,
  act: (run, { prodigy }) => prodigy.completeStep(run, { command: "test: cargo test", durationSeconds: 8.5 }),
  then: { [STEPS]: 3, [stepsOf("test", "success")]: 1, [stepSeconds("test")]: 8.5, [CHECKPOINTS]: 3 },
};
const failingStep: Act = {
  after: 15,
  act: (run, { prodigy }) => prodigy.failStep(run, { command: "shell: cargo build" }),
  then: {
    [STEPS]: 2,
    [stepsOf("shell", "failed")]: 1,
    // Since the end of the step before.
    [stepSeconds("shell")]: 15,
    [CHECKPOINTS]: 2,
    [ended("failed")]: 1,
    [`${DURATION}_sum{${NAME}}`]: 32 + 15,
    [ACTIVE]: 0,
  },
};
const interruption: Act = {
  after: 8,
  act: (run, { prodigy }) => prodigy.interrupt(run),
  then: { [ended("cancelled")]: 1, [`${DURATION}_sum{${NAME}}`]: 32 + 8, [ACTIVE]: 0 },
};
const resumption: Act = { after: 60, act: (run, { prodigy }) => prodigy.resume(run), then: { [ACTIVE]: 1 } };
const restart = (signal: "SIGTERM" | "SIGKILL"): Act => ({
  after: 0,
  act: (_run, home) => home.restart(signal),
  then: {},
});

Deno.test("a run is counted act by act, through end states that regress, a merge and a clean-up", async () => {
  await play([claudeStep, shellStep, testStep, {
    after: 1,
    act: (run, { prodigy }) => prodigy.finish(run),
    then: {
      [ended("success")]: 1,
      [`${DURATION}_count{${NAME}}`]: 1,
      [`${DURATION}_sum{${NAME}}`]: 43,
      [CHECKPOINTS]: 4,
      [ACTIVE]: 0,
    },
  }, {
    // The end moves, and so would the duration if it were counted again.
    after: 30,
    act: (run, { prodigy }) => prodigy.merge(run, { cleanup: true }),
    then: { [POOL]: 0 },
  }]);
});

Deno.test("a failed run that is resumed and succeeds is two ends", async () => {
  await play([claudeStep, failingStep, resumption, {
    after: 10,
    act: (run, { prodigy }) => prodigy.finish(run),
    then: {
      [ended("success")]: 1,
      [ended("failed")]: 1,
      [`${DURATION}_count{${NAME}}`]: 2,
      // The second from the first start on, pause included.
      [`${DURATION}_sum{${NAME}}`]: (32 + 15) + (32 + 15 + 60 + 10),
      [ACTIVE]: 0,
    },
  }]);
});

Deno.test("an interrupted run is cancelled, runs again when resumed, and its steps stay counted", async () => {
  await play([claudeStep, interruption, resumption, {
    after: 10,
    act: (run, { prodigy }) => prodigy.finish(run),
    then: {
      [ended("success")]: 1,
      [ended("cancelled")]: 1,
      [`${DURATION}_sum{${NAME}}`]: (32 + 8) + (32 + 8 + 60 + 10),
      [STEPS]: 1,
      [ACTIVE]: 0,
    },
  }]);
});

Deno.test("restarts and kills in the middle of a run lose nothing and count nothing twice", async () => {
  await play([
    claudeStep,
    restart("SIGKILL"),
    shellStep,
    restart("SIGTERM"),
    testStep,
    restart("SIGKILL"),
    {
      after: 1,
      // Killed again while the end settles.
      act: async (run, home) => {
        home.prodigy.finish(run);
        await home.restart("SIGKILL");
      },
      then: { [ended("success")]: 1, [`${DURATION}_sum{${NAME}}`]: 43, [CHECKPOINTS]: 4, [ACTIVE]: 0 },
    },
    restart("SIGKILL"),
  ]);
});

Deno.test("what happens while the program is down is counted when it is back", async () => {
  await using home = await createLiveHome();
  const run = home.prodigy.startWorkflow({ name: "fix-lint" });
  await home.until({ [ACTIVE]: 1 });
  home.program.kill("SIGTERM");
  await home.program.exited;
  home.clock.nowMs += 20_000;
  home.prodigy.completeStep(run, { command: "shell: a", durationSeconds: 2 });
  home.clock.nowMs += 20_000;
  home.prodigy.finish(run);
  await home.start();
  await home.until({
    [STEPS]: 1,
    [ended("success")]: 1,
    [`${DURATION}_sum{${NAME}}`]: 40,
    [CHECKPOINTS]: 2,
    [ACTIVE]: 0,
  });
  await home.assertNothingMore();
});

Deno.test("a killed run is given up when nothing of it moved for the idle limit, and taken back when it moves", async () => {
  let run = "";
  await using home = await createLiveHome(["--readers-idle-limit", "1h"], (homeDirectory) => {
    const clock = { nowMs: Date.now() - 2 * 3_600_000 };
    const prodigy = new RunSimulator({ homeDirectory, clock });
    run = prodigy.startWorkflow({ name: "fix-lint" });
    prodigy.kill(run);
    return { prodigy, clock };
  });
  await home.until({ [ACTIVE]: 0, [POOL]: 1, [ended("cancelled")]: 0, [ended("failed")]: 0 });
  home.clock.nowMs = Date.now();
  home.prodigy.completeStep(run, { command: "shell: a", durationSeconds: 2 });
  await home.until({ [ACTIVE]: 1, [STEPS]: 1 });
  await home.assertNothingMore();
});
