import { Answering, type AnsweringCell } from "../../../lib/runtime/answering.ts";

/** Sent "waits" before it gives way and "goes on" after. */
interface Work {
  readonly cell: AnsweringCell;
  readonly waitMs: number;
}

self.addEventListener("message", (event) => {
  const { cell, waitMs } = (event as MessageEvent<Work>).data;
  const port = self as unknown as Worker;
  port.postMessage("waits");
  new Answering(cell, waitMs).giveWay();
  port.postMessage("goes on");
});
