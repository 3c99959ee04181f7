import assert from "node:assert/strict";
import { BatchWriter } from "../../../lib/store/batch_writer.ts";
import type { EventStore } from "../../../lib/store/event_store.ts";
import { StoreFault } from "../../../lib/store/fault.ts";
import { type Recorder, type RecorderOptions, startRecorder } from "../../../lib/store/recorder.ts";
import type { PreparedEvents } from "../../../lib/store/write_events.ts";
import type { StoredEvent } from "../../../lib/store/stored_event.ts";
import { until } from "../../support/deadline.ts";
import { agentStarted, record } from "../../support/event_records.ts";

const TRANSIENT = new StoreFault("server", "53300", "no connection left");
const REFUSED = new StoreFault("data", "22003", "a row was refused");

/** A store that takes everything, or does what a test tells it to. */
class TestStore implements EventStore {
  readonly batches: (readonly string[])[] = [];
  closed = 0;
  /** What to do with the next batches; `null`: take it. */
  readonly plan: (StoreFault | Promise<void> | null)[] = [];
  poison: string | null = null;

  prepare(events: readonly StoredEvent[]): PreparedEvents {
    return { events, inserts: [] };
  }
  async write({ events }: PreparedEvents): Promise<{ readonly events: number }> {
    const next = this.plan.shift() ?? null;
    if (next instanceof StoreFault) throw next;
    if (next !== null) await next;
    const ids = events.map((event) => event.record.id ?? event.id);
    if (this.poison !== null && ids.includes(this.poison)) throw REFUSED;
    this.batches.push(ids);
    return { events: events.length };
  }
  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

interface Rig {
  readonly recorder: Recorder;
  readonly store: TestStore;
  /** What was told, in order. */
  readonly told: string[];
  offer(...ids: readonly (string | null)[]): void;
}

async function withRecorder(options: Partial<RecorderOptions>, test: (rig: Rig) => Promise<void>): Promise<void> {
  const store = new TestStore();
  const told: string[] = [];
  const recorder = startRecorder(
    { batchSize: 3, flushIntervalMs: 600_000, instance: "here", ...options },
    {
      openWriter: (events) => new BatchWriter({ store, events, keepPayload: false, random: () => 0 }),
      now: Date.now,
      events: {
        onWritten: () => {},
        onFault: (fault, isNew) => void told.push(`fault ${fault.code}${isNew ? " new" : ""}`),
        onRecovered: () => void told.push("recovered"),
        onDropped: () => {},
        onDropWarning: (count) => void told.push(`dropped ${count}`),
        onTextLost: () => void told.push("text lost"),
        onSetAside: (event, fault) => void told.push(`set aside ${event.record.id} ${fault.code}`),
        onLeft: (count) => void told.push(`left ${count}`),
        onDefect: (error) => void told.push(`defect ${error}`),
      },
    },
  );
  const offer = (...ids: readonly (string | null)[]): void => {
    for (const id of ids) recorder.offer(record(agentStarted("j", "a"), { id }), null, null);
  };
  try {
    await test({ recorder, store, told, offer });
  } finally {
    await recorder.drain(0);
  }
}

Deno.test("startRecorder() writes when a batch is full", async () => {
  await withRecorder({}, async ({ recorder, store, offer }) => {
    offer("a", "b");
    assert.equal(recorder.queued, 2);
    offer("c");
    await until("all is written", () => recorder.queued === 0);
    assert.deepEqual(store.batches, [["a", "b", "c"]]);
  });
});

Deno.test("startRecorder() writes after the interval though the batch is not full", async () => {
  await withRecorder({ flushIntervalMs: 5 }, async ({ recorder, store, offer }) => {
    offer("a");
    await until("all is written", () => recorder.queued === 0);
    assert.deepEqual(store.batches, [["a"]]);
  });
});

Deno.test("startRecorder() takes all that waits, in pieces", async () => {
  await withRecorder({}, async ({ recorder, store, offer }) => {
    offer(...Array.from({ length: 2200 }, (_, i) => `${i}`));
    assert.equal(await recorder.stored(2200, 5_000), true);
    assert.deepEqual(store.batches.map((batch) => batch.length).toSorted((a, b) => b - a), [2000, 200]);
  });
});

Deno.test("startRecorder() tries again what the server could not take, and tells once", async () => {
  await withRecorder({}, async ({ recorder, store, told, offer }) => {
    store.plan.push(TRANSIENT, TRANSIENT, null);
    offer("a", "b", "c");
    await recorder.stored(3, 5_000);
    assert.deepEqual(store.batches, [["a", "b", "c"]]);
    assert.deepEqual(told, ["fault 53300 new", "fault 53300", "recovered"]);
    assert.equal(recorder.problem, null);
  });
});

Deno.test("startRecorder() has a problem as long as the database does", async () => {
  await withRecorder({}, async ({ recorder, store, offer }) => {
    store.plan.push(...Array.from({ length: 100_000 }, () => TRANSIENT));
    offer("a", "b", "c");
    assert.equal(await until("there is a problem", () => recorder.problem), "no connection left");
    assert.equal(recorder.queued, 3);
  });
});

Deno.test("startRecorder() isolates the event that is refused, and writes the rest", async () => {
  await withRecorder({}, async ({ recorder, store, told, offer }) => {
    store.poison = "e";
    offer(..."abcdefgh");
    await recorder.stored(8, 5_000);
    assert.deepEqual(store.batches.flat().toSorted(), [..."abcdfgh"]);
    assert.deepEqual(told, ["set aside e 22003"]);
    assert.equal(recorder.queued, 0);
  });
});

Deno.test("startRecorder() drops the oldest beyond 10,000, counts all and warns once a minute", async () => {
  await withRecorder({}, async ({ recorder, store, told, offer }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    store.plan.push(promise);
    offer("x", "x", "x");
    // The first batch is on its way.
    await until("it is taken", () => store.plan.length === 0);
    offer(...Array.from({ length: 12_000 }, (_, i) => `${i}`));
    assert.equal(recorder.queued, 10_000);
    assert.deepEqual(told, ["dropped 1"]);
    resolve();
    assert.equal(await recorder.stored(recorder.offered, 5_000), true);
    const written = new Set(store.batches.flat());
    assert.deepEqual(["x", "2002", "2003", "11999"].map((id) => written.has(id)), [true, false, true, true]);
    assert.equal(store.batches.flat().length, 10_000);
    await recorder.drain(5_000);
    assert.deepEqual(told, ["dropped 1", "dropped 2002"], "what was not told yet, at the latest at the end");
  });
});

Deno.test("Recorder.stored() does not wait longer than it should", async () => {
  await withRecorder({}, async ({ recorder, store, offer }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    store.plan.push(promise);
    offer("a");
    assert.equal(await recorder.stored(1, 10), false);
    resolve();
    assert.equal(await recorder.stored(1, 5_000), true);
  });
});

Deno.test("Recorder.drain() writes what waits, and closes", async () => {
  await withRecorder({}, async ({ recorder, store, told, offer }) => {
    offer("a", "b");
    await recorder.drain(5_000);
    assert.deepEqual(store.batches, [["a", "b"]]);
    assert.deepEqual(told, []);
    assert.ok(store.closed > 0);
  });
});

Deno.test("Recorder.drain() ends in time while the database is away, and tells what is left", async () => {
  await withRecorder({}, async ({ recorder, store, told, offer }) => {
    store.plan.push(...Array.from({ length: 100_000 }, () => TRANSIENT));
    offer("a", "b", "c", "d");
    const waiting = assert.rejects(recorder.stored(4, 5_000), /ended/);
    await recorder.drain(30);
    await waiting;
    assert.equal(told.at(-1), "left 4");
  });
});

Deno.test("a defect ends recording, not the program", async () => {
  await withRecorder({}, async ({ recorder, store, told, offer }) => {
    store.write = () => Promise.reject(new TypeError("oops"));
    offer("a", "b", "c");
    assert.match(await until("there is a problem", () => recorder.problem), /defect/);
    assert.deepEqual(told, ["defect TypeError: oops"]);
    offer("d");
  });
});

Deno.test("after a defect nothing is tried any more, and the problem stays the defect", async () => {
  await withRecorder({}, async ({ recorder, store, told, offer }) => {
    const write = store.write.bind(store);
    store.write = (batch) => batch.events[0]?.record.id === "a" ? Promise.reject(new TypeError("oops")) : write(batch);
    store.plan.push(...Array.from({ length: 100_000 }, () => TRANSIENT));
    offer("a", "b", "c", "d", "e", "f");
    await until("there is a defect", () => told.some((one) => one.startsWith("defect")));
    await until("the writer is closed", () => store.closed > 0);
    assert.match(recorder.problem ?? "", /defect/);
    assert.deepEqual(told.filter((one) => one.startsWith("fault")), []);
  });
});

Deno.test("Recorder gives equal events without an id different ids, and the same again after a restart", async () => {
  await withRecorder({ batchSize: 1 }, async (first) => {
    first.offer(null, null);
    await first.recorder.stored(2, 5_000);
    const ids = first.store.batches.flat();
    assert.equal(new Set(ids).size, 2);
    const saved: unknown = JSON.parse(JSON.stringify(first.recorder.saveState()));
    first.offer(null);
    await first.recorder.stored(3, 5_000);
    await withRecorder({ batchSize: 1 }, async (second) => {
      second.recorder.loadState(saved);
      second.offer(null);
      await second.recorder.stored(1, 5_000);
      assert.deepEqual(second.store.batches.flat(), first.store.batches.flat().slice(2));
    });
  });
});
