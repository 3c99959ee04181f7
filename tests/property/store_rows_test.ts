import assert from "node:assert/strict";
import fc from "fast-check";
import { foldRows } from "../../lib/store/fold_rows.ts";
import { Rows } from "../../lib/store/rows.ts";
import { placeSteps, type StepNews, type StepRow } from "../../lib/store/step_rows.ts";
import { type StoredEvent, storeEvent } from "../../lib/store/stored_event.ts";
import type { Event } from "../../lib/event/event.ts";
import { EventQueue } from "../../lib/store/event_queue.ts";
import { unpackEvents } from "../../lib/store/packed_events.ts";
import { redactSecrets } from "../../lib/store/redact.ts";
import { arrayLiteral } from "../../lib/store/table_sql.ts";
import { agentCompleted, agentFailed, agentStarted, jobStarted, record } from "../support/event_records.ts";

const START_MS = Date.UTC(2026, 10, 24, 9);

const agent = fc.constantFrom("a", "b");
const status = fc.constantFrom("success" as const, "failed" as const);
const event: fc.Arbitrary<Event> = fc.oneof(
  agent.map((agentId) => agentStarted("j", agentId)),
  fc.tuple(agent, fc.nat(100)).map(([agentId, seconds]) => agentCompleted("j", agentId, seconds)),
  agent.map((agentId) => agentFailed("j", agentId)),
  fc.tuple(agent, fc.nat(5)).map(([agentId, attempt]): Event => ({
    type: "agent_retrying",
    jobId: "j",
    agentId,
    attempt,
  })),
  fc.constant(jobStarted("j", 3)),
  fc.constant<Event>({ type: "job_paused", jobId: "j" }),
  fc.constant<Event>({ type: "job_failed", jobId: "j", durationSeconds: null }),
  fc.constant<Event>({ type: "dlq_item_added", jobId: "j", itemId: "i" }),
  fc.constant<Event>({ type: "dlq_item_removed", jobId: "j", itemId: "i" }),
  fc.constant<Event>({ type: "workflow_started", workflowId: "w", workflowName: "n", totalSteps: 2 }),
  fc.tuple(status, fc.nat(100)).map(([status, durationSeconds]): Event => ({
    type: "workflow_completed",
    workflowId: "w",
    workflowName: "n",
    status,
    durationSeconds,
    totalSteps: 2,
    failedSteps: null,
  })),
  // Several executions of one step, whose ends tell how long they took, or not.
  fc.constant<Event>({ type: "step_started", workflowId: "w", stepIndex: 0, stepType: "shell" }),
  fc.tuple(status, fc.option(fc.nat(10)), fc.boolean()).map(([status, durationSeconds, onFailureRecovered]): Event => ({
    type: "step_completed",
    workflowId: "w",
    workflowName: "n",
    stepIndex: 0,
    stepType: "shell",
    status,
    durationSeconds,
    onFailureRecovered,
    validation: null,
  })),
);

/** Events at different seconds: what two events of one thing at one moment mean is for nobody to say. */
const events: fc.Arbitrary<readonly StoredEvent[]> = fc.array(event, { maxLength: 25 }).map((all) =>
  all.map((one, second) =>
    storeEvent({
      record: record(one, {
        id: `e${second}`,
        runId: "session-1",
        timestamp: new Date(START_MS + second * 1000).toISOString(),
      }),
      json: null,
      madeId: null,
      receivedAtMs: START_MS,
      usage: null,
    }, false)
  )
);

function snapshot(batches: readonly (readonly StoredEvent[])[]): unknown {
  const rows = new Rows("here");
  for (const batch of batches) foldRows(batch, rows);
  const sorted = (map: ReadonlyMap<string, unknown>): unknown => [...map].sort(([a], [b]) => a < b ? -1 : 1);
  return structuredClone([rows.workflows, rows.jobs, rows.agents, rows.dlq, rows.steps].map(sorted));
}

Deno.test("rows do not depend on the order in which events arrive, nor on hearing some twice", () => {
  const shuffled = events.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length }), fc.subarray([...all]))
  );
  fc.assert(fc.property(shuffled, ([all, other, again]) => {
    const oneByOne = [...other, ...again].map((one) => [one]);
    assert.deepEqual(snapshot(oneByOne), snapshot([all]));
  }));
});

Deno.test("executions of a step do not depend on the order in which they are told, also when clocks are coarse", () => {
  const told = fc.oneof(
    fc.record({ atMs: fc.nat(400), end: fc.constant(null) }),
    fc.record({
      atMs: fc.nat(400),
      end: fc.record({ status, durationMs: fc.option(fc.nat(200)), isRecovered: fc.boolean() }),
    }),
  ).map(({ atMs, end }): StepNews => ({
    atMicros: atMs * 1000,
    stepType: "shell",
    command: null,
    end: end === null ? null : { ...end, errorMessage: null },
  }));
  const place = { workflowId: "w", workflowExecutionId: "run", stepIndex: 0, instance: "here" };
  const histories = fc.array(told, { maxLength: 12 }).chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.subarray(all))
  );
  fc.assert(fc.property(histories, ([all, other, again]) => {
    const atOnce = placeSteps([], all, place);
    let rows: readonly StepRow[] = [];
    for (const one of [...other, ...again]) {
      const next = placeSteps(rows, [one], place);
      assert.ok(next.length >= rows.length, "a row went");
      rows = next;
    }
    assert.deepEqual(rows, atOnce);
  }));
});

interface Execution {
  readonly gapMs: number;
  readonly lastsMs: number;
  readonly isKilled: boolean;
}

Deno.test("a step that runs again and again has its ends with its starts, however its durations are rounded", () => {
  const execution: fc.Arbitrary<Execution> = fc.record({
    gapMs: fc.integer({ min: 1, max: 100 }),
    lastsMs: fc.integer({ min: 1, max: 5_000 }),
    isKilled: fc.boolean(),
  });
  const rounding = fc.constantFrom<(ms: number) => number | null>(
    (ms) => ms,
    (ms) => ms - ms % 1000,
    () => 0,
    () => null,
  );
  const place = { workflowId: "w", workflowExecutionId: "run", stepIndex: 0, instance: "here" };
  fc.assert(fc.property(fc.array(execution, { maxLength: 10 }), rounding, (executions, round) => {
    let nowMs = 0;
    // With exact durations only, a killed one can be told from those that follow it.
    const mayKill = round(1234) === 1234;
    const expected = executions.map(({ gapMs, lastsMs, isKilled }) => {
      const startMs = nowMs += gapMs;
      const endMs = nowMs += lastsMs;
      return { startMs, endMs: mayKill && isKilled ? null : endMs, lastsMs };
    });
    const news = expected.flatMap(({ startMs, endMs, lastsMs }): readonly StepNews[] => {
      const told = { stepType: "shell", command: null };
      const end = { status: "success", durationMs: round(lastsMs), isRecovered: false, errorMessage: null };
      return [
        { ...told, atMicros: startMs * 1000, end: null },
        ...endMs === null ? [] : [{ ...told, atMicros: endMs * 1000, end }],
      ];
    });
    assert.deepEqual(
      placeSteps([], news.toReversed(), place).map((row) => [row.startedMicros, row.completedMicros]),
      expected.map(({ startMs, endMs }) => [startMs * 1000, endMs === null ? null : endMs * 1000]),
    );
  }));
});

Deno.test("EventQueue holds exactly the newest that fit, whatever is taken in between", () => {
  const command = fc.oneof(
    fc.record({ put: fc.string({ minLength: 1, maxLength: 20, unit: "binary" }) }),
    fc.record({ take: fc.integer({ min: 1, max: 5 }) }),
    fc.constant({ settle: true }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const capacity = 8;
      const queue = new EventQueue(capacity);
      const waiting: { id: string; jobId: string }[] = [];
      const taken: ReturnType<EventQueue["take"]>[] = [];
      let count = 0;
      for (const one of commands) {
        if ("put" in one) {
          const id = `${++count}`;
          const inFlight = taken.reduce((sum, { events }) => sum + events.count, 0);
          const isFull = waiting.length + inFlight >= capacity;
          const event = { record: record(jobStarted("j"), { id }), madeId: null, receivedAtMs: 0, usage: null };
          const line = new TextEncoder().encode(JSON.stringify({ id, event_type: "job_paused", job_id: one.put }));
          assert.equal(queue.put(event, line).isOldestDropped, isFull && waiting.length > 0);
          if (isFull) waiting.shift();
          waiting.push({ id, jobId: one.put });
        } else if ("take" in one) {
          const batch = queue.take(one.take);
          assert.deepEqual(
            Array.from(unpackEvents(batch.events), ({ record: { id, event } }) => ({
              id,
              jobId: "jobId" in event && event.jobId,
            })),
            waiting.splice(0, one.take),
          );
          if (batch.events.count > 0) taken.push(batch);
        } else {
          const batch = taken.pop();
          if (batch !== undefined) queue.settle(batch);
        }
        assert.equal(queue.waiting, waiting.length);
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("arrayLiteral() can be read back", () => {
  fc.assert(fc.property(fc.array(fc.option(fc.string({ unit: "binary" }))), (values) => {
    assert.deepEqual(readArray(arrayLiteral(values)), values);
  }));
});

/** PostgreSQL's rules for one dimension. */
function readArray(literal: string): readonly (string | null)[] {
  const elements = literal.slice(1, -1).matchAll(/(?:^|,)(?:"((?:[^"\\]|\\[^])*)"|([^",]+))/g);
  return Array.from(
    elements,
    ([, quoted, bare]) => quoted === undefined ? bare === "NULL" ? null : bare ?? "" : quoted.replace(/\\([^])/g, "$1"),
  );
}

Deno.test("redactSecrets() hides a secret wherever it stands", () => {
  const word = fc.stringMatching(/^[a-z ]{0,20}$/);
  const secret = fc.stringMatching(/^[A-Za-z0-9]{24}$/);
  const form = fc.constantFrom("--token=", "PASSWORD=", "api_key: ", "Authorization: Bearer ", "ghp_", "sk-");
  fc.assert(fc.property(word, form, secret, word, (before, how, value, after) => {
    assert.ok(!redactSecrets(`${before} ${how}${value} ${after}`).includes(value));
  }));
});
