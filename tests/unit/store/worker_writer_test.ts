import assert from "node:assert/strict";
import { Answering } from "../../../lib/runtime/answering.ts";
import type { FaultReport } from "../../../lib/store/fault.ts";
import type { PackedEvents } from "../../../lib/store/packed_events.ts";
import type { StoredEvent } from "../../../lib/store/stored_event.ts";
import { WorkerWriter } from "../../../lib/store/worker_writer.ts";
import { packed, stored } from "./support.ts";
import { agentStarted } from "../../support/event_records.ts";

const OPTIONS = {
  url: "postgresql://localhost/x",
  passwordFile: null,
  caFile: null,
  instance: "here",
  retentionSeconds: null,
  keepPayload: false,
  answering: new Answering().cell,
};

interface Rig {
  readonly writer: WorkerWriter;
  /** What was told, in order. */
  readonly told: unknown[];
}

/** @param onWrite What the worker's thread does with a batch; `message` is what it was sent. */
function createRig(onWrite: string): Rig {
  const code = `onmessage = ({ data: message }) => {
    if (message.kind === "close") postMessage({ kind: "closed" });
    if (message.kind === "write") { ${onWrite} }
  }`;
  const told: unknown[] = [];
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
  const writer = new WorkerWriter(worker, OPTIONS, {
    onWritten: (rows, seconds) => void told.push({ rows, seconds }),
    onFault: (fault: FaultReport) => void told.push(fault),
    onSetAside: (event: StoredEvent, fault) => void told.push({ id: event.id, fault }),
    onMigrated: (result) => void told.push(result),
    onPartitionsDropped: (partitions) => void told.push(partitions),
    onProblem: (problem) => void told.push(problem),
  });
  return { writer, told };
}

/** Given away with each write, so made for each. */
function batch(): PackedEvents {
  return packed(stored(agentStarted("j", "a")).record);
}

Deno.test("WorkerWriter gives batches to its worker and settles them as told", async () => {
  const { writer } = createRig(
    `postMessage({ kind: "settled", number: message.number, isWritten: message.batch.extras[0].record.event.jobId === "j" })`,
  );
  assert.deepEqual(await Promise.all([writer.write(batch()), writer.write(batch())]), [true, true]);
  await writer.close();
});

Deno.test("WorkerWriter tells what the worker tells", async () => {
  const { writer, told } = createRig(`
    postMessage({ kind: "happened", event: "onFault", args: [{ kind: "server", code: "53300", message: "m" }] });
    postMessage({ kind: "happened", event: "onWritten", args: [{ events: 3 }, 0.5] });
    postMessage({ kind: "happened", event: "onPartitionsDropped", args: [["p"]] });
    postMessage({ kind: "settled", number: message.number, isWritten: true })`);
  await writer.write(batch());
  assert.deepEqual(told, [{ kind: "server", code: "53300", message: "m" }, { rows: { events: 3 }, seconds: 0.5 }, [
    "p",
  ]]);
  await writer.close();
});

for (
  const [name, code] of [
    ["throws", `throw new TypeError("oops")`],
    ["rejects", `Promise.reject(new TypeError("oops"))`],
    ["tells of a defect", `postMessage({ kind: "defect", problem: "oops" })`],
  ] as const
) {
  Deno.test(`a worker that ${name} ends writing, not the program`, async () => {
    const { writer } = createRig(code);
    await assert.rejects(writer.write(batch()), /oops/);
    await assert.rejects(writer.write(batch()), /oops/);
    await writer.close();
  });
}

Deno.test("WorkerWriter.close() gives up what the worker never settled", async () => {
  const { writer } = createRig("");
  const writing = writer.write(batch());
  await writer.close();
  assert.equal(await writing, false);
  assert.equal(await writer.write(batch()), false);
});
