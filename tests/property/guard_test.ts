import assert from "node:assert/strict";
import fc from "fast-check";
import type { Event } from "../../lib/event/event.ts";
import { agentCompleted, agentStarted, jobCompleted, record } from "../support/event_records.ts";
import { createTestMetrics, type TestMetrics } from "../support/metrics.ts";

const JOBS = 540; // 40 more than have labels

type Step =
  | { readonly kind: "start" | "complete"; readonly job: number; readonly agent: number }
  | { readonly kind: "end"; readonly job: number }
  | { readonly kind: "tool" | "run" | "run_end"; readonly name: number }
  | { readonly kind: "restart" };

const job = fc.nat(JOBS - 1);
const name = fc.nat(12);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("start" as const, "complete" as const), job, agent: fc.nat(2) }),
  fc.record({ kind: fc.constant("end" as const), job }),
  fc.record({ kind: fc.constantFrom("tool" as const, "run" as const, "run_end" as const), name }),
  fc.constant({ kind: "restart" as const }),
);

/** What must be true, kept by plain means. */
class Model {
  readonly agents = new Map<number, Set<number>>();
  readonly ended = new Set<number>();
  readonly runs = new Set<number>();
  completed = 0;
  tools = 0;
  runsEnded = 0;

  /** @returns the step as an event; `null` for a restart. */
  apply(step: Step): Event | null {
    switch (step.kind) {
      case "start": {
        const agents = this.#agentsOf(step.job);
        if (!this.ended.has(step.job)) agents.add(step.agent);
        return agentStarted(`job-${step.job}`, `${step.agent}`);
      }
      case "complete":
        this.#agentsOf(step.job).delete(step.agent);
        this.completed++;
        return agentCompleted(`job-${step.job}`, `${step.agent}`);
      case "end":
        this.#agentsOf(step.job).clear();
        this.ended.add(step.job);
        return jobCompleted(`job-${step.job}`);
      case "tool":
        this.tools++;
        return { type: "claude_tool_invoked", agentId: null, toolName: `tool ${step.name}`, toolId: null };
      case "run":
        this.runs.add(step.name);
        return { type: "workflow_started", ...runOf(step.name), totalSteps: null };
      case "run_end": {
        this.runs.delete(step.name);
        this.runsEnded++;
        const end = { status: "success", durationSeconds: 1, totalSteps: null, failedSteps: null } as const;
        return { type: "workflow_completed", ...runOf(step.name), ...end };
      }
      case "restart":
        return null;
    }
  }

  get running(): number {
    return [...this.agents.keys()].filter((job) => !this.ended.has(job)).length;
  }

  get agentsRunning(): number {
    return [...this.agents.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #agentsOf(job: number): Set<number> {
    const agents = this.agents.get(job) ?? new Set<number>();
    this.agents.set(job, agents);
    return agents;
  }
}

function runOf(name: number): { readonly workflowId: string; readonly workflowName: string } {
  return { workflowId: `${name}`, workflowName: `name ${name}` };
}

function total({ metrics }: TestMetrics, metric: string): number {
  return metrics.ledger.family(metric).series().reduce((sum, { amount }) => sum + amount.value, 0);
}

/** So few series that some of the 500 labelled jobs are folded in part. */
const OPTIONS = { maxToolNames: 4, maxWorkflowNames: 3, maxSeries: 6_500 };

function restored(state: string): TestMetrics {
  const test = createTestMetrics(OPTIONS);
  test.metrics.loadState(JSON.parse(state), 0);
  return test;
}

Deno.test("whatever comes, series stay within the budgets, totals are conserved, and gauges are what is", () => {
  // All labels are taken, as on a busy day.
  const busy = createTestMetrics(OPTIONS);
  for (let number = 0; number < 500; number++) busy.metrics.fold.fold(record(agentStarted(`job-${number}`, "0")));
  const state = JSON.stringify(busy.metrics.saveState(0));

  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let test = restored(state);
      const model = new Model();
      for (let number = 0; number < 500; number++) model.apply({ kind: "start", job: number, agent: 0 });
      for (const one of steps) {
        const event = model.apply(one);
        if (event === null) test = restored(JSON.stringify(test.metrics.saveState(0)));
        else test.metrics.fold.fold(record(event));
      }
      assert.ok(test.metrics.ledger.openSeriesCount <= OPTIONS.maxSeries);
      assert.equal(total(test, "prodigy_mapreduce_items_total"), model.completed);
      assert.equal(total(test, "prodigy_claude_tool_invocations_total"), model.tools);
      assert.equal(total(test, "prodigy_workflow_executions_total"), model.runsEnded);
      assert.equal(total(test, "prodigy_mapreduce_jobs_active"), model.running);
      assert.equal(total(test, "prodigy_mapreduce_agents_active"), model.agentsRunning);
      assert.equal(total(test, "prodigy_workflow_active"), model.runs.size);
    }),
    { numRuns: 40 },
  );
});
