import { Answering } from "../runtime/answering.ts";
import { BatchWriter } from "./batch_writer.ts";
import { PostgresStore } from "./postgres_store.ts";
import type { FromWorker, Port, StoreWorkerEvents, StoreWorkerOptions, ToWorker } from "./worker_messages.ts";

/** Writes to the database what a `WorkerWriter` sends. */
export function serveStore(port: Port): void {
  const tell = (message: FromWorker): void => port.postMessage(message);
  let writer: BatchWriter | null = null;
  port.onmessage = ({ data }) => {
    // Of this program, and of the same version.
    const message = data as ToWorker;
    switch (message.kind) {
      case "open":
        writer = openWriter(message.options, tell);
        break;
      case "write":
        void writer?.write(message.batch).then(
          (isWritten) => tell({ kind: "settled", number: message.number, isWritten }),
          (error) =>
            tell({ kind: "defect", problem: error instanceof Error ? error.stack ?? error.message : `${error}` }),
        );
        break;
      case "close":
        void writer?.close().finally(() => tell({ kind: "closed" }));
        break;
    }
  };
}

function openWriter(
  { keepPayload, answering, ...options }: StoreWorkerOptions,
  tell: (message: FromWorker) => void,
): BatchWriter {
  const teller = (event: keyof StoreWorkerEvents) => (...args: readonly unknown[]): void =>
    tell({ kind: "happened", event, args });
  const events: StoreWorkerEvents = {
    onWritten: teller("onWritten"),
    onFault: teller("onFault"),
    onSetAside: teller("onSetAside"),
    onMigrated: teller("onMigrated"),
    onPartitionsDropped: teller("onPartitionsDropped"),
    onProblem: teller("onProblem"),
  };
  const others = new Answering(answering);
  const giveWay = (): void => others.giveWay();
  const store = new PostgresStore(options, { events, now: Date.now, giveWay });
  return new BatchWriter({ store, events, keepPayload, random: Math.random, giveWay });
}
