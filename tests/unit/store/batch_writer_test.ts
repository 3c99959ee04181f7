import assert from "node:assert/strict";
import { BatchWriter } from "../../../lib/store/batch_writer.ts";
import { StoreFault } from "../../../lib/store/fault.ts";
import type { PackedEvents } from "../../../lib/store/packed_events.ts";
import { until } from "../../support/deadline.ts";
import { agentStarted, record } from "../../support/event_records.ts";
import { packed } from "./support.ts";

const TRANSIENT = new StoreFault("server", "53300", "no connection left");

function batchOf(id: string): PackedEvents {
  return packed(record(agentStarted("j", "a"), { id }));
}

interface Rig {
  readonly writer: BatchWriter;
  /** Every try, in order. */
  readonly tries: string[];
  /** How the next tries fail; after them all goes well. */
  readonly plan: Error[];
}

function createRig(): Rig {
  const tries: string[] = [];
  const plan: Error[] = [];
  const writer = new BatchWriter({
    store: {
      prepare: (events) => ({ events, inserts: [] }),
      write: ({ events }) => {
        tries.push(events.map((event) => event.record.id).join(""));
        const failure = plan.shift();
        return failure === undefined ? Promise.resolve({ events: events.length }) : Promise.reject(failure);
      },
      close: () => Promise.resolve(),
    },
    events: { onWritten: () => {}, onFault: () => {}, onSetAside: () => {} },
    keepPayload: false,
    random: () => 0,
  });
  return { writer, tries, plan };
}

Deno.test("BatchWriter writes no batch before the one before it is in, however often that is tried", async () => {
  const { writer, tries, plan } = createRig();
  plan.push(TRANSIENT, TRANSIENT);
  const written = await Promise.all([writer.write(batchOf("a")), writer.write(batchOf("b"))]);
  assert.deepEqual(written, [true, true]);
  assert.deepEqual(tries, ["a", "a", "a", "b"]);
});

Deno.test("BatchWriter.close() gives up what is not written, also what waits for another", async () => {
  const { writer, tries, plan } = createRig();
  plan.push(...Array.from({ length: 1_000 }, () => TRANSIENT));
  const writing = [writer.write(batchOf("a")), writer.write(batchOf("b"))];
  await until("it is tried", () => tries.length > 0);
  await writer.close();
  assert.deepEqual(await Promise.all(writing), [false, false]);
  assert.ok(!tries.includes("b"));
});

Deno.test("BatchWriter tells a defect to whoever gave the batch, and writes the next", async () => {
  const { writer, plan } = createRig();
  plan.push(new TypeError("oops"));
  const first = writer.write(batchOf("a"));
  const second = writer.write(batchOf("b"));
  await assert.rejects(first, /oops/);
  assert.equal(await second, true);
});
